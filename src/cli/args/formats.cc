// The table of formats.
#include "cli/args/formats.h"

#include <algorithm>
#include <array>

#include "cli/shell/destination.h"

namespace poolgauge::cli {

namespace {

constexpr auto kFormats = std::to_array<ReportFormat>({
    {"json", "also write the report as JSON; - is standard output", &OutputOptions::json, to_json},
    {"markdown", "also write it as Markdown, for a pull request or a job summary",
     &OutputOptions::markdown, to_markdown},
    {"html", "also write it as a self-contained HTML page", &OutputOptions::html, to_html},
    {"junit", "also write JUnit XML with a test case for each goal (and, in gate, for each metric)",
     &OutputOptions::junit, to_junit},
    {"prometheus", "also write it in the Prometheus text format", &OutputOptions::prometheus,
     to_prometheus},
    {"github-benchmark", "also write JSON for github-action-benchmark",
     &OutputOptions::github_benchmark, to_github_benchmark},
    {"csv", "also write the timeline as CSV, one line per second", &OutputOptions::csv, to_csv},
    {"hdr", "also write an HdrHistogram log, one line per metric and second", &OutputOptions::hdr,
     to_hdr_log},
    {"hgrm", "also write the latency percentile distribution in HdrHistogram's format",
     &OutputOptions::hgrm,
     [](const Report& report) { return to_hgrm(report, "latency").value_or(""); }},
    {"bencher", "also write JSON for Bencher", &OutputOptions::bencher, to_bencher},
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
