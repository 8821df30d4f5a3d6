// Queues in formulas: Erlang's, closed networks, and how often a pool opens connections.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace poolgauge::math {

/// The share of requests that find all `servers` busy where nobody waits. `erlangs`: rate x hold.
/// Holds for any distribution of the hold.
double erlang_b(std::uint64_t servers, double erlangs);
/// The share that has to wait where everybody waits (M/M/c); 1 where erlangs >= servers.
double erlang_c(std::uint64_t servers, double erlangs);

/// M/M/c: Poisson arrivals, exponential service, first come first served, no timeout.
struct OpenQueue {
  double rate_per_s = 0;
  double service_s = 0;
  std::uint64_t servers = 1;

  double erlangs() const { return rate_per_s * service_s; }
  double utilization() const { return erlangs() / static_cast<double>(servers); }
  bool stable() const { return utilization() < 1; }
  double wait_probability() const { return erlang_c(servers, erlangs()); }
  /// Infinite where the queue is not stable, as are the quantiles.
  double mean_wait_s() const;
  /// The wait that the share `p` of all requests stays within; 0 where they do not wait.
  double wait_quantile_s(double p) const;
};

/// The fewest servers with which at most `wait_probability` of the requests wait; nothing when
/// more than `most` would be needed.
std::optional<std::uint64_t> servers_for(double erlangs, double wait_probability,
                                         std::uint64_t most = 100'000);

/// Square-root staffing: the servers for `erlangs` with a safety of `beta` standard deviations,
/// ceil(a + beta x sqrt(a)), at least one. Erlang C says what share waits then.
std::uint64_t square_root_staffing(double erlangs, double beta);

// Closed queueing networks by mean value analysis, and operational bounds.

struct NetworkFigures {
  double throughput_per_s = 0;
  double response_s = 0;  ///< without the think time
};

/// Exact mean value analysis: one class of `clients`, queueing stations with these demands.
NetworkFigures mean_value_analysis(std::span<const double> demands_s, double think_s,
                                   std::uint64_t clients);

/// Operational bounds; they hold for any distribution.
struct NetworkBounds {
  double throughput_at_most = 0;
  double response_at_least = 0;
  double knee_clients = 0;  ///< where the two bounds on throughput meet
};
NetworkBounds operational_bounds(std::span<const double> demands_s, double think_s,
                                 std::uint64_t clients);

// How often a pool with overflow opens connections: this and the total decide pool_size.

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
