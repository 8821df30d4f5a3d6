// The table of formats.
#include "cli/formats.h"

#include <algorithm>
#include <array>

#include "cli/destination.h"

namespace poolgauge::cli {

namespace {

constexpr auto kFormats = std::to_array<ReportFormat>({
    {"json", "also write the report as JSON; - is standard output", &OutputOptions::json, to_json},
    {"markdown", "the same as Markdown, for a pull request or a job's summary",
     &OutputOptions::markdown, to_markdown},
    {"html", "as one HTML page that needs nothing else", &OutputOptions::html, to_html},
    {"junit", "as JUnit XML, a test case for each goal and each figure a gate judged",
     &OutputOptions::junit, to_junit},
    {"prometheus", "as Prometheus text", &OutputOptions::prometheus, to_prometheus},
    {"github-benchmark", "as JSON for github-action-benchmark", &OutputOptions::github_benchmark,
     to_github_benchmark},
    {"csv", "the timeline as CSV, a line for each second", &OutputOptions::csv, to_csv},
    {"hdr", "as an HdrHistogram log, a line for each metric and second", &OutputOptions::hdr,
     to_hdr_log},
    {"hgrm", "the latency's percentile distribution, as HdrHistogram prints it",
     &OutputOptions::hgrm,
     [](const Report& report) { return to_hgrm(report, "latency").value_or(""); }},
    {"bencher", "as JSON for Bencher", &OutputOptions::bencher, to_bencher},
});

}  // namespace

std::span<const ReportFormat> report_formats() {
  return kFormats;
}

bool OutputOptions::uses_stdout() const {
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [this](const ReportFormat& format) { return is_stdout(this->*format.path); });
}

}  // namespace poolgauge::cli
