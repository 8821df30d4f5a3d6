// Goal by goal: the figure, its interval, and which side of the limit it lies on.
#include "advise/goals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "stats/interval.h"
#include "stats/over_time.h"

namespace poolgauge {
namespace {

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
    case GoalStatistic::throughput: return 1.0;
  }
  return 1.0;
}

bool holds(double measured, GoalOp op, double limit) {
  switch (op) {
    case GoalOp::less: return measured < limit;
    case GoalOp::less_equal: return measured <= limit;
    case GoalOp::greater: return measured > limit;
    case GoalOp::greater_equal: return measured >= limit;
  }
  return false;
}

/// A goal's values: all of the window, and how they came over time.
struct Values {
  Histogram all;
  Pieces pieces;
};

/// Those of a step goal ("name" in every request that has one, or "request.name").
Values step_values(const Scenario& scenario, const Measurement& measured,
                   const std::string& wanted) {
  Values values;
  std::vector<std::size_t> steps;
  std::size_t index = 0;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      const bool match = step.name == wanted || request.name + "." + step.name == wanted;
      if (match && index < measured.steps.size()) {
        values.all.merge(measured.steps[index]);
        steps.push_back(index);
      }
      ++index;
    }
  }
  values.pieces = pieces_of_steps(measured, steps);
  return values;
}

Values metric_values(const Scenario& scenario, const Measurement& measured, const Goal& goal) {
  const Measurement& m = measured;
  switch (goal.metric) {
    case GoalMetric::latency: return {m.latency, pieces_of(m, &Slice::latency)};
    case GoalMetric::response: return {m.response, pieces_of(m, &Slice::response)};
    case GoalMetric::pool_wait: return {m.pool_wait, pieces_of(m, &Slice::pool_wait)};
    case GoalMetric::connect: return {m.connect, {}};
    case GoalMetric::connection_time:
      return {m.connection_time, pieces_of(m, &Slice::connection_time)};
    case GoalMetric::step: return step_values(scenario, m, goal.step);
    case GoalMetric::none: break;
  }
  return {};
}

/// How long a run would give `needed` values at the rate seen, as a sentence's end.
std::string enough_duration(std::uint64_t needed, std::uint64_t seen, Duration window) {
  if (seen == 0 || window <= Duration{0}) return "";
  const double seconds =
      to_s(window) * static_cast<double>(needed) / static_cast<double>(seen) * 1.1;
  return fmt::format("; --duration {} would do at this rate",
                     format_duration(std::chrono::seconds(
                         static_cast<std::int64_t>(std::ceil(std::max(seconds, 1.0))))));
}

void conclude(JudgedGoal& judged, const Goal& goal) {
  judged.result.met = holds(*judged.result.measured, goal.op, goal.value);
  judged.outcome = judged.result.met ? GoalOutcome::met : GoalOutcome::missed;
  if (!judged.result.met) {
    judged.reason = fmt::format("{}: measured {}", goal.text,
                                goal_value_text(*judged.result.measured, judged.result.unit));
  }
}

void refuse(JudgedGoal& judged, const Goal& goal, const std::string& why) {
  judged.outcome = GoalOutcome::unsupported;
  judged.result.met = false;
  judged.reason = fmt::format("{}: {}", goal.text, why);
}

/// Of the goal's name; nothing for all of them together.
std::optional<FailureClass> class_of(const Goal& goal, const Measurement& measured) {
  for (const FailureCount& failure : measured.failures) {
    if (name_of(failure.failure) == goal.failure) return failure.failure;
  }
  return goal.failure == "error" ? std::nullopt : std::optional(FailureClass::none);
}

void judge_rate(JudgedGoal& judged, const Goal& goal, const Measurement& measured) {
  judged.result.unit = "fraction";
  const std::uint64_t ended = measured.requests.ended();
  if (ended == 0) return refuse(judged, goal, "no request ended; use a longer --duration");
  std::uint64_t hits = goal.failure == "error" ? measured.requests.failed : 0;
  for (const FailureCount& failure : measured.failures) {
    if (name_of(failure.failure) == goal.failure) hits += failure.count;
  }
  judged.result.measured = static_cast<double>(hits) / static_cast<double>(ended);
  const RateInterval interval = failure_interval(measured, class_of(goal, measured));
  judged.result.low = interval.low;
  judged.result.high = interval.high;
  conclude(judged, goal);
  judged.clearly_missed =
      !holds(interval.low, goal.op, goal.value) && !holds(interval.high, goal.op, goal.value);
}

void judge_throughput(JudgedGoal& judged, const Goal& goal, const Measurement& measured) {
  judged.result.unit = "1/s";
  if (measured.window <= Duration{0}) {
    return refuse(judged, goal, "nothing was measured; use a longer --duration");
  }
  judged.result.measured = static_cast<double>(measured.requests.completed) / to_s(measured.window);
  if (const auto interval = throughput_interval(measured)) {
    judged.result.low = interval->low;
    judged.result.high = interval->high;
  }
  conclude(judged, goal);
}

void judge_time(JudgedGoal& judged, const Goal& goal, const Scenario& scenario,
                const Measurement& measured) {
  judged.result.unit = "s";
  const Values values = metric_values(scenario, measured, goal);
  const Histogram& histogram = values.all;
  if (histogram.empty()) {
    return refuse(judged, goal, "no value was measured; use a longer --duration");
  }
  if (goal.statistic == GoalStatistic::mean) {
    judged.result.measured = histogram.mean_ns() / 1e9;
  } else if (goal.statistic == GoalStatistic::max) {
    judged.result.measured = to_s(histogram.max());
  } else {
    const double q = quantile_of(goal.statistic);
    if (!quantile_supported(histogram.count(), q)) {
      const std::uint64_t needed = samples_needed(q);
      return refuse(judged, goal,
                    fmt::format("{} values cannot support this percentile, it needs {}{}",
                                with_thousands(histogram.count()), with_thousands(needed),
                                enough_duration(needed, histogram.count(), measured.window)));
    }
    judged.result.measured = to_s(histogram.quantile(q));
    if (const auto interval = quantile_interval(histogram, values.pieces, q)) {
      judged.result.low = to_s(interval->low);
      judged.result.high = to_s(interval->high);
    }
  }
  conclude(judged, goal);
}

}  // namespace

std::vector<JudgedGoal> judge_goals(const Scenario& scenario, const Measurement& measured) {
  std::vector<JudgedGoal> all;
  for (const Goal& goal : scenario.goals) {
    JudgedGoal judged;
    judged.result.goal = goal.text;
    if (goal.statistic == GoalStatistic::rate) {
      judge_rate(judged, goal, measured);
    } else if (goal.statistic == GoalStatistic::throughput) {
      judge_throughput(judged, goal, measured);
    } else {
      judge_time(judged, goal, scenario, measured);
    }
    all.push_back(std::move(judged));
  }
  return all;
}

std::string goal_value_text(double value, const std::string& unit) {
  if (unit == "fraction") return percent(value);
  if (unit == "1/s") return significant(value) + "/s";
  return human_duration(from_s(value));
}

}  // namespace poolgauge
