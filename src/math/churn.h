// How often a pool with overflow opens connections: this and the total decide pool_size.
#pragma once

#include <cstdint>

namespace poolgauge::math {

/// SQLAlchemy's rule: a checkout that finds no idle connection opens one while fewer than
/// pool_size + max_overflow are open; on return it is closed when pool_size idle ones are there and
/// nobody waits. Poisson arrivals, exponential hold, nobody gives up.
struct OverflowPool {
  double rate_per_s = 0;
  double hold_s = 0;
  std::uint64_t pool_size = 1;
  std::uint64_t max_overflow = 0;
};

/// Connections opened per second in the long run, exactly; 0 where the pool is never idle because
/// more arrives than it can serve.
double opens_per_s(const OverflowPool& pool);

/// The smallest pool_size of `total` connections with which at most `share` of the checkouts open
/// one.
std::uint64_t pool_size_for_churn(double rate_per_s, double hold_s, std::uint64_t total,
                                  double share);

}  // namespace poolgauge::math
