// Requests that ended and those that had not, and those kept as examples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "poolgauge/histogram.h"
#include "poolgauge/measurement.h"

namespace poolgauge {

/// A step of the product-limit estimate (Kaplan and Meier): from `time` on, the share `survival` of
/// all values is longer. `error`: its standard error (Greenwood); zero where nothing is longer.
struct SurvivalStep {
  Duration time{0};
  double survival = 1;
  double error = 0;
  std::uint64_t ended = 0;  ///< values up to here that ended
};
/// One step for each bucket of `ended` that is filled. An age says only that the value is at least
/// as long; one in the bucket of an ended value counts as longer. The two may differ in precision.
std::vector<SurvivalStep> product_limit(const Histogram& ended, const Histogram& ages);

/// A quantile, or where requests that have not ended keep it unknown, what it is at least.
struct BoundedQuantile {
  std::optional<Duration> value, at_least;
};
/// The smallest ended value that the share 1 - q of all, or less, outlasts. Unknown where the
/// estimate never gets that low: then it is at least the largest age. Without ages exactly
/// Histogram::quantile; nothing at all without values.
BoundedQuantile bounded_quantile(const Histogram& ended, const Histogram& ages, double q);

/// A lower bound of the mean of all values: ended ones, and every age as if it had ended then.
/// Nanoseconds; zero without values.
double least_mean_ns(const Histogram& ended, const Histogram& ages);

/// Values that are longer than `limit` for certain: ended ones and ages, of all. Zero without any.
double share_surely_over(const Histogram& ended, const Histogram& ages, Duration limit);

/// Values whose end cannot be estimated: their ages exceed every ended one.
struct Unresolved {
  std::uint64_t count = 0;
  Duration oldest{0};
  double share = 0;       ///< of all values, by the estimate
  double share_high = 0;  ///< its 95 % upper limit
};
Unresolved unresolved(const Histogram& ended, const Histogram& ages);

// Which requests in flight will complete: those that will fail have no latency.

/// The ages without those that are to be expected of values that end in failure: of what ended
/// after at least as long, the share that `failed`, never more of them than did. Ages beyond
/// everything that ended all stay, and count as completed ones do. Exactly `ages` without failures.
Histogram completing_ages(const Histogram& ended, const Histogram& failed, const Histogram& ages);

/// The ages that belong to the measurement's latency, its response times, its pool waits, and the
/// latency of its `request`-th kind of request where there are several. Computed on each call.
Histogram latency_ages(const Measurement& measured);
Histogram response_ages(const Measurement& measured);
Histogram pool_wait_ages(const Measurement& measured);
Histogram request_ages(const Measurement& measured, std::size_t request);

// Which complete requests are kept as examples, and how those of several threads are joined.

/// Kept at most: the longest of the completed ones, one from the middle of each of so many equal
/// parts of the window, and the longest of the failed ones.
constexpr std::size_t kSlowestSamples = 5;
constexpr std::size_t kTypicalSamples = 5;
constexpr std::size_t kFailedSamples = 3;

/// Adds another thread's. What is kept does not depend on the order of joining; the result is
/// ordered: slowest first, then typical by time, then failed, longest first.
void join_samples(std::vector<RequestSample>& into, const std::vector<RequestSample>& from);

}  // namespace poolgauge
