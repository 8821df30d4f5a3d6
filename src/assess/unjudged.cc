// Failures, requests that never end, and queues, against the goals that a scenario has.
#include "assess/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "base/text.h"

namespace poolgauge {
namespace {

bool upper_limit(const Goal& goal) {
  return goal.op == GoalOp::less || goal.op == GoalOp::less_equal;
}

/// Whether a goal says how many failures of this class may be, of this kind of request; `kind`
/// empty: it is not known.
bool on_failures(const Goal& goal, FailureClass failure, const std::string& kind) {
  const bool of_class = goal.failure == "error" || goal.failure == name_of(failure);
  const bool of_kind = goal.request.empty() || kind.empty() || goal.request == kind;
  return goal.statistic == GoalStatistic::rate && of_class && of_kind;
}

bool any_on_failures(const std::vector<Goal>& goals, FailureClass failure,
                     const std::string& kind) {
  return std::any_of(goals.begin(), goals.end(),
                     [&](const Goal& goal) { return on_failures(goal, failure, kind); });
}

bool on_throughput(const std::vector<Goal>& goals) {
  return std::any_of(goals.begin(), goals.end(), [](const Goal& goal) {
    return goal.statistic == GoalStatistic::throughput && !upper_limit(goal) &&
           goal.request.empty();
  });
}

/// Whether the report tells all its failures apart by kind of request.
bool knows_kinds(const Report& report) {
  std::uint64_t failed = 0;
  for (const RequestKind& kind : report.kinds) {
    for (const ClassCount& one : kind.failures) failed += one.count;
  }
  return !report.kinds.empty() && failed == report.requests.failed;
}

/// Failures without a goal, by class; where kinds of request are not known over all of them.
std::vector<ClassCount> left_open(const Report& report, const std::vector<Goal>& goals) {
  std::vector<ClassCount> open;
  const auto add = [&](FailureClass failure, std::uint64_t count, const std::string& kind) {
    if (count == 0 || any_on_failures(goals, failure, kind)) return;
    const auto known = std::find_if(open.begin(), open.end(),
                                    [failure](const auto& one) { return one.failure == failure; });
    if (known == open.end()) {
      open.push_back({failure, count});
    } else {
      known->count += count;
    }
  };
  if (!knows_kinds(report)) {
    for (const FailureCount& one : report.failures) add(one.failure, one.count, "");
    return open;
  }
  for (const RequestKind& kind : report.kinds) {
    for (const ClassCount& one : kind.failures) add(one.failure, one.count, kind.request);
  }
  return open;
}

/// "8%": the next whole percentage.
std::string accepting(double share) {
  constexpr double kPercent = 100;
  return fmt::format("{:.0f}%", std::ceil(share * kPercent - 1e-9));
}

std::optional<std::string> failures_unjudged(const Report& report, const std::vector<Goal>& goals) {
  const std::uint64_t ended = report.requests.ended();
  const std::vector<ClassCount> open = left_open(report, goals);
  std::uint64_t count = 0;
  for (const ClassCount& one : open) count += one.count;
  if (ended == 0) return std::nullopt;
  const double share = static_cast<double>(count) / static_cast<double>(ended);
  if (share <= kTolerated) return std::nullopt;
  const bool one_class = open.size() == 1;
  const std::string name = one_class ? std::string(name_of(open.front().failure)) : "error";
  return fmt::format(
      "{} of the {} finished requests failed ({}{}), and no goal limits failures: fix the "
      "cause, or accept the failures with the goal \"rate({}) <= {}\"",
      with_thousands(count), with_thousands(ended), percent(share),
      one_class ? ", all " + name : "", name, accepting(share));
}

/// Whether a goal on the latency looks at every kind of request.
bool latency_is_judged(const Report& report, const std::vector<Goal>& goals) {
  const auto judges = [&goals](const std::string& kind) {
    return std::any_of(goals.begin(), goals.end(), [&kind](const Goal& goal) {
      const bool metric = goal.metric == GoalMetric::latency || goal.metric == GoalMetric::response;
      const bool of_kind = goal.request.empty() || goal.request == kind;
      return metric && of_kind && upper_limit(goal);
    });
  };
  if (report.kinds.empty()) return judges("");
  return std::all_of(report.kinds.begin(), report.kinds.end(),
                     [&judges](const RequestKind& kind) { return judges(kind.request); });
}

std::optional<std::string> never_ending_unjudged(const Report& report,
                                                 const std::vector<Goal>& goals) {
  constexpr double kTimesSlowest = 2;
  const std::uint64_t stuck = report.in_flight.older_than_completed;
  const std::uint64_t all = report.latency.count + report.in_flight.ages.count;
  if (all == 0 || report.latency.count == 0) return std::nullopt;
  const double share = static_cast<double>(stuck) / static_cast<double>(all);
  const double oldest = report.in_flight.ages.max.value_or(0);
  const bool far = oldest >= kTimesSlowest * report.latency.max.value_or(0);
  if (share <= kTolerated || !far || latency_is_judged(report, goals)) return std::nullopt;
  return fmt::format(
      "{} of the {} requests were still in flight at the end and had taken longer than any that "
      "completed (the oldest {}), and no goal covers them: look for a lock or a stopped server, or "
      "add a latency goal such as \"p95(latency) < 1s\"",
      with_thousands(stuck), with_thousands(all), human_duration(from_ms(oldest)));
}

/// 498.3 -> "490", 5.02 -> "5", 0.37 -> "0.37": two digits, never more than the value.
std::string rounded_down(double value) {
  if (value <= 0) return "0";
  const double step = std::pow(10, std::floor(std::log10(value)) - 1);
  return fmt::format("{:.6g}", std::floor(value / step + 1e-9) * step);
}

std::optional<std::string> queue_unjudged(const Report& report, const std::vector<Goal>& goals) {
  if (on_throughput(goals)) return std::nullopt;
  std::vector<double> waiting, ended;
  for (std::size_t i = 0; i < report.timeline.size(); ++i) {
    const SeriesPoint& point = report.timeline[i];
    if (point.t_s < static_cast<double>(i + 1)) break;  // the last one may be a part
    waiting.push_back(static_cast<double>(point.waiting));
    ended.push_back(static_cast<double>(point.completed + point.failed));
  }
  const std::optional<QueueGrowth> grew = queue_growth(waiting, ended);
  if (!grew) return std::nullopt;
  return fmt::format(
      "the wait queue kept growing, from {} to {} requests ({}/s; {} of the arrivals were not "
      "served), so a longer run would fail: lower the rate, remove the bottleneck, or accept it "
      "with the goal \"throughput >= {}/s\"",
      with_thousands(static_cast<std::uint64_t>(grew->from)),
      with_thousands(static_cast<std::uint64_t>(grew->to)), significant(grew->per_s),
      percent(grew->share), rounded_down(report.throughput_per_s));
}

bool all_failures_are_judged(const std::vector<Goal>& goals) {
  return std::any_of(goals.begin(), goals.end(), [](const Goal& goal) {
    return goal.statistic == GoalStatistic::rate && goal.failure == "error" && goal.request.empty();
  });
}

double failure_score(const Scenario& scenario, const Measurement& measured, double runs) {
  const auto ended = static_cast<double>(measured.requests.ended());
  if (ended <= 0) return kFarScore;
  double count = 0;
  for (std::size_t i = 0; i < measured.kinds.size(); ++i) {
    const std::string kind = i < scenario.requests.size() ? scenario.requests[i].name : "";
    for (const ClassCount& one : measured.kinds[i].failures) {
      const bool judged = any_on_failures(scenario.goals, one.failure, kind);
      if (!judged) count += static_cast<double>(one.count);
    }
  }
  const double limit = std::max(kTolerated, runs / ended);
  return std::clamp(std::log((count + 0.5) / (ended + 1) / limit), -kFarScore, kFarScore);
}

double queue_score(const Measurement& measured) {
  std::vector<double> waiting, ended;
  for (std::size_t i = 0; i < measured.series.size(); ++i) {
    if (std::chrono::seconds(i + 1) > measured.window) break;
    const SecondSample& second = measured.series[i];
    waiting.push_back(static_cast<double>(second.waiting));
    ended.push_back(static_cast<double>(second.completed + second.failed));
  }
  const std::optional<QueueGrowth> grew = queue_growth(waiting, ended);
  if (!grew) return -kFarScore;
  return std::clamp(std::log(grew->share / kTolerated), -kFarScore, kFarScore);
}

}  // namespace

std::vector<std::string> unjudged(const Report& report, const std::vector<Goal>& goals,
                                  bool open_load) {
  std::vector<std::string> all;
  if (auto failed = failures_unjudged(report, goals)) all.push_back(std::move(*failed));
  if (auto stuck = never_ending_unjudged(report, goals)) all.push_back(std::move(*stuck));
  if (!open_load) return all;
  if (auto queue = queue_unjudged(report, goals)) all.push_back(std::move(*queue));
  return all;
}

std::vector<double> unjudged_scores(const Scenario& scenario, const Measurement& measured,
                                    double runs) {
  std::vector<double> scores;
  if (!all_failures_are_judged(scenario.goals)) {
    scores.push_back(failure_score(scenario, measured, runs));
  }
  const bool open_load = !most_users(scenario.load).has_value();
  if (open_load && !on_throughput(scenario.goals)) scores.push_back(queue_score(measured));
  return scores;
}

}  // namespace poolgauge
