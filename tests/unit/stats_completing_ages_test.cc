// Ages of requests that will fail, told by those that did.
#include "stats/product_limit.h"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Histogram counted_ms(const std::vector<std::pair<int, std::uint64_t>>& each) {
  Histogram all;
  for (const auto& [ms, count] : each) all.record_n(std::chrono::milliseconds(ms), count);
  return all;
}

TEST_CASE("Without failures every age counts", "[stats]") {
  const Histogram ended = counted_ms({{100, 50}});
  const Histogram ages = counted_ms({{50, 3}, {900, 7}});
  const Histogram counted = completing_ages(ended, Histogram{}, ages);
  CHECK(counted.count() == 10);
  CHECK(counted.max() == ages.max());
  CHECK(counted.sum_ns() == ages.sum_ns());
  CHECK(completing_ages(ended, ended, Histogram{}).empty());
}

TEST_CASE("Whoever waits where everybody fails is no latency", "[stats]") {
  // 15 connections for 100 users who give up after a second: the 85 at the end will, too.
  const Histogram ended = counted_ms({{207, 700}, {256, 20}});
  const Histogram failed = counted_ms({{1000, 850}});
  const Histogram ages = counted_ms({{11, 15}, {993, 85}});
  const Histogram counted = completing_ages(ended, failed, ages);
  CHECK(counted.count() <= 15);
  CHECK(counted.max() < 20ms);
  const BoundedQuantile p95 = bounded_quantile(ended, counted, 0.95);
  REQUIRE(p95.value);
  CHECK(*p95.value < 260ms);
  CHECK(bounded_quantile(ended, ages, 0.95).at_least);
}

TEST_CASE("What outlasts every failure stays", "[stats]") {
  const Histogram ended = counted_ms({{20, 900}});
  const Histogram failed = counted_ms({{1000, 300}});
  const Histogram ages = counted_ms({{5000, 20}});
  CHECK(completing_ages(ended, failed, ages).count() == 20);
}

TEST_CASE("No more are taken off than failed", "[stats]") {
  // Ten ran into their limit early on; forty stand still now, and may do so for ever.
  const Histogram ended = counted_ms({{20, 900}});
  const Histogram failed = counted_ms({{1000, 10}});
  const Histogram ages = counted_ms({{500, 40}});
  CHECK(completing_ages(ended, failed, ages).count() == 30);
}

TEST_CASE("Of those who may do either, a part fails", "[stats]") {
  const Histogram ended = counted_ms({{900, 300}});
  const Histogram failed = counted_ms({{1000, 100}});
  const Histogram ages = counted_ms({{100, 40}, {950, 4}});
  const Histogram counted = completing_ages(ended, failed, ages);
  CHECK(counted.count() == 30);
  CHECK(counted.count_at_or_below(500ms) == 30);
}

}  // namespace
}  // namespace poolgauge
