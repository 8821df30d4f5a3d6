// What --metric asks for, and the answer shown; shared by gate and compare.
#pragma once

#include <string>
#include <vector>

#include "cli/args/options.h"
#include "cli/commands/show.h"
#include "gate/judged.h"

namespace poolgauge::cli {

/// --metric, or the usual figures for such a report; what is not asked for is only shown.
Result<std::vector<GateRule>> rules_of(const JudgeOptions& options, const Report& sample);

/// A usage error for the first name in `allowed` (--allow) that is neither one of `fields` nor a
/// group of them, with the name that it may stand for.
Status check_allowed(const std::vector<std::string>& allowed,
                     const std::vector<std::string>& fields);
/// A usage error for an option that only a comparison uses, where there is nothing to compare with.
Status check_compares(const GateOptions& options);

/// Prints the answer and writes the requested files; returns the verdict's exit status, or that of
/// a failed write.
int show_judged(const Report& report, const OutputOptions& output, const std::string& more);
/// The same with another answer than the report's own.
int show_judged(const Report& report, const OutputOptions& output, const Rendering& text);

}  // namespace poolgauge::cli
