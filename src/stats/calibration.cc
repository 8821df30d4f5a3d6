// Joining what several threads of one run sampled.
#include "poolgauge/calibration.h"

#include <algorithm>
#include <cmath>

namespace poolgauge {

namespace {

void add(TimedCount& into, const TimedCount& from) {
  into.count += from.count;
  into.total_us += from.total_us;
}

/// Requests the thread completed, told by the largest count of any of each request's exchanges.
double completed(const Calibration& calibration) {
  double sum = 0;
  for (const auto& request : calibration.exchanges) {
    std::uint64_t most = 0;
    for (const TimedCount& exchange : request) most = std::max(most, exchange.count);
    sum += static_cast<double>(most);
  }
  return sum;
}

/// `count` of them, evenly spread over the list.
void keep(std::vector<TransactionSample>& samples, std::size_t count) {
  if (count >= samples.size()) return;
  for (std::size_t i = 0; i < count; ++i) samples[i] = samples[i * samples.size() / count];
  samples.resize(count);
}

/// Each thread saw its own exchanges only; the others' were under way as well.
std::vector<TransactionSample> seen_by_both(std::vector<TransactionSample> samples, double others) {
  for (TransactionSample& sample : samples) {
    for (ExchangeSample& exchange : sample.exchanges) {
      if (exchange.us > 0) exchange.active += static_cast<float>(others);
    }
  }
  return samples;
}

}  // namespace

void Calibration::merge(const Calibration& other) {
  const double all = completed(*this) + completed(other);
  const auto most = static_cast<double>(std::max(transactions.size(), other.transactions.size()));
  const double share = all > 0 ? completed(*this) / all : 0;
  std::vector<TransactionSample> theirs = seen_by_both(other.transactions, active_mean);
  transactions = seen_by_both(std::move(transactions), other.active_mean);
  keep(transactions, static_cast<std::size_t>(std::lround(share * most)));
  keep(theirs, static_cast<std::size_t>(std::lround((1 - share) * most)));
  transactions.insert(transactions.end(), theirs.begin(), theirs.end());
  if (exchanges.size() < other.exchanges.size()) exchanges.resize(other.exchanges.size());
  for (std::size_t r = 0; r < other.exchanges.size(); ++r) {
    if (exchanges[r].size() < other.exchanges[r].size()) {
      exchanges[r].resize(other.exchanges[r].size());
    }
    for (std::size_t i = 0; i < other.exchanges[r].size(); ++i) {
      add(exchanges[r][i], other.exchanges[r][i]);
    }
  }
  add(pings, other.pings);
  add(resets, other.resets);
  active_mean += other.active_mean;
  bin_s = std::max(bin_s, other.bin_s);
  if (completions.size() < other.completions.size()) completions.resize(other.completions.size());
  for (std::size_t i = 0; i < other.completions.size(); ++i) completions[i] += other.completions[i];
}

}  // namespace poolgauge
