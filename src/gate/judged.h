// From two sets of reports to one report with the gate's answer; shared by gate and compare.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/gate.h"
#include "poolgauge/report.h"

namespace poolgauge {

/// A report, and what its file is called.
struct SavedReport {
  std::string file;
  Report report;
};

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

/// How strictly it is judged.
struct Strictness {
  std::optional<double> noise;  ///< run-to-run standard deviation to assume
  bool strict = false;          ///< what cannot be decided counts as worse
  bool advisory = false;        ///< nothing fails
};

/// The middle one of the candidate's reports with the gate's answer, its goals judged over all of
/// them, and the exit status in its verdict. Without a baseline the goals alone decide.
Report judged(const Sides& sides, const std::vector<GateRule>& rules,
              const std::vector<Goal>& more_goals, const Strictness& options);

}  // namespace poolgauge
