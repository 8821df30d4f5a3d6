// What a report keeps beside its summaries: whole histograms, and whether the window was steady.
#pragma once

#include "poolgauge/report.h"

namespace poolgauge {

/// Histograms and their slices, by metric; empty ones too.
void add_histograms(Report& report, const Scenario& scenario, const Measurement& measured);

/// Of the window's whole seconds: MSER-5 and halves that agree, on throughput and on latency. Known
/// from ten seconds on.
Steadiness steadiness_of(const Measurement& measured);

}  // namespace poolgauge
