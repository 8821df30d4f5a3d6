// All pools together, and what makes their figures doubtful.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.h"
#include "observe/metrics_answer.h"
#include "observe/metrics_series.h"

namespace poolgauge::observe {
namespace {

constexpr std::size_t kMostMetricPoints = 720;
constexpr double kMetricsMinute_s = 60;

void add_metric_points(const std::vector<PoolSeries>& all, Observed& observed) {
  std::size_t longest = 0;
  for (const PoolSeries& series : all) longest = std::max(longest, series.intervals.size());
  const std::size_t each =
      std::max<std::size_t>(1, (longest + kMostMetricPoints - 1) / kMostMetricPoints);
  for (std::size_t from = 0; from < longest; from += each) {
    ObservePoint point;
    for (const PoolSeries& series : all) {
      const bool counted = counts_use(total_of(series)),
                 waits = series.intervals[0].wait_s.has_value();
      double seconds = 0, in_use = 0, open = 0, waiting = 0;
      for (std::size_t i = from; i < std::min(from + each, series.intervals.size()); ++i) {
        const PoolInterval& one = series.intervals[i];
        if (i == from) point.t_s = one.t_s;
        seconds += one.seconds;
        in_use += counted ? one.hold_s.value_or(0) : one.in_use * one.seconds;
        open += one.open * one.seconds;
        waiting += waits ? one.wait_s.value_or(0) : one.waiting * one.seconds;
      }
      point.seconds = std::max(point.seconds, seconds);
      const double over = std::max(seconds, 1e-9);
      point.in_use.push_back(in_use / over);
      point.idle_in_transaction.push_back(0);
      point.sessions.push_back(open / over);
      point.waiting.push_back(waiting / over);
    }
    observed.points.push_back(std::move(point));
  }
}

std::vector<std::string> metric_warnings(const std::vector<PoolSeries>& all,
                                         const Observed& observed) {
  std::vector<std::string> warnings;
  for (const PoolSeries& series : all) {
    if (series.resets > 0) {
      warnings.push_back(
          fmt::format("pool {}: counters were reset {}, so a process was restarted; what it "
                      "counted between the "
                      "last scrape and the restart is missing",
                      series.name, counted(static_cast<std::int64_t>(series.resets), "time")));
    }
  }
  for (const ObservedGroup& group : observed.groups) {
    if (group.limit) continue;
    warnings.push_back(
        fmt::format("pool {}: its limit is not among its metrics; set --group '{}=LIMIT'",
                    group.key.application, group.key.application));
  }
  for (const auto& [name, limit] : observed.question.limits) {
    const bool known =
        std::any_of(observed.groups.begin(), observed.groups.end(),
                    [&name = name](const auto& group) { return group.key.application == name; });
    if (!known) {
      warnings.push_back(fmt::format("--group {}={}: no pool has this name", name, limit));
    }
  }
  if (observed.seconds < kMetricsMinute_s) {
    warnings.push_back(
        fmt::format("the window was only {} s long; below a minute, confidence "
                    "intervals are wide or missing",
                    significant(observed.seconds)));
  }
  return warnings;
}

std::vector<std::string> metric_limits(const Observed& observed) {
  std::vector<std::string> limits{
      "The sizes hold for the load in this window, which may not include the peak. Observe the "
      "busiest hour of the day with --for 1h.",
      "Hold times depend on concurrency: with fewer connections they may be shorter, and with more "
      "connections longer. simulate and run predict this; observe does not."};
  const auto any = [&observed](const auto& is) {
    return std::any_of(observed.groups.begin(), observed.groups.end(), is);
  };
  if (any([](const ObservedGroup& group) { return !group.waiting->from_counters; })) {
    limits.push_back(fmt::format(
        "Where a pool does not count the time its connections are in use, the number "
        "in use is that "
        "of single moments, {} apart: averages have no systematic error, short peaks are missed.",
        human_duration(from_s(observed.cost.interval_s))));
  }
  if (any([](const ObservedGroup& group) {
        return group.waiting->timeouts_per_s.value_or(0) > 0;
      })) {
    limits.push_back(
        "Requests that gave up waiting are missing from the waiting times, so an overloaded pool "
        "looks better than it is.");
  }
  if (!observed.groups.empty()) {
    limits.push_back(
        "Metrics of pools do not show the server: whether it has slots for these sizes is not "
        "known. doctor and observe --target tell.");
  }
  return limits;
}

}  // namespace

Observed answer_of_scrapes(std::span<const Scrape> scrapes, const Circumstances& circumstances,
                           const std::string& metrics_of) {
  Observed observed;
  observed.metrics_of = metrics_of;
  observed.cost = circumstances.cost;
  observed.question = circumstances.question;
  observed.interrupted = circumstances.interrupted;
  observed.started_s = circumstances.started_s;
  observed.looks = scrapes.size();
  observed.seconds = scrapes.back().t_s - scrapes.front().t_s;
  std::vector<PoolSeries> all = pool_series(scrapes);
  std::stable_sort(all.begin(), all.end(), [](const PoolSeries& a, const PoolSeries& b) {
    const auto in_use = [](const PoolSeries& series) {
      double sum = 0;
      for (const PoolInterval& one : series.intervals) sum += one.in_use;
      return sum;
    };
    return in_use(a) > in_use(b);
  });
  for (const PoolSeries& series : all) {
    observed.groups.push_back(group_of(series, circumstances));
    const ObservedGroup& group = observed.groups.back();
    observed.sessions_mean += group.sessions_mean;
    observed.sessions_most += group.sessions_most;
    observed.could_open += std::max(group.sessions_most, group.limit.value_or(0));
    observed.needed += group.size.total;
  }
  if (!all.empty()) add_metric_points(all, observed);
  PoolerTally poolers;
  for (const Scrape& scrape : scrapes) {
    for (ObservePoolerLook look : scrape.poolers) {
      look.t_s = scrape.t_s;
      poolers.add(look);
    }
  }
  observed.pooler = poolers.answer(observed.question.profile);
  observed.recommendation = recommendation_of(observed);
  observed.warnings = metric_warnings(all, observed);
  observed.limits = metric_limits(observed);
  return observed;
}

}  // namespace poolgauge::observe
