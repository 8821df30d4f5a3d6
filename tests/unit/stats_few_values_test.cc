// A histogram of few values takes a few bytes, and answers as one of many does.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "base/rng.h"
#include "poolgauge/histogram.h"

namespace poolgauge {
namespace {

/// Every answer against the sorted values.
void check_against_sorted(const std::vector<Duration>& values) {
  Histogram histogram;
  for (const Duration value : values) histogram.record(value);
  std::vector<Duration> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  CHECK(histogram.count() == values.size());
  CHECK(histogram.min() == sorted.front());
  CHECK(histogram.max() == sorted.back());
  for (std::size_t rank = 1; rank <= sorted.size(); ++rank) {
    const auto found = static_cast<double>(histogram.value_at_rank(rank).count());
    CHECK(found == Approx(static_cast<double>(sorted[rank - 1].count())).epsilon(1e-3));
  }
  CHECK(histogram.count_at_or_below(sorted.back()) == values.size());
  std::uint64_t sum = 0;
  Duration last{-1};
  for (const Histogram::Bucket& bucket : histogram.buckets()) {
    CHECK(bucket.low > last);
    last = bucket.high;
    sum += bucket.count;
  }
  CHECK(sum == values.size());
  Histogram back;
  REQUIRE(back.merge(histogram.packed()));
  CHECK(back.packed() == histogram.packed());
}

TEST_CASE("from one value to many, across the change of form", "[histogram]") {
  Rng rng(7);
  for (int n = 1; n <= 140; n += n < 120 ? 7 : 1) {
    CAPTURE(n);
    std::vector<Duration> values;
    for (int i = 0; i < n; ++i) values.emplace_back(rng.uniform_int(0, 400'000'000));
    check_against_sorted(values);
  }
}

TEST_CASE("few and many merge both ways, and a cleared one begins anew", "[histogram]") {
  Histogram few, many;
  for (int i = 1; i <= 5; ++i) few.record(Duration(1000 * i));
  for (int i = 1; i <= 500; ++i) many.record(Duration(1000 * i));
  Histogram one = few, other = many;
  one.merge(many);
  other.merge(few);
  CHECK(one.packed() == other.packed());
  CHECK(one.count() == 505);
  one.merge(one);
  CHECK(one.count() == 1010);
  for (Histogram* cleared : {&one, &few}) {
    cleared->clear();
    CHECK(cleared->empty());
    CHECK(cleared->buckets().empty());
    cleared->record(Duration(42));
    CHECK(cleared->quantile(0.5) == Duration(42));
  }
  Histogram at_once;
  at_once.record_n(Duration(9), 129);
  CHECK(at_once.count_at_or_below(Duration(9)) == 129);
}

}  // namespace
}  // namespace poolgauge
