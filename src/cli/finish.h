// The end of a measuring command: report files, summary, exit status.
#pragma once

#include <ctime>

#include "cli/options.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

/// Keeps the report, writes what --json and the like ask for, prints the summary and returns the
/// verdict's exit status, or that of a failed write.
int finish(const Report& measured, const OutputOptions& output, std::time_t started);

}  // namespace poolgauge::cli
