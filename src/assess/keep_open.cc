// The figures of a run put into what the kind of pool says itself.
#include "assess/keep_open.h"

#include <algorithm>
#include <cstdint>

#include "poolgauge/pool_traits.h"

namespace poolgauge {
namespace {

/// Connections of one process.
std::int64_t total_of(const Figures& f) {
  const std::int64_t all = f.capacity >= 0 ? f.capacity : static_cast<std::int64_t>(f.peak_open);
  const auto processes = static_cast<std::int64_t>(std::max(1U, f.processes));
  return std::max<std::int64_t>(1, (all + processes - 1) / processes);
}

}  // namespace

std::string keep_open_option(const Figures& f) {
  return keep_open_option(f.pool_kind, total_of(f));
}

std::string keep_open_cure(const Figures& f) {
  return keep_open_cure(PoolSpec{f.pool_kind, f.pool_options}, total_of(f));
}

}  // namespace poolgauge
