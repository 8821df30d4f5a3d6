// From the summaries of a report to a goal's figure.
#include "assess/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "stats/over_time.h"
#include "stats/product_limit.h"

namespace poolgauge {
namespace {

GoalValue unknown(std::string why) {
  GoalValue value;
  value.unsupported = std::move(why);
  return value;
}

/// The one step that is meant; nullptr when there is none or several: their percentiles cannot be
/// joined.
const LatencySummary* step_of(const Report& report, const Goal& goal) {
  const LatencySummary* found = nullptr;
  for (const StepSummary& step : report.steps) {
    const bool request = goal.request.empty() || goal.request == step.request;
    const bool name = step.name == goal.step || step.request + "." + step.name == goal.step;
    if (!request || !name) continue;
    if (found != nullptr) return nullptr;
    found = &step.latency;
  }
  return found;
}

const RequestKind* kind_of(const Report& report, const std::string& request) {
  const auto found =
      std::find_if(report.kinds.begin(), report.kinds.end(),
                   [&request](const RequestKind& kind) { return kind.request == request; });
  return found == report.kinds.end() ? nullptr : &*found;
}

const LatencySummary* summary_of(const Report& report, const Goal& goal) {
  if (!goal.request.empty() && goal.metric != GoalMetric::step) {
    const RequestKind* kind = kind_of(report, goal.request);
    return kind != nullptr && goal.metric == GoalMetric::latency ? &kind->latency : nullptr;
  }
  switch (goal.metric) {
    case GoalMetric::latency: return &report.latency;
    case GoalMetric::response: return &report.response;
    case GoalMetric::pool_wait: return &report.pool_wait;
    case GoalMetric::connect: return &report.connect;
    case GoalMetric::connection_time: return &report.connection_time;
    case GoalMetric::step: return step_of(report, goal);
    case GoalMetric::none: break;
  }
  return nullptr;
}

TimeFigure statistic_of(const LatencySummary& s, GoalStatistic statistic) {
  switch (statistic) {
    case GoalStatistic::p50: return s.p50;
    case GoalStatistic::p90: return s.p90;
    case GoalStatistic::p95: return s.p95;
    case GoalStatistic::p99: return s.p99;
    case GoalStatistic::p999: return s.p999;
    case GoalStatistic::max: return s.max;
    case GoalStatistic::mean: return s.mean;
    case GoalStatistic::rate:
    case GoalStatistic::throughput: break;
  }
  return {};
}

std::string in_flight_text(const Report& report) {
  const LatencySummary& ages = report.in_flight.ages;
  return fmt::format("{} requests were in flight at the end, the oldest after {}", ages.count,
                     human_duration(from_ms(ages.max.value_or(0))));
}

/// The name under which a report keeps the goal's whole histogram; empty: it keeps none.
std::string histogram_name(const Report& report, const Goal& goal) {
  const bool several = report.kinds.size() > 1;
  switch (goal.metric) {
    case GoalMetric::latency:
      return goal.request.empty() || !several ? "latency" : "request:" + goal.request;
    case GoalMetric::response: return "response";
    case GoalMetric::pool_wait: return "pool_wait";
    case GoalMetric::connection_time: return "connection_time";
    case GoalMetric::connect:
    case GoalMetric::step:
    case GoalMetric::none: break;
  }
  return "";
}

Histogram kept(const std::vector<KeptHistogram>& all, const std::string& name) {
  Histogram whole;
  for (const KeptHistogram& one : all) {
    if (one.name == name && whole.merge(one.whole)) break;
  }
  return whole;
}

/// The window, and the times in it in which nobody was served.
void add_stalls(GoalFigures& figures, const Report& report) {
  std::vector<std::uint64_t> completed;
  for (const SeriesPoint& second : report.timeline) completed.push_back(second.completed);
  figures.span = figures.window = from_s(report.window_s);
  figures.stalls =
      unserved(report.stalls, report.standstills, report.outages, completed, figures.window);
}

/// As doubt_about() of the run itself.
std::string doubt_of(const Report& report, const Goal& goal) {
  const std::string name = histogram_name(report, goal);
  if (name.empty()) return "";
  GoalFigures figures;
  figures.times = kept(report.histograms, name);
  figures.ages = completing_ages(figures.times, kept(report.failed_histograms, name),
                                 kept(report.age_histograms, name));
  add_stalls(figures, report);
  return doubt_about(goal, figures);
}

GoalValue time_of(const Report& report, const Goal& goal) {
  const LatencySummary* summary = summary_of(report, goal);
  if (summary == nullptr) {
    return unknown(
        goal.metric == GoalMetric::step
            ? fmt::format("the report does not have exactly one step \"{}\"", goal.step)
            : fmt::format("the report has no such time for request \"{}\"", goal.request));
  }
  const TimeFigure ms = statistic_of(*summary, goal.statistic);
  GoalValue found;
  if (ms.at_least) {
    found.at_least = *ms.at_least / 1e3;
    found.in_flight = in_flight_text(report);
  }
  if (!ms) {
    found.unsupported =
        ms.at_least
            ? found.in_flight
            : fmt::format("the report's {} values are too few for this percentile", summary->count);
    return found;
  }
  const bool of_all = goal.statistic == GoalStatistic::max && ms.at_least;
  found.value = (of_all ? *ms.at_least : *ms) / 1e3;
  const auto& interval =
      goal.statistic == GoalStatistic::p95 ? summary->p95_ci95 : summary->p99_ci95;
  const bool has = goal.statistic == GoalStatistic::p95 || goal.statistic == GoalStatistic::p99;
  if (has && interval) {
    found.low = interval->first / 1e3;
    found.high = interval->second / 1e3;
  }
  found.unsupported = doubt_of(report, goal);
  const bool doubted = !found.unsupported.empty() && report.in_flight.ages.count > 0;
  if (doubted) found.in_flight = in_flight_text(report);
  return found;
}

/// As if it had been the whole run: counts are in the report.
GoalValue counted(const Report& report, const Goal& goal) {
  GoalFigures figures;
  const RequestKind* kind = goal.request.empty() ? nullptr : kind_of(report, goal.request);
  std::uint64_t of_class = 0;
  const auto add = [&](FailureClass failure, std::uint64_t count) {
    if (name_of(failure) == goal.failure) of_class += count;
  };
  if (kind != nullptr) {
    figures.completed = kind->completed;
    figures.failed = kind->failed;
    for (const ClassCount& one : kind->failures) add(one.failure, one.count);
  } else {
    figures.completed = report.requests.completed;
    figures.failed = report.requests.failed;
    for (const FailureCount& one : report.failures) add(one.failure, one.count);
  }
  figures.hits = goal.failure == "error" ? figures.failed : of_class;
  figures.span = figures.window = from_s(report.window_s);
  for (const SeriesPoint& point : report.timeline) {
    if (kind == nullptr && point.t_s <= report.window_s &&
        point.t_s == static_cast<double>(static_cast<std::uint64_t>(point.t_s))) {
      figures.per_second.push_back(static_cast<double>(point.completed));
    }
  }
  return value_of(goal, figures);
}

/// Why the report's stalls leave the goal open.
std::string stall_doubt_of(const Report& report, const Goal& goal) {
  GoalFigures figures;
  add_stalls(figures, report);
  return stall_doubt(goal, figures);
}

}  // namespace

GoalValue saved_value(const Report& report, const Goal& goal) {
  if (goal.over > Duration{0}) {
    return unknown("a report has no windows: set the goal for the run");
  }
  const bool of_kind = !goal.request.empty() && goal.metric != GoalMetric::step;
  if (of_kind && kind_of(report, goal.request) == nullptr) {
    return unknown(report.kinds.empty()
                       ? "the report does not list requests by kind: set the goal for the run"
                       : fmt::format("the report has no request \"{}\"", goal.request));
  }
  if (unit_of(goal) == "s") return time_of(report, goal);
  return counted(report, goal);
}

JudgedGoal judged_in(const Report& report, const GoalResult& result) {
  GoalResult known = result;
  const std::string start = result.goal + ": ";
  for (const std::string& reason : report.verdict.reasons) {
    const bool says_why = !result.judged() && known.why.empty() && reason.starts_with(start);
    if (says_why) known.why = reason.substr(start.size());
  }
  return judged_before(known);
}

JudgedGoal judge_saved(const Report& report, const Goal& goal) {
  for (const GoalResult& known : report.verdict.goals) {
    if (known.goal == goal.text) return judged_in(report, known);
  }
  GoalValue found = saved_value(report, goal);
  if (found.unsupported.empty()) found.unsupported = stall_doubt_of(report, goal);
  return judge_value(goal, found);
}

}  // namespace poolgauge
