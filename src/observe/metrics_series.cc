// Differences of counters, process by process.
#include "observe/metrics.h"

#include <algorithm>
#include <utility>

#include "observe/bounds.h"

namespace poolgauge::observe {
namespace {

/// What a counter gained; one that shrank began again at 0.
double gained(double now, double before, bool& reset) {
  if (now >= before) return now - before;
  reset = true;
  return now;
}

void add_gain(const PoolReading& now, const PoolReading& before, PoolFigure of,
              std::optional<double>& sum, bool& reset) {
  const auto& value = now.figure(of);
  const auto& last = before.figure(of);
  if (value && last) sum = sum.value_or(0) + gained(*value, *last, reset);
}

void add_buckets(const MetricBuckets& now, const MetricBuckets& before, bool reset,
                 MetricBuckets& sum) {
  for (const auto& [bound, count] : now) {
    const auto last = before.find(bound);
    const double from = last == before.end() || reset ? 0 : last->second;
    sum[bound] += std::max(0.0, count - from);
  }
}

/// One process from one scrape to the next.
void add_process(const PoolReading& now, const PoolReading& before, PoolSeries& series,
                 PoolInterval& interval) {
  bool reset = false;
  add_gain(now, before, PoolFigure::requests, interval.requests, reset);
  add_gain(now, before, PoolFigure::waited, interval.waited, reset);
  add_gain(now, before, PoolFigure::wait_s, interval.wait_s, reset);
  add_gain(now, before, PoolFigure::holds, interval.holds, reset);
  add_gain(now, before, PoolFigure::hold_s, interval.hold_s, reset);
  add_gain(now, before, PoolFigure::timeouts, interval.timeouts, reset);
  add_buckets(now.waits, before.waits, reset, series.waits);
  add_buckets(now.holds, before.holds, reset, series.holds);
  if (reset) ++series.resets;
}

void add_gauges(const PoolReading& now, PoolSeries& series, PoolInterval& interval) {
  const double in_use = now.figure(PoolFigure::in_use).value_or(0);
  const auto& most = now.figure(PoolFigure::most);
  const auto& waiting = now.figure(PoolFigure::waiting);
  interval.in_use += in_use;
  interval.open += now.figure(PoolFigure::open).value_or(0);
  interval.waiting += waiting.value_or(0);
  ++interval.processes;
  if (waiting) series.shows_waiting = true;
  if (most && in_use >= *most) ++interval.full;
  if (waiting && *waiting > 0) ++interval.queued;
}

using SeriesKey = std::pair<std::string, std::string>;  // form, name

using Processes = std::map<std::string, const PoolReading*>;
using ScrapedSeries = std::map<SeriesKey, Processes>;

std::vector<ScrapedSeries> sorted_by_series(std::span<const Scrape> scrapes) {
  std::vector<ScrapedSeries> all(scrapes.size());
  for (std::size_t i = 0; i < scrapes.size(); ++i) {
    for (const PoolReading& pool : scrapes[i].pools) {
      all[i][{pool.form, pool.name}][pool.process] = &pool;
    }
  }
  return all;
}

Processes of_series(const ScrapedSeries& scrape, const PoolSeries& series) {
  const auto found = scrape.find({series.form, series.name});
  return found == scrape.end() ? Processes() : found->second;
}

void fill(std::span<const Scrape> scrapes, const std::vector<ScrapedSeries>& sorted,
          PoolSeries& series) {
  auto before = of_series(sorted[0], series);
  for (std::size_t i = 1; i < scrapes.size(); ++i) {
    auto now = of_series(sorted[i], series);
    PoolInterval interval;
    interval.t_s = scrapes[i - 1].t_s;
    interval.seconds = scrapes[i].t_s - scrapes[i - 1].t_s;
    for (const auto& [process, pool] : now) {
      series.processes.insert(process);
      add_gauges(*pool, series, interval);
      if (const auto last = before.find(process); last != before.end()) {
        add_process(*pool, *last->second, series, interval);
      }
    }
    interval.in_use = std::min(interval.in_use, kMostOfAGauge);
    interval.open = std::min(interval.open, kMostOfAGauge);
    if (interval.processes > 0) series.intervals.push_back(interval);
    before = std::move(now);
  }
  std::optional<double> limit;
  bool limited = !before.empty();
  for (const auto& [process, pool] : before) {
    const auto& most = pool->figure(PoolFigure::most);
    limited = limited && most.has_value();
    limit = limit.value_or(0) + most.value_or(0);
  }
  if (limited && is_limit(limit.value_or(0))) series.limit = limit;
  if (series.intervals.empty()) return;
  series.open_least = series.intervals.front().open;
  for (const PoolInterval& one : series.intervals) {
    series.in_use_most = std::max(series.in_use_most, one.in_use);
    series.open_least = std::min(series.open_least, one.open);
    series.open_most = std::max(series.open_most, one.open);
  }
}

}  // namespace

std::vector<PoolSeries> pool_series(std::span<const Scrape> scrapes) {
  std::vector<PoolSeries> all;
  std::set<SeriesKey> known;
  for (const Scrape& scrape : scrapes) {
    for (const PoolReading& pool : scrape.pools) {
      if (known.size() >= kMostPools || !known.insert({pool.form, pool.name}).second) continue;
      PoolSeries series;
      series.form = pool.form;
      series.library = pool.library;
      series.name = pool.name;
      all.push_back(std::move(series));
    }
  }
  const std::vector<ScrapedSeries> sorted = sorted_by_series(scrapes);
  for (PoolSeries& series : all) fill(scrapes, sorted, series);
  std::erase_if(all, [](const PoolSeries& series) { return series.intervals.empty(); });
  return all;
}

}  // namespace poolgauge::observe
