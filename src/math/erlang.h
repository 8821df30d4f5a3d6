// Erlang's formulas: waiting for a pool of c connections with random arrivals.
#pragma once

#include <cstdint>
#include <optional>

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

}  // namespace poolgauge::math
