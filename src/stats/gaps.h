// Whether a gap between completions is unusual, given the distribution of the others.
#pragma once

#include <optional>
#include <vector>

#include "poolgauge/in_flight.h"

namespace poolgauge {

/// How long the gaps between completions usually are. Of one with fewer requests in flight than is
/// usual only the corresponding part counts: fewer complete less often.
class UsualGaps {
 public:
  /// `latency`: of what was completed in the window the gaps are of. Both outlive this.
  UsualGaps(const CompletionGaps& gaps, const Histogram& latency);

  /// Whether chance does not explain this gap, which is one of them: as long a one among so many
  /// completions is expected less than 1e-3 times by the lengths of the other gaps or (where five
  /// requests or more were under way) by the latencies, and not more often by requests that took as
  /// long, each by itself. Also where there are too few to say, if it is five times as long as any
  /// completed request took.
  bool extraordinary(const CompletionGap& gap) const;

  /// By the lengths of all others: the logarithm is taken for normal beyond those that were seen,
  /// by the slope between two high quantiles. That is heavier than what independent requests of any
  /// usual distribution make. Nothing where there are too few to say.
  std::optional<double> by_chance(const CompletionGap& gap) const;

  /// Its length, in the measure above.
  Duration effective(const CompletionGap& gap) const;

 private:
  double by_threshold(const CompletionGap& gap) const;
  double by_latencies(const CompletionGap& gap) const;
  double by_slow_requests(const CompletionGap& gap) const;

  const Histogram& latency_;
  double least_s_ = 0;
  double usual_in_flight_ = 0;
  std::vector<double> longest_s_;  // effective, longest first
};

}  // namespace poolgauge
