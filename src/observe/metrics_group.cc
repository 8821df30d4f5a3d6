// One pool inside applications: in use, waits, and the size that follows.
#include "observe/metrics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "advise/size_case.h"
#include "base/text.h"
#include "math/queues.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge::observe {
namespace {

constexpr double kFewestCounts = 100;   // that show a percentile
constexpr double kManyHolds = 10;       // in the window: those cut off at its ends do not matter
constexpr double kWorthWaiting = 0.01;  // share of the requests
constexpr double kLonger = 1.5;         // than random arrivals would cause
constexpr double kSaturated = 0.95;     // of the limit, in use on average
constexpr double kSureBursts = 2;       // standard errors
constexpr double kBurstStep = 0.25;
constexpr double kMetricsBursty = 1.2;
constexpr std::size_t kScrapesForBursts = 30;
constexpr std::size_t kMetricQuantiles = 50;
constexpr double kLongestWithoutWait_s = 0.005;  // a checkout that finds a free connection

/// The series as sums over looks: each scrape is one, weighted with the time it stands for.
GroupTally tally_of(const PoolSeries& series, const PoolInterval& sum) {
  const bool counted = counts_use(sum);
  const auto looks = static_cast<double>(series.intervals.size());
  GroupTally tally;
  tally.key.application = series.name;
  tally.sessions_least = static_cast<std::uint32_t>(series.open_least);
  tally.sessions_most = static_cast<std::uint32_t>(series.open_most);
  tally.looks_by_busy.resize(static_cast<std::size_t>(std::max(0.0, series.in_use_most)) + 1);
  for (const PoolInterval& one : series.intervals) {
    Batch batch;
    batch.seconds = one.seconds;
    batch.looks = one.seconds * looks / sum.seconds;
    const double in_use = counted ? one.hold_s.value_or(0) / one.seconds : one.in_use;
    batch.busy = batch.active = batch.high = in_use * batch.looks;
    batch.busy_square = one.in_use * one.in_use * batch.looks;
    batch.sessions = one.open * batch.looks;
    batch.transactions = one.requests ? *one.requests : one.holds.value_or(0);
    batch.counted_s = one.seconds;
    batch.counted_busy = batch.busy;
    batch.counted_looks = batch.looks;
    tally.batches.push_back(batch);
    ++tally.looks_by_busy[static_cast<std::size_t>(std::max(0.0, one.in_use))];
  }
  return tally;
}

ObserveFigure mean_waiting(const PoolSeries& series, bool counted) {
  std::vector<Batch> batches;
  for (const PoolInterval& one : series.intervals) {
    Batch batch;
    batch.looks = one.seconds;
    batch.busy = counted ? one.wait_s.value_or(0) : one.waiting * one.seconds;
    batches.push_back(batch);
  }
  ObserveFigure figure =
      figure_of(batches, [](const Batch& all) { return all.looks > 0 ? all.busy / all.looks : 0; });
  if (figure.low) figure.low = std::max(0.0, *figure.low);
  return figure;
}

ObserveFigure plain_share(double hits, double of) {
  return {of > 0 ? std::clamp(hits / of, 0.0, 1.0) : 0, {}, {}, 0};
}

/// The smallest bound that a wait hardly ever reaches where a connection is free.
std::optional<std::pair<double, double>> beyond_free(const MetricBuckets& waits) {
  if (waits.empty() || waits.rbegin()->second < kFewestCounts) return std::nullopt;
  const auto bound = waits.lower_bound(kLongestWithoutWait_s);
  if (bound == waits.end() || !std::isfinite(bound->first)) return std::nullopt;
  return std::pair(bound->first, waits.rbegin()->second - bound->second);
}

void add_share(const PoolSeries& series, const PoolInterval& sum, ObservedWaiting& waiting) {
  if (sum.requests && sum.waited && *sum.requests > 0) {
    waiting.share = plain_share(*sum.waited, *sum.requests);
    waiting.share_of = "of the requests";
    return;
  }
  if (const auto late = beyond_free(series.waits)) {
    waiting.share = plain_share(late->second, series.waits.rbegin()->second);
    waiting.share_of =
        fmt::format("of the requests, for more than {},", human_duration(from_s(late->first)));
    return;
  }
  std::vector<Batch> batches;
  for (const PoolInterval& one : series.intervals) {
    Batch batch;
    batch.looks = static_cast<double>(one.processes);
    batch.full = static_cast<double>(series.shows_waiting ? one.queued : one.full);
    batches.push_back(batch);
  }
  waiting.share = share_of(batches, &Batch::full, static_cast<double>(sum.processes));
  waiting.share_of = series.shows_waiting ? "of the scrapes" : "";
}

void add_waits(const PoolSeries& series, const PoolInterval& sum, ObservedWaiting& waiting) {
  waiting.library = series.library;
  waiting.waiting = mean_waiting(series, sum.wait_s.has_value());
  waiting.from_counters = counts_use(sum);
  add_share(series, sum, waiting);
  if (sum.wait_s && sum.requests && *sum.requests > 0) {
    waiting.mean_s = *sum.wait_s / *sum.requests;
  }
  if (sum.wait_s && sum.waited && *sum.waited > 0) {
    waiting.waiters_mean_s = *sum.wait_s / *sum.waited;
  }
  waiting.p95_s = bucket_quantile(series.waits, 0.95);
  waiting.p99_s = bucket_quantile(series.waits, 0.99);
  if (sum.timeouts) waiting.timeouts_per_s = *sum.timeouts / sum.seconds;
}

void add_hold_quantiles(const PoolSeries& series, ObservedGroup& group) {
  std::vector<double> all;
  for (std::size_t i = 0; i < kMetricQuantiles; ++i) {
    const double q = (static_cast<double>(i) + 0.5) / static_cast<double>(kMetricQuantiles);
    const std::optional<double> value = bucket_quantile(series.holds, q);
    if (!value) return;
    all.push_back(*value);
  }
  group.hold_quantiles_s = std::move(all);
  group.hold_p50_s = *bucket_quantile(series.holds, 0.5);
  group.hold_p95_s = bucket_quantile(series.holds, 0.95).value_or(0);
}

/// Of what the gauges showed: 1 unless they vary by more than chance.
double gauge_burstiness(const PoolSeries& series) {
  const std::size_t count = series.intervals.size();
  if (count < kScrapesForBursts) return 1;
  double mean = 0, squares = 0;
  for (const PoolInterval& one : series.intervals) {
    mean += one.in_use / static_cast<double>(count);
    squares += one.in_use * one.in_use / static_cast<double>(count);
  }
  if (mean <= 0) return 1;
  const double ratio = std::max(0.0, squares - mean * mean) / mean;
  const double chance = std::sqrt(2 / static_cast<double>(count - 1));
  return ratio > std::max(kMetricsBursty, 1 + kSureBursts * chance) ? ratio : 1;
}

/// The smallest burstiness with which as many requests wait as were seen to; at most `connections`.
double burstiness_of_share(double share, double in_use, std::int64_t connections) {
  const auto most = static_cast<double>(connections);
  for (double z = 1; z < most; z += kBurstStep) {
    if (wait_probability(connections, in_use, z) >= share) return z;
  }
  return most;
}

double burstiness_of_wait(double hold_s, double in_use, std::int64_t connections,
                          ObservedWaiting& waiting) {
  const math::OpenQueue queue{in_use / hold_s, hold_s, static_cast<std::uint64_t>(connections)};
  waiting.predicted_s = queue.mean_wait_s();
  if (*waiting.mean_s < std::max(kLongestWithoutWait_s, kLonger * *waiting.predicted_s)) return 1;
  return burstiness_for(*waiting.mean_s, hold_s, in_use, connections);
}

/// How long requests would wait with random arrivals, and how bursty they must be instead.
void add_burstiness(const PoolSeries& series, const PoolInterval& sum, ObservedGroup& group) {
  group.peakedness = gauge_burstiness(series);
  ObservedWaiting& waiting = *group.waiting;
  if (!group.limit) return;
  const auto processes = static_cast<double>(group.processes);
  const std::int64_t each = *group.limit / group.processes;
  const double in_use = group.in_use.value / processes;
  if (each < 1 || in_use <= 0 || in_use >= static_cast<double>(each)) return;
  double z = 1;
  if (group.hold_s && waiting.mean_s) {
    // Where no scrape found a request waiting, a checkout takes that long by itself.
    const bool nobody = series.shows_waiting && sum.queued == 0;
    z = burstiness_of_wait(group.hold_s->value, in_use, each, waiting);
    if (nobody) z = 1;
  } else if (!waiting.share_of.empty() && waiting.share.value >= kWorthWaiting) {
    z = burstiness_of_share(waiting.share.value, in_use, each);
  }
  waiting.bursts = z > kMetricsBursty;
  // Of one process; peakedness is that of all together.
  group.peakedness = std::max(group.peakedness, 1 + (z - 1) * processes);
}

void judge_waiting(const PoolInterval& sum, ObservedGroup& group) {
  ObservedWaiting& waiting = *group.waiting;
  group.all_in_use = plain_share(static_cast<double>(sum.full), static_cast<double>(sum.processes));
  const bool waits = !waiting.share_of.empty() && waiting.share.value >= kWorthWaiting;
  const bool refused = waiting.timeouts_per_s.value_or(0) > 0;
  if (waits || refused || group.all_in_use.value >= kWorthWaiting) group.cut = ObserveCut::certain;
  if (!group.limit || group.cut == ObserveCut::no) return;
  waiting.saturated = group.in_use.value >= kSaturated * static_cast<double>(*group.limit);
}

void size_pool(double looks, double seconds, const SizeProfile& profile, ObservedGroup& group) {
  const ObservedWaiting& waiting = *group.waiting;
  const double demand = demand_of(group, looks, seconds, profile.growth);
  // Where the queue is not always full, what was served is what was asked for.
  const ObserveCut cut = std::exchange(group.cut, waiting.saturated ? group.cut : ObserveCut::no);
  group.size = size_for(group, demand, group.processes, profile.wait_goal);
  if (profile.growth > 0) {
    group.size_now =
        size_for(group, demand / (1 + profile.growth), group.processes, profile.wait_goal);
  }
  if (waiting.saturated) {
    // Whoever waits would have a connection in use, in a pool that is large enough: at most.
    const double more = waiting.waiting.value * (1 + profile.growth);
    group.size_high = size_for(group, demand + more, group.processes, profile.wait_goal);
  }
  group.cut = cut;
}

/// Where there are too few scrapes for an interval: that of random arrivals.
double error_without_interval(const ObservedGroup& group, const PoolInterval& sum,
                              const GroupTally& tally) {
  const double in_use = std::max(0.0, group.in_use.value);
  if (!counts_use(sum)) return std::sqrt(in_use / static_cast<double>(tally.batches.size()));
  return std::sqrt(2 * in_use * *sum.hold_s / *sum.holds / sum.seconds);
}

ObserveGuess kind_of(const PoolSeries& series) {
  for (const KindInfo* info : pool_kinds()) {
    if (pool_traits(info->name).metrics == series.form) {
      return {info->name, "the metrics are those of " + series.library};
    }
  }
  for (const KindInfo* info : pool_kinds()) {
    if (sizing_options(info->name) && !pool_traits(info->name).connects_each_time) {
      return {info->name, "the metrics do not say whose pool it is"};
    }
  }
  return {};
}

}  // namespace

PoolInterval total_of(const PoolSeries& series) {
  PoolInterval sum;
  const auto add = [](std::optional<double>& to, const std::optional<double>& one) {
    if (one) to = to.value_or(0) + *one;
  };
  for (const PoolInterval& one : series.intervals) {
    sum.seconds += one.seconds;
    sum.processes += one.processes;
    sum.full += one.full;
    sum.queued += one.queued;
    add(sum.requests, one.requests);
    add(sum.waited, one.waited);
    add(sum.wait_s, one.wait_s);
    add(sum.holds, one.holds);
    add(sum.hold_s, one.hold_s);
    add(sum.timeouts, one.timeouts);
  }
  return sum;
}

bool counts_use(const PoolInterval& sum) {
  if (!sum.hold_s || !sum.holds || *sum.holds <= 0) return false;
  return *sum.hold_s / *sum.holds * kManyHolds < sum.seconds;
}

std::optional<double> bucket_quantile(const MetricBuckets& counts, double q) {
  if (counts.empty() || counts.rbegin()->second < kFewestCounts) return std::nullopt;
  const double wanted = q * counts.rbegin()->second;
  double below_bound = 0, below = 0;
  for (const auto& [bound, count] : counts) {
    if (count >= wanted) {
      if (!std::isfinite(bound)) return std::nullopt;
      const double inside = count - below;
      return below_bound + (bound - below_bound) * (inside > 0 ? (wanted - below) / inside : 0);
    }
    below_bound = bound;
    below = count;
  }
  return std::nullopt;
}

double burstiness_for(double wait_s, double hold_s, double in_use, std::int64_t connections) {
  const auto most = static_cast<double>(connections);
  if (in_use >= most) return most;
  for (double z = 1; z < most; z += kBurstStep) {
    const auto servers = static_cast<std::uint64_t>(std::ceil(most / z));
    const double waits = math::erlang_c(servers, in_use / z);
    if (waits * z * hold_s / (most - in_use) >= wait_s) return z;
  }
  return most;
}

ObservedGroup group_of(const PoolSeries& series, const Circumstances& circumstances) {
  const PoolInterval sum = total_of(series);
  const GroupTally tally = tally_of(series, sum);
  ObservedGroup group = figures_of(tally, circumstances, true, sum.seconds);
  group.autocommit = false;
  group.in_use_most = static_cast<std::int64_t>(series.in_use_most);
  if (sum.hold_s && sum.holds && *sum.holds > 0 && group.hold_s) {
    group.hold_s->value = *sum.hold_s / *sum.holds;
  }
  add_hold_quantiles(series, group);
  if (!group.in_use.low) group.in_use.error = error_without_interval(group, sum, tally);
  if (!group.limit && series.limit) group.limit = static_cast<std::int64_t>(*series.limit);
  group.processes_told = true;
  const auto seen = static_cast<std::int64_t>(std::max<std::size_t>(1, series.processes.size()));
  group.processes = circumstances.question.processes.value_or(seen);
  group.waiting.emplace();
  add_waits(series, sum, *group.waiting);
  judge_waiting(sum, group);
  add_burstiness(series, sum, group);
  size_pool(static_cast<double>(series.intervals.size()), sum.seconds,
            profile_named(circumstances.question.profile), group);
  group.guess = kind_of(series);
  return group;
}

}  // namespace poolgauge::observe
