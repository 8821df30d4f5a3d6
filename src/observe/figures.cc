// One group's figures: in use, rate, holds.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "math/samples.h"
#include "observe/batches.h"
#include "observe/bounds.h"
#include "observe/observe.h"
#include "stats/interval.h"

namespace poolgauge::observe {
namespace {

constexpr double kMinute_s = 60;
constexpr std::int64_t kHour_s = 3600;
constexpr double kHoursDiffer_s = 2 * 3600;  // a shorter window shows no hours of the day
constexpr double kFewestAges = 100;          // independent ones that show a distribution
constexpr std::size_t kQuantiles = 50;
constexpr double kHardlyIdle = 0.02;  // share of the time in use
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

double ratio(double above, double below) {
  return below > 0 ? above / below : kNotANumber;
}

Batch whole_of(const GroupTally& tally) {
  Batch sum;
  for (const Batch& batch : tally.batches) sum.add(batch);
  return sum;
}

/// Transactions per second of the group: the database's, by the share of the sessions that have
/// just become idle.
double rate_of(const Batch& sum, bool alone) {
  const double all = ratio(sum.transactions, sum.counted_s);
  return alone ? all : all * ratio(sum.recent, sum.all_recent);
}

double hold_of(const Batch& sum, bool alone) {
  return ratio(ratio(sum.counted_busy, sum.counted_looks), rate_of(sum, alone));
}

void add_minute(ObservedGroup& group, const GroupTally& tally) {
  group.busiest_minute = group.in_use.value;
  double best = -1;
  std::size_t from = 0;
  double seconds = 0, looks = 0, busy = 0, begin_s = 0;
  for (const Batch& batch : tally.batches) {
    seconds += batch.seconds;
    looks += batch.looks;
    busy += batch.busy;
    while (seconds - tally.batches[from].seconds >= kMinute_s * 0.999) {
      begin_s += tally.batches[from].seconds;
      seconds -= tally.batches[from].seconds;
      looks -= tally.batches[from].looks;
      busy -= tally.batches[from].busy;
      ++from;
    }
    if (seconds < kMinute_s * 0.999 || looks <= 0 || busy / looks <= best) continue;
    best = busy / looks;
    group.busiest_minute_at_s = begin_s;
  }
  if (best >= 0) group.busiest_minute = best;
}

/// Each batch belongs to the hour of its middle.
void add_hours(ObservedGroup& group, const GroupTally& tally, const Circumstances& circumstances,
               double seconds) {
  if (!circumstances.started_s || seconds < kHoursDiffer_s) return;
  if (*circumstances.started_s < 0 || *circumstances.started_s > kLatestTime_s) return;
  std::array<double, 24> busy{}, looks{};
  double begin_s = 0;
  for (const Batch& batch : tally.batches) {
    const auto middle = static_cast<std::int64_t>(begin_s + batch.seconds / 2);
    const auto hour = static_cast<std::size_t>((*circumstances.started_s + middle) / kHour_s % 24);
    busy[hour] += batch.busy;
    looks[hour] += batch.looks;
    begin_s += batch.seconds;
  }
  for (std::size_t hour = 0; hour < looks.size(); ++hour) {
    if (looks[hour] <= 0) continue;
    group.hours.push_back({static_cast<int>(hour), busy[hour] / looks[hour]});
  }
}

std::optional<double> busy_quantile(const GroupTally& tally, double looks, double worth, double q) {
  if (!quantile_supported(static_cast<std::uint64_t>(worth), q)) return std::nullopt;
  double seen = 0;
  for (std::size_t busy = 0; busy < tally.looks_by_busy.size(); ++busy) {
    seen += static_cast<double>(tally.looks_by_busy[busy]);
    if (seen >= q * looks) return static_cast<double>(busy);
  }
  return std::nullopt;
}

void add_distribution(ObservedGroup& group, const GroupTally& tally, const Batch& sum) {
  const double variance =
      std::max(0.0, sum.busy_square / sum.looks - group.in_use.value * group.in_use.value);
  const double error = group.in_use.error;
  group.effective_looks =
      error > 0 ? std::clamp(variance / (error * error), 1.0, sum.looks) : sum.looks;
  if (group.in_use.value > 0) {
    // A short window shows too little of what changes slowly: by the variance of its own mean.
    group.peakedness = (variance + error * error) / group.in_use.value;
  }
  for (const std::uint64_t looks : tally.looks_by_busy) {
    group.in_use_shares.push_back(static_cast<double>(looks) / sum.looks);
  }
  while (!group.in_use_shares.empty() && group.in_use_shares.back() == 0) {
    group.in_use_shares.pop_back();
  }
  group.in_use_most =
      std::max<std::int64_t>(0, static_cast<std::int64_t>(group.in_use_shares.size()) - 1);
  const double worth = group.effective_looks;
  group.in_use_p50 = busy_quantile(tally, sum.looks, worth, 0.5);
  group.in_use_p95 = busy_quantile(tally, sum.looks, worth, 0.95);
  group.in_use_p99 = busy_quantile(tally, sum.looks, worth, 0.99);
  group.in_use_p999 = busy_quantile(tally, sum.looks, worth, 0.999);
}

void add_holds(ObservedGroup& group, const GroupTally& tally, const Batch& sum, bool alone) {
  const auto rate = [alone](const Batch& b) { return rate_of(b, alone); };
  const auto hold = [alone](const Batch& b) { return hold_of(b, alone); };
  std::vector<Batch> counted;
  Batch all;
  for (const Batch& batch : tally.batches) {
    if (batch.counted_s <= 0 || batch.looks <= 0) continue;
    counted.push_back(batch);
    all.add(batch);
  }
  const auto known = [](double value) { return std::isfinite(value) && value > 0; };
  if (!known(rate(all))) return;  // none that was counted, or none of this group's
  group.rate_per_s = figure_of(counted, rate, Scale::positive);
  if (!known(hold(all))) return;
  group.hold_s = figure_of(counted, hold, Scale::positive);
  if (sum.aged <= 0) return;
  // One found running is length-biased: its mean age is E[X^2] / 2 E[X].
  ObserveFigure spread = figure_of(
      counted, [alone](const Batch& b) { return 2 * ratio(b.ages, b.aged) / hold_of(b, alone); },
      Scale::positive);
  spread.value = std::max(0.0, spread.value - 1);
  if (spread.low) spread.low = std::max(0.0, *spread.low - 1);
  if (spread.high) spread.high = std::max(0.0, *spread.high - 1);
  group.hold_spread = spread;
  if (group.effective_looks * group.in_use.value < kFewestAges) return;
  group.hold_quantiles_s = hold_quantiles(tally.xact_ages, group.hold_s->value, kQuantiles);
  group.hold_p50_s = quantile_in(group.hold_quantiles_s, 0.5);
  group.hold_p95_s = quantile_in(group.hold_quantiles_s, 0.95);
}

}  // namespace

ObservedGroup figures_of(const GroupTally& tally, const Circumstances& circumstances, bool alone,
                         double seconds) {
  ObservedGroup group;
  group.key = tally.key;
  const Batch sum = whole_of(tally);
  if (sum.looks <= 0) return group;
  group.in_use = figure_of(tally.batches, [](const Batch& b) { return ratio(b.busy, b.looks); });
  if (group.in_use.low) group.in_use.low = std::max(0.0, *group.in_use.low);
  group.sessions_mean = sum.sessions / sum.looks;
  group.sessions_least = tally.sessions_least;
  group.sessions_most = tally.sessions_most;
  group.hidden_most = tally.hidden_most;
  group.active = sum.active / sum.looks;
  group.idle_in_transaction = sum.idle_in_transaction / sum.looks;
  group.in_use_high = sum.high / sum.looks;
  for (std::size_t i = 0; i < group.waits.size(); ++i) {
    group.waits[i] = tally.waits[i] / sum.looks;
  }
  if (seconds > 0) group.new_sessions_per_s = static_cast<double>(tally.new_sessions) / seconds;
  add_minute(group, tally);
  add_hours(group, tally, circumstances, seconds);
  add_distribution(group, tally, sum);
  add_holds(group, tally, sum, alone);
  group.autocommit = sum.busy > 0 && sum.idle_in_transaction < kHardlyIdle * sum.busy;
  for (const auto& [name, most] : circumstances.question.limits) {
    if (name == tally.key.application || name == tally.key.role) group.limit = most;
  }
  return group;
}

}  // namespace poolgauge::observe
