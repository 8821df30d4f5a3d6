// Samples of several threads, and dispersion.
#include "poolgauge/calibration.h"

#include <catch2/catch.hpp>

#include "base/rng.h"
#include "stats/interval.h"

namespace poolgauge {
namespace {

Calibration thread_of(std::uint64_t completed, float us, double active_mean) {
  Calibration part;
  part.exchanges = {{{completed, static_cast<double>(completed) * static_cast<double>(us)}}};
  for (int i = 0; i < 800; ++i) part.transactions.push_back({0, {{us, 1.5F}}});
  part.active_mean = active_mean;
  part.completions = {1, 2, 3};
  part.bin_s = 0.01;
  return part;
}

TEST_CASE("threads share the sample by what they completed, and see each other's exchanges") {
  Calibration all = thread_of(3000, 100, 2);
  all.merge(thread_of(1000, 300, 1));
  CHECK(all.transactions.size() == 800);
  int first = 0;
  for (const TransactionSample& sample : all.transactions) {
    const bool of_first = sample.exchanges[0].us == 100;
    first += of_first ? 1 : 0;
    CHECK(sample.exchanges[0].active == Approx(of_first ? 2.5 : 3.5));
  }
  CHECK(first == 600);
  CHECK(all.active_mean == 3);
  CHECK(all.exchanges[0][0].count == 4000);
  CHECK(all.exchanges[0][0].mean_us() == Approx(150));
  CHECK(all.completions == std::vector<std::uint32_t>{2, 4, 6});
  Calibration from_nothing;
  from_nothing.merge(thread_of(10, 100, 1));
  CHECK(from_nothing.transactions.size() == 800);
  CHECK(from_nothing.transactions[0].exchanges[0].active == 1.5F);
}

TEST_CASE("a Poisson stream has dispersion 1, a regular one 0") {
  Rng rng(3);
  std::vector<std::uint32_t> counts(20000);
  double at = 0;
  while (at < 20000) {
    ++counts[static_cast<std::size_t>(at)];
    at += rng.exponential() / 3;
  }
  const Dispersion poisson = dispersion_of(counts, 10);
  CHECK(poisson.index == Approx(1).margin(4 * poisson.standard_error));
  CHECK(poisson.standard_error < 0.05);
  CHECK(dispersion_of(std::vector<std::uint32_t>(1000, 5), 10).index == Approx(0).margin(1e-9));
  CHECK(dispersion_of(counts, 5000).index == 0);  // too few windows
}

}  // namespace
}  // namespace poolgauge
