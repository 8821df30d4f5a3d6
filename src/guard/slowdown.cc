// Little's law over a few looks.
#include "guard/guard.h"

namespace poolgauge::guard {

void OthersTime::add(const Traffic& seen) {
  if (!seen_.empty() && seen.all < seen_.back().all) seen_.clear();  // the statistics were reset
  seen_.push_back(seen);
  if (seen_.size() > kKept) seen_.erase(seen_.begin());
}

std::optional<double> OthersTime::mean_ms() const {
  constexpr std::size_t kLeastLooks = 3;
  constexpr double kLeastEnded = 5;
  constexpr double kLeastShare = 0.1;
  if (seen_.size() < kLeastLooks) return std::nullopt;
  const Traffic& first = seen_.front();
  const Traffic& last = seen_.back();
  const double ours = last.ours - first.ours;
  const double others = last.all - first.all - ours;
  const double length_s = last.at_s - first.at_s;
  if (others < kLeastEnded || others < kLeastShare * ours || length_s <= 0) return std::nullopt;
  double active = 0;
  for (const Traffic& seen : seen_) active += seen.others_active;
  active /= static_cast<double>(seen_.size());
  return active * length_s / others * 1000;
}

}  // namespace poolgauge::guard
