// Packed histograms, and intervals that know how values came over time.
#include "stats/over_time.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Histogram some_values(std::uint64_t seed, int count) {
  Rng rng(seed, 0);
  Histogram histogram;
  for (int i = 0; i < count; ++i) {
    histogram.record(Duration{static_cast<std::int64_t>(std::exp(rng.uniform() * 29))});
  }
  return histogram;
}

TEST_CASE("a packed histogram is the same one when it is unpacked", "[stats]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Histogram before = some_values(seed, static_cast<int>(seed * seed));
    if (seed % 3 == 0) before.record(2h);
    if (seed % 5 == 0) before.record(0ns);
    Histogram after;
    REQUIRE(after.merge(before.packed()));
    CHECK(after.packed() == before.packed());
    CHECK(after.count() == before.count());
    CHECK(after.clamped() == before.clamped());
    CHECK(after.sum_ns() == before.sum_ns());
    CHECK(after.min() == before.min());
    CHECK(after.max() == before.max());
    for (const double q : {0.1, 0.5, 0.99}) CHECK(after.quantile(q) == before.quantile(q));
  }
}

TEST_CASE("known bytes of packed counts", "[stats]") {
  Histogram histogram;
  histogram.record_n(1ns, 1);
  histogram.record_n(2ns, 64);
  histogram.record_n(203ns, 3);
  // One empty bucket: 0. 1 -> 2. 64 -> 128 as two bytes. 200 empty ones: -200 -> 399. 3 -> 6.
  CHECK(histogram.packed().counts ==
        std::vector<std::uint8_t>{0x00, 0x02, 0x80, 0x01, 0x8F, 0x03, 0x06});
  CHECK(Histogram::count_up_to(histogram.packed(), 0ns) == 0);
  CHECK(Histogram::count_up_to(histogram.packed(), 2ns) == 65);
  CHECK(Histogram::count_up_to(histogram.packed(), 202ns) == 65);
  CHECK(Histogram::count_up_to(histogram.packed(), 203ns) == 68);
}

TEST_CASE("damaged packed histograms are refused and change nothing", "[stats]") {
  const PackedHistogram good = some_values(3, 50).packed();
  Histogram into = some_values(4, 5);
  const PackedHistogram before = into.packed();
  for (std::size_t cut = 0; cut < good.counts.size(); ++cut) {
    PackedHistogram bad = good;
    bad.counts.resize(cut);
    CHECK_FALSE(into.merge(bad));
  }
  for (std::size_t at = 0; at < good.counts.size(); ++at) {
    PackedHistogram bad = good;
    bad.counts[at] ^= 0x55;
    into.merge(bad);  // may be another histogram of as many values: then its ends must fit
  }
  PackedHistogram wrong = good;
  ++wrong.count;
  CHECK_FALSE(into.merge(wrong));
  wrong = good;
  wrong.max *= 4;
  CHECK_FALSE(into.merge(wrong));
  wrong = good;
  wrong.min = Duration{-1};
  CHECK_FALSE(into.merge(wrong));
  wrong.counts.assign(9, 0xFF);  // a run longer than there are buckets
  CHECK_FALSE(into.merge(wrong));
  Histogram fresh;
  CHECK_FALSE(fresh.merge(wrong));
  CHECK(fresh.empty());
  CHECK(into.count() >= before.count);
}

TEST_CASE("clearing forgets everything, wherever it was", "[stats]") {
  Histogram histogram = some_values(9, 500);
  histogram.record(3h);
  histogram.clear();
  histogram.record(5us);
  CHECK(histogram.count() == 1);
  CHECK(histogram.buckets().size() == 1);
  CHECK(histogram.quantile(0.5) == 5us);
}

/// Latencies exp(x) ms with x an AR(1) series, `per_slice` of them in each of `slices` slices.
Measurement ar1_run(double r, int slices, int per_slice, std::uint64_t seed) {
  Rng rng(seed, 0);
  Measurement measured;
  measured.slice_length = 1s;
  measured.window = slices * 1s;
  double x = rng.normal();
  for (int s = 0; s < slices; ++s) {
    Histogram part;
    for (int i = 0; i < per_slice; ++i) {
      part.record(from_ms(std::exp(x)));
      x = r * x + std::sqrt(1 - r * r) * rng.normal();
    }
    Slice slice;
    slice.latency = part.packed();
    slice.completed = part.count();
    measured.slices.push_back(slice);
    measured.latency.merge(part);
    measured.requests.completed += part.count();
  }
  return measured;
}

TEST_CASE("the true p95 and p99 lie in their intervals as often as claimed", "[stats]") {
  struct Case {
    double r;
    double q;
    double truth_ms;
    int least_held;
  };
  const double p95 = std::exp(1.6448536269514722), p99 = std::exp(2.3263478740408408);
  for (const Case& c : {Case{0.0, 0.95, p95, 186}, Case{0.9, 0.95, p95, 184},
                        Case{0.0, 0.99, p99, 186}, Case{0.9, 0.99, p99, 180}}) {
    int held = 0, held_naively = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Measurement run = ar1_run(c.r, 40, 300, seed);
      const auto honest = quantile_interval(run.latency, {}, pieces_of(run, &Slice::latency), c.q);
      const auto naive = quantile_interval(run.latency, c.q);
      REQUIRE(naive);
      const Duration truth = from_ms(c.truth_ms);
      if (!honest || (honest->low <= truth && truth <= honest->high)) ++held;
      if (naive->low <= truth && truth <= naive->high) ++held_naively;
    }
    INFO("r " << c.r << " q " << c.q << ": held " << held << ", naively " << held_naively);
    CHECK(held >= c.least_held);
    if (c.r > 0) CHECK(held_naively < c.least_held - 10);
  }
}

TEST_CASE("without slices values count as independent", "[stats]") {
  Measurement run = ar1_run(0.9, 40, 300, 1);
  run.slices.clear();
  const auto found = quantile_interval(run.latency, {}, pieces_of(run, &Slice::latency), 0.95);
  const auto naive = quantile_interval(run.latency, 0.95);
  REQUIRE(found);
  REQUIRE(naive);
  CHECK(found->low == naive->low);
  CHECK(found->high == naive->high);
  CHECK_FALSE(throughput_interval(run));
}

TEST_CASE("failures that come together make their rate less sure", "[stats]") {
  Measurement spread, together;
  for (Measurement* m : {&spread, &together}) {
    m->slice_length = 500ms;
    m->window = 20s;
    m->slices.resize(40);
    for (Slice& slice : m->slices) slice.completed = 90;
    m->requests.completed = 3600;
    m->requests.failed = 400;
    m->failures.push_back({Phase::checkout, FailureClass::pool_timeout, "", 400, ""});
  }
  for (Slice& slice : spread.slices) {
    slice.failed = 10;
    slice.failures = {{FailureClass::pool_timeout, 10}};
  }
  for (int i = 0; i < 4; ++i) {
    together.slices[static_cast<std::size_t>(10 + i)].failed = 100;
    together.slices[static_cast<std::size_t>(10 + i)].failures = {
        {FailureClass::pool_timeout, 100}};
  }
  const RateInterval sure = failure_interval(spread, FailureClass::pool_timeout);
  const RateInterval unsure = failure_interval(together, FailureClass::pool_timeout);
  const RateInterval naive = wilson_interval(400, 4000);
  CHECK(sure.low == Approx(naive.low).epsilon(0.02));
  CHECK(sure.high == Approx(naive.high).epsilon(0.02));
  CHECK(unsure.high - unsure.low > 5 * (naive.high - naive.low));
  CHECK(failure_interval(together, std::nullopt).high == unsure.high);
  const RateInterval never = failure_interval(together, FailureClass::deadlock);
  CHECK(never.low == 0);
  CHECK(never.high == Approx(zero_events_upper_limit(4000)));
  CHECK(failure_interval(Measurement{}, std::nullopt).high == 1);
}

TEST_CASE("throughput has an interval from whole slices alone", "[stats]") {
  Measurement run;
  run.slice_length = 100ms;
  run.window = 1050ms;
  run.slices.resize(11);
  for (std::size_t i = 0; i < 10; ++i) run.slices[i].completed = i % 2 == 0 ? 9 : 11;
  run.slices[10].completed = 1;  // of 50 ms
  const auto found = throughput_interval(run);
  REQUIRE(found);
  CHECK((found->low + found->high) / 2 == Approx(100));
  // Standard deviation sqrt(10/9) a slice of ten; t with 9 degrees of freedom: 2.2622.
  CHECK(found->high - 100 == Approx(2.2621571628 * 10 * std::sqrt(10.0 / 9) / std::sqrt(10)));
}

TEST_CASE("slices are a part or a multiple of a second", "[stats]") {
  for (const Duration window : {1s, 3s, 8s, 20s, 39s, 40s, 3600s, 3601s, 36001s, 360000s}) {
    const Duration length = slice_length(window);
    CHECK((length % 1s == 0ns || 1s % length == 0ns));
    CHECK(window / length <= 6000);
    if (window >= 4s) CHECK(window / length >= 20);
  }
}

}  // namespace
}  // namespace poolgauge
