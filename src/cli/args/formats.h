// The forms a report can be written in: one table behind the options, --format and the writing.
#pragma once

#include <span>
#include <string>

#include "cli/args/options.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

struct ReportFormat {
  const char* name;  ///< of --format; the option is "--" and this
  const char* help;
  std::string OutputOptions::*path;
  std::string (*render)(const Report&);
};

/// JSON first, then the others in the order of --help.
std::span<const ReportFormat> report_formats();

}  // namespace poolgauge::cli
