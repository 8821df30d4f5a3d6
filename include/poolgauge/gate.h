// What a gate found: candidate runs compared with baseline runs, metric by metric. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace poolgauge {

enum class GateVerdict : std::uint8_t {
  pass,          ///< nothing got worse by more than its margin
  regression,    ///< something did
  inconclusive,  ///< too few or too noisy runs to tell, or another machine
  invalid        ///< the two sides cannot be compared
};

/// One figure of the runs of both sides. The unit of everything here is a run.
struct GateMetric {
  std::string metric;             ///< "throughput", "p95(latency)", "rate(error)", ...
  std::string unit;               ///< "s", "fraction" or "1/s"
  bool higher_is_better = false;  ///< throughput
  bool gated = false;             ///< decides; otherwise only shown
  /// Changes are differences in `unit` (rates), not fractions of the baseline.
  bool difference = false;
  std::vector<double> baseline_runs, candidate_runs;  ///< in pairs: both in the order of the pairs
  std::optional<double> baseline, candidate;          ///< medians over the runs
  /// candidate / baseline - 1 (or the difference), with its interval; below zero: became less.
  std::optional<double> change, low, high;
  double confidence = 0;  ///< of the interval
  double p = 1;           ///< one-sided: probability of a change at least this bad by chance
  std::string method;     ///< "signed ranks", "Mann-Whitney", "Student's t", "assumed noise"
  double margin = 0;      ///< how much worse it may become: a fraction, or in `unit`
  /// A change smaller than this (in `unit`) is never a regression; nullopt for rates.
  std::optional<double> floor;
  /// The smallest change these runs could have shown (power 80 %), in the unit of `margin`.
  std::optional<double> detectable;
  /// Pairs (or runs of each side) with which a change of `margin` would show and, where the figure
  /// is inconclusive, the observed change would be distinguished from it; nullopt if no larger
  /// number than the present one is enough.
  std::optional<std::uint64_t> runs_needed;
  GateVerdict verdict = GateVerdict::inconclusive;
  bool became_worse = false;  ///< of `change`
  std::string note;           ///< "slower, but within the margin", why it is not judged, ...
  /// Of some run of the side only a lower bound is known: requests were in flight.
  bool baseline_bounded = false, candidate_bounded = false;
};

/// Something the two sides do not have in common.
struct GateDifference {
  enum class Effect : std::uint8_t {
    intended,  ///< requested: it is what is compared
    noted,     ///< does not affect the verdict
    doubt,     ///< another machine or server: at best inconclusive
    refused    ///< something else was measured: no verdict
  };
  std::string field;  ///< "deployment.pool.pool_size", "machine.cores", "target.server_version"
  std::string baseline, candidate;
  Effect effect = Effect::noted;
};

/// One side of the comparison.
struct GateSide {
  std::string name;                  ///< for people: a commit, a label, a setting, or a file
  std::uint32_t runs = 0;            ///< that were used
  std::uint32_t unusable = 0;        ///< that were not
  std::vector<std::string> sources;  ///< files, or the start times of runs made for this
};

struct GateResult {
  GateVerdict verdict = GateVerdict::pass;
  int exit_code = 0;     ///< of the whole gate, goals, --strict and --advisory included
  std::string headline;  ///< one sentence: what changed, by how much, with which confidence
  std::vector<std::string> reasons;  ///< further sentences
  std::vector<std::string> look_at;  ///< other figures that changed, and where to look
  bool paired = false;
  std::uint32_t pairs = 0;  ///< used
  bool strict = false, advisory = false;
  GateSide baseline, candidate;
  std::vector<GateDifference> differences;
  std::vector<GateMetric> metrics;  ///< gated ones first
};

}  // namespace poolgauge
