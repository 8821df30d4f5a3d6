// What the runs of one pool size showed, and whether that is enough to call the size confirmed.
#pragma once

#include <cstdint>
#include <span>

#include "advise/search.h"

namespace poolgauge {

/// The usable runs of full length of one size, those of the search and those that confirm.
struct SizeEvidence {
  int runs = 0;
  int met = 0;         ///< of these, with all goals met
  int confirming = 0;  ///< fresh runs of exactly the recommended settings
  int in_a_row = 0;    ///< of these, with all goals met, counted back from the last
  /// Of the goal nearest to its limit, as logarithms: how far its mean is within the
  /// limit (negative: beyond it), and how much one run differs from the next.
  double headroom = 0;
  double spread = 0;
  std::size_t goal = 0;
  /// Whether 95 of 100 further runs would meet every goal, as far as these runs and the model tell.
  bool within = false;
  /// Whether the intervals of all confirming runs lie on the right side of the goals.
  bool clear = true;

  /// Headroom of less than one spread: every sixth run would miss or more.
  bool too_close() const { return runs > 0 && headroom < spread; }
};
SizeEvidence evidence_at(std::int64_t total, const SizeModel& model,
                         std::span<const SearchTrial> trials);

/// Enough runs in a row, all of which met the goals.
bool confirms(const SizeEvidence& seen, int needed);
/// A size that has been looked at and will not be recommended: a confirming run missed, or all
/// were met by less than runs differ, or further runs did not settle it.
bool rejects(const SizeEvidence& seen, int needed);

/// Lower bound of the run-to-run standard deviation, as a logarithm.
inline constexpr double kRunToRun = 0.02;
/// The quantile of the normal distribution that 95 of 100 runs do not exceed.
inline constexpr double kNinetyFive = 1.645;

}  // namespace poolgauge
