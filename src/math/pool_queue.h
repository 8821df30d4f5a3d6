// A pool as a queue with a timeout, solved exactly: requests take one of c connections, first come
// first served; with m of them checked out, requests complete at the rate Y(m); a request that
// waits for the timeout gives up. (The deterministic-patience case of Brandt and Brandt's
// M(n)/M(m)/s+GI.) Service is exponential as far as waiting is concerned; throughput does not
// depend on that.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "math/rate_curve.h"

namespace poolgauge::math {

struct PoolQueue {
  RateCurve completions;  ///< Y(m), m = 1..connections
  std::uint64_t connections = 1;
  std::optional<double> timeout_s;  ///< nullopt: waits forever
};

struct PoolFigures {
  double arrivals_per_s = 0;
  double throughput_per_s = 0;
  double timeout_probability = 0;  ///< of all requests
  double no_wait_probability = 0;  ///< of all requests
  double waiting_mean = 0;         ///< requests in the queue
  double busy_mean = 0;            ///< connections checked out
  /// The share of the served requests that waited no longer than t.
  std::function<double(double t_s)> served_within;

  /// Mean over all requests, those that gave up included (Little's law).
  double mean_wait_s() const { return waiting_mean / arrivals_per_s; }
  double wait_probability() const { return 1.0 - no_wait_probability; }
  /// Of the served requests.
  double wait_quantile_s(double p) const;
};

/// Poisson arrivals. Nothing where requests never give up and come faster than they are completed.
std::optional<PoolFigures> open_pool(const PoolQueue& pool, double rate_per_s);

/// `clients` who each wait for their answer and then think; who gave up thinks again, too.
PoolFigures closed_pool(const PoolQueue& pool, std::uint64_t clients, double think_s);

/// Several equal pools in front of one database.
struct SharedDatabase {
  RateCurve database;  ///< completions per second with n active in all pools together
  std::uint64_t pools = 1;
  std::uint64_t connections = 1;  ///< of each pool
  std::optional<double> timeout_s;
};
/// One of the pools, each with its share of the rate; the others are active with their own mean.
/// A fixed point, found by repetition. Nothing where there is none without a timeout.
std::optional<PoolFigures> open_pools(const SharedDatabase& shared, double rate_per_s_in_all);

}  // namespace poolgauge::math
