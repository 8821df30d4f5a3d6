// What a measured run keeps for the simulator: a sample of its requests, exchange by exchange.
#pragma once

#include <cstdint>
#include <vector>

namespace poolgauge {

/// One exchange with the server: sent until answered, as its session saw it.
struct ExchangeSample {
  float us = 0;      ///< 0: the request has no such exchange
  float active = 0;  ///< exchanges in progress meanwhile, itself included: the mean over its time
};

/// One complete request, so that related times stay together: BEGIN, the request's steps in
/// their order (zero for a hold or a pause), COMMIT.
struct TransactionSample {
  std::uint32_t request = 0;
  std::vector<ExchangeSample> exchanges;
};

/// How often something was done, and how long it took.
struct TimedCount {
  std::uint64_t count = 0;
  double total_us = 0;
  double mean_us() const { return count > 0 ? total_us / static_cast<double>(count) : 0; }
};

struct Calibration {
  std::vector<TransactionSample> transactions;  ///< each completed request equally likely
  /// Of all completed requests of the window, by request: each exchange's count and time.
  std::vector<std::vector<TimedCount>> exchanges;
  TimedCount pings, resets;  ///< whole run
  double active_mean = 0;    ///< exchanges in progress, time average over the window
  /// Var(count) / E(count) of the completions in windows of ten connection hold times: 1 for a
  /// Poisson stream. Informative about the service only if the pool was always full.
  double dispersion = 0;                   ///< 0: unknown
  double dispersion_se = 0;                ///< its standard error
  unsigned cores = 0;                      ///< of the server's machine; 0: unknown
  bool shares_client = false;              ///< the load generator ran on the same machine
  std::vector<std::uint32_t> completions;  ///< by bin of the window; not saved
  double bin_s = 0;

  bool empty() const { return transactions.empty(); }
  /// Adds what another thread of the same run saw.
  void merge(const Calibration& other);
};

}  // namespace poolgauge
