// From the oldest age down: whoever outlasted it tells what becomes of it.
#include "stats/product_limit.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace poolgauge {
namespace {

/// Values in a bucket at or above the one that begins at `low`, going down.
class CountDown {
 public:
  explicit CountDown(const Histogram& values) : buckets_(values.buckets()) {}
  std::uint64_t from(Duration low) {
    while (!buckets_.empty() && buckets_.back().low >= low) {
      count_ += buckets_.back().count;
      buckets_.pop_back();
    }
    return count_;
  }

 private:
  std::vector<Histogram::Bucket> buckets_;
  std::uint64_t count_ = 0;
};

}  // namespace

Histogram completing_ages(const Histogram& ended, const Histogram& failed, const Histogram& ages) {
  if (failed.empty() || ages.empty()) return ages;
  CountDown ended_later(ended);
  CountDown failed_later(failed);
  Histogram stay(ages.bits());
  double expected = 0;  // to fail
  std::uint64_t left_out = 0;
  std::vector<Histogram::Bucket> buckets = ages.buckets();
  std::reverse(buckets.begin(), buckets.end());
  for (const Histogram::Bucket& bucket : buckets) {
    const std::uint64_t failures = failed_later.from(bucket.low);
    const std::uint64_t others = ended_later.from(bucket.low) + stay.count();
    if (failures > 0) {
      expected += static_cast<double>(bucket.count) * static_cast<double>(failures) /
                  static_cast<double>(failures + others);
    }
    const auto due = static_cast<std::uint64_t>(std::floor(expected + 1e-9));
    const std::uint64_t most = std::min(due, failures);
    const std::uint64_t fail =
        std::min(bucket.count, most > left_out ? most - left_out : std::uint64_t{0});
    left_out += fail;
    if (fail == bucket.count) continue;
    const Duration middle = bucket.low + (bucket.high - bucket.low) / 2;
    stay.record_n(std::clamp(middle, ages.min(), ages.max()), bucket.count - fail);
  }
  return left_out == 0 ? ages : stay;
}

Histogram latency_ages(const Measurement& measured) {
  return completing_ages(measured.latency, measured.failed_times.latency,
                         measured.in_flight.latency);
}

Histogram response_ages(const Measurement& measured) {
  return completing_ages(measured.response, measured.failed_times.response,
                         measured.in_flight.response);
}

Histogram pool_wait_ages(const Measurement& measured) {
  return completing_ages(measured.pool_wait, measured.failed_times.pool_wait,
                         measured.in_flight.pool_wait);
}

Histogram request_ages(const Measurement& measured, std::size_t request) {
  const std::vector<Histogram>& ages = measured.in_flight.requests;
  const std::vector<Histogram>& failed = measured.failed_times.requests;
  if (request >= ages.size()) return {};
  if (request >= failed.size() || request >= measured.kinds.size()) return ages[request];
  return completing_ages(measured.kinds[request].latency, failed[request], ages[request]);
}

}  // namespace poolgauge
