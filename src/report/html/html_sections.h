// The parts of the HTML page, each as a section; empty where a report holds nothing for it.
#pragma once

#include <string>

#include "poolgauge/report.h"

namespace poolgauge {

std::string html_advice(const Report& report);
/// "What to set"; where nothing is recommended "What was found".
const char* html_advice_title(const Report& report);
/// Baseline and candidate, of a gate or a comparison.
std::string html_gate(const Report& report);
std::string html_breakdown(const Report& report);
std::string html_distribution(const Report& report);
std::string html_timeline(const Report& report);
/// Throughput and latency by size, of a sweep.
std::string html_curve(const Report& report);
/// Single requests, drawn as what they did one after the other.
std::string html_samples(const Report& report);
/// Empty where there is one kind only.
std::string kinds_html(const Report& report);
/// Steps, failures, pools, server and settings.
std::string html_details(const Report& report);

}  // namespace poolgauge
