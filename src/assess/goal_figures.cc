// Gathering a goal's figures, and the statistic of them with its interval.
#include "assess/goal_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assess/sentences.h"
#include "base/text.h"
#include "math/samples.h"
#include "stats/interval.h"
#include "stats/over_time.h"
#include "stats/product_limit.h"

namespace poolgauge {
namespace {

constexpr double kAlpha = 0.05;
constexpr std::size_t kFewestForDrift = 6;  // for an interval of the throughput
constexpr std::uint64_t kFewestForMean = 30;

/// Those of a step goal ("name" in every request that has one, or "request.name").
void add_steps(GoalFigures& figures, const Scenario& scenario, const Measurement& measured,
               const std::string& wanted) {
  std::vector<std::size_t> steps;
  std::size_t index = 0;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      const bool match = step.name == wanted || request.name + "." + step.name == wanted;
      if (match && index < measured.steps.size()) {
        figures.times.merge(measured.steps[index]);
        const auto& ages = measured.in_flight.steps;
        if (index < ages.size()) figures.ages.merge(ages[index]);
        steps.push_back(index);
      }
      ++index;
    }
  }
  if (figures.intervals == Intervals::without) return;
  figures.pieces = pieces_of_steps(measured, steps);
}

void add_times(GoalFigures& figures, const Histogram& all) {
  figures.times = all;
}

void add_times(GoalFigures& figures, const Histogram& all, const Histogram& ages,
               const Measurement& measured, PackedHistogram Slice::*metric) {
  figures.times = all;
  figures.ages = ages;
  if (figures.intervals == Intervals::without) return;
  figures.pieces = pieces_of(measured, metric);
}

void add_metric(GoalFigures& figures, const Scenario& scenario, const Measurement& measured,
                const Goal& goal) {
  const Measurement& m = measured;
  switch (goal.metric) {
    case GoalMetric::latency:
      return add_times(figures, m.latency, latency_ages(m), m, &Slice::latency);
    case GoalMetric::response:
      return add_times(figures, m.response, response_ages(m), m, &Slice::response);
    case GoalMetric::pool_wait:
      return add_times(figures, m.pool_wait, pool_wait_ages(m), m, &Slice::pool_wait);
    case GoalMetric::connect: return add_times(figures, m.connect);
    case GoalMetric::connection_time:
      return add_times(figures, m.connection_time, m.in_flight.connection_time, m,
                       &Slice::connection_time);
    case GoalMetric::step: return add_steps(figures, scenario, m, goal.step);
    case GoalMetric::none: break;
  }
}

/// Of the goal's name; nothing for all of them together.
std::optional<FailureClass> class_of(const Goal& goal, const Measurement& measured) {
  for (const FailureCount& failure : measured.failures) {
    if (name_of(failure.failure) == goal.failure) return failure.failure;
  }
  return goal.failure == "error" ? std::nullopt : std::optional(FailureClass::none);
}

/// How long a run would give `needed` values at the rate seen, as a sentence's end.
std::string enough_duration(std::uint64_t needed, const Goal& goal, const GoalFigures& figures) {
  const std::uint64_t seen = figures.times.count();
  if (seen == 0 || figures.span <= Duration{0}) return "";
  const double seconds =
      to_s(figures.span) * static_cast<double>(needed) / static_cast<double>(seen) * 1.1;
  const auto whole =
      std::chrono::seconds(static_cast<std::int64_t>(std::ceil(std::max(seconds, 1.0))));
  const std::string_view shape =
      goal.over > Duration{0} ? "\"over {}\" in the goal" : "--duration {}";
  return fmt::format("; {} would be enough at this rate",
                     fmt::format(fmt::runtime(shape), format_duration(whole)));
}

std::string longer(const Goal& goal) {
  return goal.over > Duration{0} ? "use longer windows" : "use a longer --duration";
}

/// Never seen: what it may be at most. Else Wilson's interval.
RateInterval rate_interval(std::uint64_t hits, std::uint64_t ended) {
  return hits == 0 ? RateInterval{0, zero_events_upper_limit(ended)} : wilson_interval(hits, ended);
}

GoalValue rate_of(const Goal& goal, const GoalFigures& figures) {
  GoalValue found;
  if (figures.ended() == 0) {
    found.unsupported = "no request finished; " + longer(goal);
    return found;
  }
  found.value = static_cast<double>(figures.hits) / static_cast<double>(figures.ended());
  if (figures.intervals == Intervals::without) return found;
  const RateInterval interval =
      figures.rate ? *figures.rate : rate_interval(figures.hits, figures.ended());
  found.low = interval.low;
  found.high = interval.high;
  return found;
}

GoalValue throughput_of(const Goal& goal, const GoalFigures& figures) {
  GoalValue found;
  if (figures.span <= Duration{0}) {
    found.unsupported = "nothing was measured; " + longer(goal);
    return found;
  }
  found.value = static_cast<double>(figures.completed) / to_s(figures.span);
  if (figures.intervals == Intervals::without) return found;
  if (figures.per_time) {
    found.low = figures.per_time->low;
    found.high = figures.per_time->high;
    return found;
  }
  if (figures.per_second.size() < kFewestForDrift) return found;
  if (const auto interval = math::mean_interval(figures.per_second, kAlpha)) {
    found.low = std::max(0.0, interval->low);
    found.high = interval->high;
  }
  return found;
}

/// The mean with the interval that values independent of each other would give it.
GoalValue mean_of(const Histogram& histogram, Intervals intervals) {
  GoalValue found;
  const double mean = histogram.mean_ns();
  found.value = mean / 1e9;
  if (histogram.count() < kFewestForMean || intervals == Intervals::without) return found;
  double scatter = 0;
  for (const Histogram::Bucket& bucket : histogram.buckets()) {
    const double middle =
        (static_cast<double>(bucket.low.count()) + static_cast<double>(bucket.high.count())) / 2;
    scatter += static_cast<double>(bucket.count) * (middle - mean) * (middle - mean);
  }
  constexpr double kZ = 1.959963984540054;
  const double n = static_cast<double>(histogram.count());
  const double reach = kZ * std::sqrt(scatter / (n - 1) / n);
  found.low = std::max(0.0, mean - reach) / 1e9;
  found.high = (mean + reach) / 1e9;
  return found;
}

std::string in_flight_text(const GoalFigures& figures) {
  return fmt::format("{} of {} had not finished, the oldest after {}",
                     with_thousands(figures.ages.count()),
                     with_thousands(figures.times.count() + figures.ages.count()),
                     human_duration(figures.ages.max()));
}

/// Not less than the largest age, or than the mean would be had everything ended then.
GoalValue with_bound(GoalValue found, double bound_s, const GoalFigures& figures) {
  if (figures.ages.empty() || (found.value && bound_s <= *found.value)) return found;
  found.at_least = bound_s;
  found.in_flight = in_flight_text(figures);
  return found;
}

GoalValue percentile_of(const Goal& goal, const GoalFigures& figures) {
  GoalValue found;
  const Histogram& times = figures.times;
  const double q = quantile_of(goal.statistic);
  const BoundedQuantile quantile = bounded_quantile(times, figures.ages, q);
  if (!figures.ages.empty()) found.in_flight = in_flight_text(figures);
  if (quantile.at_least && quantile_supported(times.count() + figures.ages.count(), q)) {
    found.at_least = to_s(*quantile.at_least);
    found.unsupported = found.in_flight + "; " + longer(goal);
    return found;
  }
  if (!quantile.value || !quantile_supported(times.count(), q)) {
    const std::uint64_t needed = samples_needed(q);
    found.unsupported =
        fmt::format("the sample is too small: {} {}, but {} are needed{}",
                    with_thousands(times.count()), times.count() == 1 ? "value" : "values",
                    with_thousands(needed), enough_duration(needed, goal, figures));
    return found;
  }
  found.value = to_s(*quantile.value);
  found.unsupported = doubt_about(goal, figures);
  if (figures.intervals == Intervals::without) return found;
  if (const auto interval = quantile_interval(times, figures.ages, figures.pieces, q)) {
    found.low = to_s(interval->low);
    found.high = to_s(interval->high);
  }
  return found;
}

GoalValue time_of(const Goal& goal, const GoalFigures& figures) {
  GoalValue found;
  const Histogram& times = figures.times;
  if (times.empty() && figures.ages.empty()) {
    found.unsupported = "no value was measured; " + longer(goal);
    return found;
  }
  if (goal.statistic != GoalStatistic::mean && goal.statistic != GoalStatistic::max) {
    return percentile_of(goal, figures);
  }
  std::string unsupported;
  if (times.empty()) unsupported = "no request finished; " + longer(goal);
  const bool is_mean = goal.statistic == GoalStatistic::mean;
  if (unsupported.empty()) unsupported = stall_doubt(goal, figures);
  if (is_mean) {
    if (!times.empty()) found = mean_of(times, figures.intervals);
    found.unsupported = unsupported;
    return with_bound(found, least_mean_ns(times, figures.ages) / 1e9, figures);
  }
  found.unsupported = unsupported;
  if (!times.empty()) found.value = to_s(times.max());
  found = with_bound(found, to_s(figures.ages.max()), figures);
  if (found.value && found.at_least) found.value = found.at_least;  // a maximum is one of all
  return found;
}

void add(GoalFigures& figures, const GoalTally& tally) {
  figures.completed += tally.completed;
  figures.failed += tally.failed;
  figures.hits += tally.hits;
  figures.times.merge(tally.times);
}

/// Of a stretch that ends with it.
void add_ages(GoalFigures& figures, const GoalTally& tally) {
  figures.ages = tally.ages;
}

std::size_t whole_seconds(const Measurement& measured) {
  return static_cast<std::size_t>(measured.window / std::chrono::seconds(1));
}

/// The share of requests that may take longer than the limit on such a figure.
double allowed_beyond(const Goal& goal) {
  constexpr double kNoticed = 0.05;  // in a mean
  if (goal.statistic == GoalStatistic::mean) return kNoticed;
  return goal.statistic == GoalStatistic::max ? 0 : 1 - quantile_of(goal.statistic);
}

}  // namespace

// More requests may be beyond it than the estimate says, either of those that are older than
// everything that ended, or of those that would have come while nothing was completed.
std::string doubt_about(const Goal& goal, const GoalFigures& figures) {
  const double q = quantile_of(goal.statistic);
  if (!is_upper_limit(goal) || q <= 0) return "";
  const Unresolved open = unresolved(figures.times, figures.ages);
  if (open.share_high > 1 - q) {
    return fmt::format(
        "{} of {} had not finished and had already taken longer than every one that had, up to {}; "
        "{}",
        with_thousands(open.count), with_thousands(figures.times.count() + figures.ages.count()),
        human_duration(open.oldest), longer(goal));
  }
  return stall_doubt(goal, figures);
}

std::string stall_doubt(const Goal& goal, const GoalFigures& figures) {
  const bool of_requests = goal.metric == GoalMetric::latency ||
                           goal.metric == GoalMetric::response ||
                           goal.metric == GoalMetric::pool_wait;
  if (!of_requests || !is_upper_limit(goal) || figures.stalls.empty()) return "";
  const bool of_all = goal.statistic == GoalStatistic::mean || goal.statistic == GoalStatistic::max;
  if (of_all && !ends_stalled(figures.stalls)) return "";
  const double beyond = stalled_beyond(figures.stalls, from_s(goal.value), figures.begin,
                                       figures.begin + figures.span);
  if (beyond <= allowed_beyond(goal)) return "";
  return fmt::format(
      "a request arriving during {} of the window would have waited longer than the limit{}: {}",
      percent(beyond), ends_stalled(figures.stalls) ? ", or until after the end" : "",
      stalls_text(figures.stalls, figures.window));
}

double quantile_of(GoalStatistic statistic) {
  switch (statistic) {
    case GoalStatistic::p50: return 0.5;
    case GoalStatistic::p90: return 0.9;
    case GoalStatistic::p95: return 0.95;
    case GoalStatistic::p99: return 0.99;
    case GoalStatistic::p999: return 0.999;
    case GoalStatistic::max:
    case GoalStatistic::mean:
    case GoalStatistic::rate:
    case GoalStatistic::throughput: break;
  }
  return 0;
}

bool is_upper_limit(const Goal& goal) {
  return goal.op == GoalOp::less || goal.op == GoalOp::less_equal;
}

std::string unit_of(const Goal& goal) {
  if (goal.statistic == GoalStatistic::rate) return "fraction";
  return goal.statistic == GoalStatistic::throughput ? "1/s" : "s";
}

GoalFigures whole_run(const Scenario& scenario, const Measurement& measured, std::size_t index,
                      Intervals intervals) {
  const Goal& goal = scenario.goals[index];
  GoalFigures figures;
  figures.intervals = intervals;
  figures.span = figures.window = measured.window;
  figures.stalls = unserved(measured);
  if (!goal.request.empty()) {
    if (index < measured.tracks.size()) {
      add(figures, measured.tracks[index].whole);
      add_ages(figures, measured.tracks[index].whole);
    }
    return figures;
  }
  if (unit_of(goal) == "s") add_metric(figures, scenario, measured, goal);
  figures.completed = measured.requests.completed;
  figures.failed = measured.requests.failed;
  figures.hits = goal.failure == "error" ? figures.failed : 0;
  for (const FailureCount& failure : measured.failures) {
    if (name_of(failure.failure) == goal.failure) figures.hits += failure.count;
  }
  if (intervals == Intervals::without) return figures;
  figures.rate = failure_interval(measured, class_of(goal, measured));
  figures.per_time = throughput_interval(measured);
  const std::size_t seconds = std::min(whole_seconds(measured), measured.series.size());
  for (std::size_t i = 0; i < seconds; ++i) {
    figures.per_second.push_back(static_cast<double>(measured.series[i].completed));
  }
  return figures;
}

std::vector<GoalFigures> windows_of(const Scenario& scenario, const Measurement& measured,
                                    std::size_t index, Intervals intervals) {
  const Goal& goal = scenario.goals[index];
  std::vector<GoalFigures> windows;
  if (index >= measured.tracks.size() || goal.over <= Duration{0}) return windows;
  const std::vector<GoalTally>& seconds = measured.tracks[index].seconds;
  const auto length = static_cast<std::size_t>(goal.over / std::chrono::seconds(1));
  const std::size_t usable = std::min(whole_seconds(measured), seconds.size());
  const std::vector<Stall> stalls = unserved(measured);
  for (std::size_t begin = 0; begin + length <= usable; ++begin) {
    GoalFigures figures;
    figures.intervals = intervals;
    figures.times = Histogram{GoalTrack::kSecondBits};
    figures.begin = std::chrono::seconds(begin);
    figures.span = goal.over;
    figures.window = measured.window;
    figures.stalls = within(stalls, figures.begin, figures.begin + figures.span);
    for (std::size_t i = begin; i < begin + length; ++i) {
      add(figures, seconds[i]);
      figures.per_second.push_back(static_cast<double>(seconds[i].completed));
    }
    add_ages(figures, seconds[begin + length - 1]);
    windows.push_back(std::move(figures));
  }
  return windows;
}

GoalValue value_of(const Goal& goal, const GoalFigures& figures) {
  if (goal.statistic == GoalStatistic::rate) return rate_of(goal, figures);
  if (goal.statistic == GoalStatistic::throughput) return throughput_of(goal, figures);
  return time_of(goal, figures);
}

}  // namespace poolgauge
