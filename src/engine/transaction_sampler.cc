// Reservoir sampling: after n requests each is in the sample with the same probability.
#include "engine/transaction_sampler.h"

#include <algorithm>

namespace poolgauge {

namespace {

constexpr std::uint64_t kSeed = 0x73616d70;
constexpr std::int64_t kMostBins = 20000;
constexpr Duration kBin = std::chrono::milliseconds(10);

}  // namespace

TransactionSampler::TransactionSampler(const Scenario& scenario, TimePoint begin, TimePoint end)
    : begin_(begin), bin_(std::max(kBin, (end - begin) / kMostBins)), rng_(kSeed) {
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
  const auto bin = static_cast<std::size_t>((now - begin_) / bin_);
  if (bin < calibration_.completions.size()) ++calibration_.completions[bin];
  ++seen_;
  std::uint64_t place = seen_ - 1;
  if (place >= kMost) {
    place = static_cast<std::uint64_t>(rng_.uniform() * static_cast<double>(seen_));
  }
  if (place >= kMost) return;
  TransactionSample& sample = calibration_.transactions[place];
  sample.request = request;
  sample.exchanges.assign(exchanges.begin(), exchanges.end());
}

Calibration TransactionSampler::take(TimePoint now) {
  calibration_.active_mean = activity_.mean(now);
  calibration_.transactions.resize(std::min<std::size_t>(kMost, seen_));
  return std::move(calibration_);
}

}  // namespace poolgauge
