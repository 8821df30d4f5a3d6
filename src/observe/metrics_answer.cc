// All pools together, and what makes their figures doubtful.
#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "base/text.h"
#include "base/visible_text.h"
#include "observe/metrics.h"

namespace poolgauge::observe {
namespace {

constexpr std::size_t kMostMetricPoints = 720;
constexpr double kMetricsMinute_s = 60;

/// Of several scrapes together where there are many. A pool that a scrape did not show is 0 there.
void add_metric_points(std::span<const Scrape> scrapes, const std::vector<PoolSeries>& all,
                       Observed& observed) {
  const std::size_t longest = scrapes.size() - 1;
  const std::size_t each =
      std::max<std::size_t>(1, (longest + kMostMetricPoints - 1) / kMostMetricPoints);
  std::vector<std::size_t> next(all.size(), 0);  // its first interval that has no place yet
  std::vector<bool> counts;
  for (const PoolSeries& series : all) counts.push_back(counts_use(total_of(series)));
  for (std::size_t from = 0; from < longest; from += each) {
    const double until_s = scrapes[std::min(from + each, longest)].t_s;
    ObservePoint point;
    point.t_s = scrapes[from].t_s;
    point.seconds = until_s - point.t_s;
    for (std::size_t number = 0; number < all.size(); ++number) {
      const PoolSeries& series = all[number];
      const bool counted = counts[number], waits = series.intervals[0].wait_s.has_value();
      double seconds = 0, in_use = 0, open = 0, waiting = 0;
      std::size_t& i = next[number];
      for (; i < series.intervals.size() && series.intervals[i].t_s < until_s; ++i) {
        const PoolInterval& one = series.intervals[i];
        seconds += one.seconds;
        in_use += counted ? one.hold_s.value_or(0) : one.in_use * one.seconds;
        open += one.open * one.seconds;
        waiting += waits ? one.wait_s.value_or(0) : one.waiting * one.seconds;
      }
      const double over = std::max(seconds, 1e-9);
      point.in_use.push_back(in_use / over);
      point.idle_in_transaction.push_back(0);
      point.sessions.push_back(open / over);
      point.waiting.push_back(waiting / over);
    }
    observed.points.push_back(std::move(point));
  }
}

void warn_of_ignored(std::span<const Scrape> scrapes, std::vector<std::string>& warnings) {
  constexpr std::size_t kMostNamed = 20;
  std::map<std::string, std::int64_t> times;
  for (const Scrape& scrape : scrapes) {
    for (const std::string& name : scrape.ignored) {
      if (times.size() < kMostNamed || times.contains(name)) ++times[name];
    }
  }
  for (const auto& [name, count] : times) {
    warnings.push_back(
        fmt::format("metric {}: in {}, it had values below 0 or above 1,000,000; these were "
                    "ignored",
                    visible_text(shortened(name)), counted(count, "scrape")));
  }
}

/// One answer for each PgBouncer; of several, each pool's database says whose it is.
std::optional<ObservedPooler> poolers_of(std::span<const Scrape> scrapes,
                                         const std::string& profile) {
  std::map<std::string, PoolerTally> tallies;
  for (const Scrape& scrape : scrapes) {
    for (const auto& [place, seen] : scrape.poolers) {
      ObservePoolerLook look = seen;
      look.t_s = scrape.t_s;
      tallies[place].add(look);
    }
  }
  std::optional<ObservedPooler> all;
  for (const auto& [place, tally] : tallies) {
    std::optional<ObservedPooler> one = tally.answer(profile);
    if (!one) continue;
    if (tallies.size() > 1) {
      for (ObservedPool& pool : one->pools) pool.database += " at " + place;
      for (std::string& note : one->notes) note = place + ": " + note;
    }
    if (!all) {
      all = std::move(one);
      continue;
    }
    if (all->version.find(one->version) == std::string::npos) all->version += ", " + one->version;
    all->looks = std::max(all->looks, one->looks);
    all->pools.insert(all->pools.end(), one->pools.begin(), one->pools.end());
    all->notes.insert(all->notes.end(), one->notes.begin(), one->notes.end());
  }
  return all;
}

std::vector<std::string> metric_warnings(std::span<const Scrape> scrapes,
                                         const std::vector<PoolSeries>& all,
                                         const Observed& observed) {
  std::vector<std::string> warnings;
  warn_of_ignored(scrapes, warnings);
  for (const PoolSeries& series : all) {
    if (series.resets > 0) {
      warnings.push_back(
          fmt::format("pool {}: counters were reset {}, so a process was restarted; what it "
                      "counted between the "
                      "last scrape and the restart is missing",
                      series.name, counted(static_cast<std::int64_t>(series.resets), "time")));
    }
  }
  if (all.size() >= kMostPools) {
    warnings.push_back(fmt::format("only the first {} pools are shown", kMostPools));
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
      "connections longer. simulate predicts and run measures this; observe does neither."};
  const auto any = [&observed](const auto& is) {
    return std::any_of(observed.groups.begin(), observed.groups.end(), is);
  };
  if (any([](const ObservedGroup& group) { return !group.waiting->from_counters; })) {
    limits.push_back(fmt::format(
        "If a pool does not count the time its connections are in use, the number in use is known "
        "only from the scrapes, every {}: averages have no systematic error, but short peaks are "
        "missed.",
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
        "Metrics of pools do not show whether the server has slots for these sizes. To find out, "
        "use doctor or observe --target.");
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
  if (!all.empty()) add_metric_points(scrapes, all, observed);
  observed.pooler = poolers_of(scrapes, observed.question.profile);
  observed.recommendation = recommendation_of(observed);
  observed.warnings = metric_warnings(scrapes, all, observed);
  observed.limits = metric_limits(observed);
  return observed;
}

}  // namespace poolgauge::observe
