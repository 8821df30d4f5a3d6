// From two sets of reports to one report with the gate's answer; shared by gate and compare.
#pragma once

#include <string>
#include <vector>

#include "advise/gate.h"
#include "advise/goals.h"
#include "cli/options.h"
#include "cli/report_set.h"
#include "cli/show.h"

namespace poolgauge::cli {

/// --metric, or the usual figures for such a report; other figures are only shown.
Result<std::vector<GateRule>> rules_of(const JudgeOptions& options, const Report& sample);

/// What differs between the sides is ...
enum class Differing {
  judged,    ///< refused, a doubt or noted, each by its kind
  intended,  ///< what is compared: both sides were made for it, on one machine
  shown      ///< noted: compare only shows them
};

struct Sides {
  std::vector<SavedReport> baseline, candidate;
  std::string baseline_name, candidate_name;  ///< empty: by label, commit or file
  bool paired = false;
  Differing differing = Differing::judged;
  std::vector<std::string> allowed;  ///< fields whose difference is intended
  double alpha = 0.05;
};

/// The middle one of the candidate's reports with the gate's answer, its goals judged over all of
/// them, and the exit status in its verdict. Without a baseline the goals alone decide.
Report judged(const Sides& sides, const std::vector<GateRule>& rules,
              const std::vector<Goal>& more_goals, const JudgeOptions& options);

/// Prints the answer and writes the requested files; returns the verdict's exit status, or that of
/// a failed write.
int show_judged(const Report& report, const OutputOptions& output, const std::string& more);
/// The same with another answer than the report's own.
int show_judged(const Report& report, const OutputOptions& output, const Rendering& text);

}  // namespace poolgauge::cli
