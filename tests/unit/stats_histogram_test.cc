// The histogram against the truth: sorted samples, counted one by one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "poolgauge/histogram.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

// Spread evenly over the orders of magnitude from `low` to `high`.
std::vector<Duration> samples_between(Duration low, Duration high, std::size_t n, Rng& rng) {
  const double from = std::log(static_cast<double>(low.count()));
  const double to = std::log(static_cast<double>(high.count()));
  std::vector<Duration> samples(n);
  for (Duration& sample : samples) {
    const double ns = std::exp(from + (to - from) * rng.uniform());
    sample = std::clamp(Duration{std::llround(ns)}, low, high);
  }
  return samples;
}

Histogram histogram_of(const std::vector<Duration>& samples, unsigned bits = 10) {
  Histogram histogram(bits);
  for (const Duration sample : samples) histogram.record(sample);
  return histogram;
}

void check_same(const Histogram& a, const Histogram& b) {
  CHECK(a.count() == b.count());
  CHECK(a.clamped() == b.clamped());
  CHECK(a.min() == b.min());
  CHECK(a.max() == b.max());
  CHECK(a.sum_ns() == Approx(b.sum_ns()).epsilon(1e-12));
  const std::vector<Histogram::Bucket> left = a.buckets();
  const std::vector<Histogram::Bucket> right = b.buckets();
  REQUIRE(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    REQUIRE(left[i].low == right[i].low);
    REQUIRE(left[i].high == right[i].high);
    REQUIRE(left[i].count == right[i].count);
  }
}

constexpr double kQuantiles[] = {0.0,  0.001, 0.01, 0.1,  0.25,  0.5,
                                 0.75, 0.9,   0.95, 0.99, 0.999, 1.0};

}  // namespace

TEST_CASE("quantiles are within 0.1 % of the sorted samples from 1 us to 1 h") {
  Rng rng(1);
  for (const std::size_t n : {1U, 2U, 3U, 10U, 100U, 1000U, 20'000U}) {
    std::vector<Duration> samples = samples_between(1us, 1h, n, rng);
    const Histogram histogram = histogram_of(samples);
    std::sort(samples.begin(), samples.end());
    for (const double q : kQuantiles) {
      const double place = std::ceil(q * static_cast<double>(n) - 1e-9);
      const std::size_t rank = std::max<std::size_t>(1, static_cast<std::size_t>(place));
      const auto truth = static_cast<double>(samples[rank - 1].count());
      const auto found = static_cast<double>(histogram.quantile(q).count());
      INFO("n " << n << ", q " << q << ", truth " << truth << ", found " << found);
      REQUIRE(std::abs(found - truth) <= 0.001 * truth);
    }
    CHECK(histogram.count() == n);
    CHECK(histogram.min() == samples.front());
    CHECK(histogram.max() == samples.back());
    CHECK(histogram.clamped() == 0);
  }
}

TEST_CASE("every rank finds the value that has it") {
  Rng rng(2);
  std::vector<Duration> samples = samples_between(1us, 10s, 2000, rng);
  const Histogram histogram = histogram_of(samples);
  std::sort(samples.begin(), samples.end());
  for (std::size_t rank = 1; rank <= samples.size(); ++rank) {
    const auto truth = static_cast<double>(samples[rank - 1].count());
    REQUIRE(static_cast<double>(histogram.value_at_rank(rank).count()) ==
            Approx(truth).epsilon(0.001));
  }
  CHECK(histogram.value_at_rank(0) == histogram.value_at_rank(1));
  CHECK(histogram.value_at_rank(5000) == histogram.value_at_rank(2000));
}

TEST_CASE("exact products of quantile and count are not rounded up") {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.record(Duration{i});
  for (int percent = 1; percent <= 100; ++percent) {
    CHECK(histogram.quantile(percent / 100.0) == Duration{percent});
  }
  CHECK(histogram.quantile(0.951) == 96ns);
  CHECK(histogram.quantile(-1.0) == 1ns);
  CHECK(histogram.quantile(std::nan("")) == 1ns);
  CHECK(histogram.quantile(7.0) == 100ns);
}

TEST_CASE("small values are exact, and buckets are HdrHistogram's") {
  // With unit magnitude 0: 2^(bits+1) buckets of width 1, then 2^bits buckets per octave.
  for (const unsigned bits : {3U, 5U, 10U, 14U}) {
    const std::int64_t first = std::int64_t{2} << bits;
    const std::int64_t values[] = {0,         1,         first - 1,     first,
                                   first + 1, first + 2, 2 * first - 1, 2 * first};
    for (const std::int64_t ns : values) {
      Histogram histogram(bits);
      histogram.record(Duration{ns});
      const std::vector<Histogram::Bucket> buckets = histogram.buckets();
      REQUIRE(buckets.size() == 1);
      const std::int64_t width = ns < first ? 1 : ns < 2 * first ? 2 : 4;
      CHECK(buckets[0].low.count() == ns / width * width);
      CHECK(buckets[0].high.count() == ns / width * width + width - 1);
      CHECK(buckets[0].count == 1);
    }
  }
}

TEST_CASE("buckets leave no gap and do not overlap") {
  for (const unsigned bits : {3U, 7U}) {
    Histogram histogram(bits);
    Duration next{0};
    while (next <= 1h) {
      Histogram probe(bits);
      probe.record(next);
      const Histogram::Bucket bucket = probe.buckets().at(0);
      REQUIRE(bucket.low == next);
      Histogram last(bits);
      last.record(std::min<Duration>(bucket.high, 1h));
      REQUIRE(last.buckets().at(0).low == bucket.low);
      next = bucket.high + 1ns;
    }
  }
}

TEST_CASE("merging is recording everything in one") {
  Rng rng(3);
  const std::vector<Duration> first = samples_between(1us, 1s, 5000, rng);
  const std::vector<Duration> second = samples_between(1ms, 2h, 3000, rng);
  std::vector<Duration> all = first;
  all.insert(all.end(), second.begin(), second.end());
  Histogram merged = histogram_of(first);
  merged.merge(histogram_of(second));
  check_same(merged, histogram_of(all));

  Histogram other_way = histogram_of(second);
  other_way.merge(histogram_of(first));
  check_same(other_way, merged);
}

TEST_CASE("an empty histogram changes nothing when merged") {
  Rng rng(4);
  const Histogram full = histogram_of(samples_between(1us, 1s, 100, rng));
  Histogram left = full;
  left.merge(Histogram{});
  check_same(left, full);
  Histogram right;
  right.merge(full);
  check_same(right, full);
}

TEST_CASE("an empty histogram answers zero") {
  const Histogram empty;
  CHECK(empty.empty());
  CHECK(empty.count() == 0);
  CHECK(empty.quantile(0.5) == 0ns);
  CHECK(empty.value_at_rank(1) == 0ns);
  CHECK(empty.min() == 0ns);
  CHECK(empty.max() == 0ns);
  CHECK(empty.mean_ns() == 0.0);
  CHECK(empty.count_at_or_below(1h) == 0);
  CHECK(empty.buckets().empty());
}

TEST_CASE("values out of range are counted, not lost") {
  Histogram histogram;
  histogram.record(-5ms);
  histogram.record(1h);
  CHECK(histogram.clamped() == 0);
  histogram.record_n(25h, 3);
  histogram.record(Duration::max());
  CHECK(histogram.count() == 6);
  CHECK(histogram.clamped() == 4);
  CHECK(histogram.min() == 0ns);
  CHECK(histogram.max() == Duration::max());
  CHECK(histogram.buckets().size() == 2);
  CHECK(to_s(histogram.quantile(0.99)) == Approx(3600.0).epsilon(0.001));
}

TEST_CASE("recording many at once is recording each") {
  Histogram at_once;
  at_once.record_n(3ms, 1000);
  at_once.record_n(9ms, 0);
  Histogram each;
  for (int i = 0; i < 1000; ++i) each.record(3ms);
  check_same(at_once, each);
  CHECK(at_once.mean_ns() == Approx(3e6));
}

TEST_CASE("a cleared histogram starts anew") {
  Histogram histogram;
  histogram.record_n(3h, 5);
  histogram.clear();
  CHECK(histogram.empty());
  CHECK(histogram.clamped() == 0);
  histogram.record(2ms);
  Histogram fresh;
  fresh.record(2ms);
  check_same(histogram, fresh);
}

TEST_CASE("counting at or below a value agrees with the samples, a bucket apart at most") {
  Rng rng(5);
  std::vector<Duration> samples = samples_between(1us, 1s, 4000, rng);
  const Histogram histogram = histogram_of(samples);
  std::sort(samples.begin(), samples.end());
  for (int i = 0; i < 200; ++i) {
    const Duration limit = samples_between(1us, 1s, 1, rng)[0];
    const auto count_below = [&](double ns) {
      const Duration bound{std::llround(ns)};
      return static_cast<std::uint64_t>(std::upper_bound(samples.begin(), samples.end(), bound) -
                                        samples.begin());
    };
    const std::uint64_t found = histogram.count_at_or_below(limit);
    REQUIRE(found >= count_below(static_cast<double>(limit.count()) * 0.999));
    REQUIRE(found <= count_below(static_cast<double>(limit.count()) * 1.001));
  }
  CHECK(histogram.count_at_or_below(histogram.max()) == 4000);
  CHECK(histogram.count_at_or_below(histogram.min() - 1ns) == 0);
  CHECK(histogram.count_at_or_below(-1s) == 0);
}

TEST_CASE("bucket counts sum to the count at every precision") {
  Rng rng(6);
  const std::vector<Duration> samples = samples_between(1ns, 3h, 3000, rng);
  for (unsigned bits = 3; bits <= 14; ++bits) {
    const Histogram histogram = histogram_of(samples, bits);
    std::uint64_t sum = 0;
    Duration before{-1};
    for (const Histogram::Bucket& bucket : histogram.buckets()) {
      CHECK(bucket.low > before);
      before = bucket.high;
      sum += bucket.count;
    }
    CHECK(sum == samples.size());
  }
}
