// Reservoir sampling: after n requests each is in the sample with the same probability. Which one
// is taken next is drawn when one is taken (Li 1994, algorithm L), so the others cost a comparison.
#include "engine/transaction_sampler.h"

#include <algorithm>
#include <cmath>

namespace poolgauge {

namespace {

constexpr std::uint64_t kSeed = 0x73616d70;
constexpr std::int64_t kMostBins = 20000;
constexpr Duration kBin = std::chrono::milliseconds(10);

}  // namespace

TransactionSampler::TransactionSampler(const Scenario& scenario, TimePoint begin, TimePoint end)
    : begin_(begin),
      bin_(std::max(kBin, (end - begin) / kMostBins)),
      bin_end_(begin + bin_),
      rng_(kSeed) {
  std::size_t most = 0;
  for (const RequestSpec& request : scenario.requests) {
    const std::size_t exchanges = request.steps.size() + 2;
    most = std::max(most, exchanges);
    calibration_.exchanges.emplace_back(exchanges);
  }
  calibration_.transactions.resize(kMost);
  for (TransactionSample& sample : calibration_.transactions) sample.exchanges.reserve(most);
  calibration_.completions.resize(static_cast<std::size_t>((end - begin) / bin_) + 1);
  calibration_.bin_s = to_s(bin_);
}

void TransactionSampler::completed(TimePoint now, std::uint32_t request,
                                   const std::vector<ExchangeSample>& exchanges) {
  std::vector<TimedCount>& sums = calibration_.exchanges[request];
  const std::size_t shared = std::min(sums.size(), exchanges.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (exchanges[i].us <= 0) continue;
    ++sums[i].count;
    sums[i].total_us += static_cast<double>(exchanges[i].us);
  }
  if (now >= bin_end_) {
    place_ = static_cast<std::size_t>((now - begin_) / bin_);
    bin_end_ = begin_ + (static_cast<std::int64_t>(place_) + 1) * bin_;
  }
  if (place_ < calibration_.completions.size()) ++calibration_.completions[place_];
  std::uint64_t place = seen_++;
  if (place >= kMost) {
    if (place < next_) return;
    place = static_cast<std::uint64_t>(rng_.uniform_int(0, kMost - 1));
  }
  if (seen_ >= kMost) draw_next();
  TransactionSample& sample = calibration_.transactions[place];
  sample.request = request;
  sample.exchanges.assign(exchanges.begin(), exchanges.end());
}

void TransactionSampler::draw_next() {
  const auto draw = [this] { return std::max(rng_.uniform(), 1e-300); };
  threshold_ *= std::exp(std::log(draw()) / static_cast<double>(kMost));
  const double passed_over = std::floor(std::log(draw()) / std::log1p(-threshold_));
  next_ = seen_ + static_cast<std::uint64_t>(std::min(passed_over, 1e18));
}

Calibration TransactionSampler::take(TimePoint now) {
  calibration_.active_mean = activity_.mean(now);
  calibration_.transactions.resize(std::min<std::size_t>(kMost, seen_));
  return std::move(calibration_);
}

}  // namespace poolgauge
