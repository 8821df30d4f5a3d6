// Scores, contradictions, and the arithmetic of sample sizes.
#include "advise/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <variant>

#include "advise/search.h"
#include "assess/goal_figures.h"
#include "assess/goals.h"
#include "assess/verdict.h"
#include "base/text.h"
#include "math/samples.h"

namespace poolgauge {
namespace {

/// Of the requests, those that a goal speaks of.
double share_of(const Goal& goal, const PlannedRuns& planned) {
  for (const auto& [request, share] : planned.shares) {
    if (request == goal.request) return share;
  }
  return 1;
}

bool upper_limit(const Goal& goal) {
  return goal.op == GoalOp::less || goal.op == GoalOp::less_equal;
}

double clipped(double score) {
  return std::clamp(score, -kFarScore, kFarScore);
}

double rate_score(const Goal& goal, const JudgedGoal& judged, const Measurement& measured,
                  double runs) {
  const auto ended = static_cast<double>(measured.requests.ended());
  if (!judged.result.measured || ended <= 0) return kFarScore;
  const double events = *judged.result.measured * ended;
  const double rate = (events + 0.5) / (ended + 1);
  const double one_event = runs / ended;
  const double limit = std::max(goal.value, one_event);
  return clipped(upper_limit(goal) ? std::log(rate / limit) : std::log(limit / rate));
}

double score_of(const Goal& goal, const JudgedGoal& judged, const Measurement& measured,
                double runs) {
  if (goal.statistic == GoalStatistic::rate) return rate_score(goal, judged, measured, runs);
  const GoalResult& result = judged.result;
  if (!result.measured && !result.judged()) {
    // Nothing was completed: as far from any goal as can be; else too few to say.
    return measured.requests.completed == 0 ? kFarScore : std::numeric_limits<double>::quiet_NaN();
  }
  constexpr double kTiny = 1e-6;
  const double figure = std::max(result.measured ? *result.measured : *result.at_least, kTiny);
  const double limit = std::max(goal.value, kTiny);
  return clipped(upper_limit(goal) ? std::log(figure / limit) : std::log(limit / figure));
}

/// p50 before p95 before max: a later one is never smaller. Mean and others have no rank.
std::optional<int> rank_of(GoalStatistic statistic) {
  switch (statistic) {
    case GoalStatistic::p50: return 50;
    case GoalStatistic::p90: return 90;
    case GoalStatistic::p95: return 95;
    case GoalStatistic::p99: return 990;
    case GoalStatistic::p999: return 999;
    case GoalStatistic::max: return 1000;
    case GoalStatistic::mean:
    case GoalStatistic::rate:
    case GoalStatistic::throughput: break;
  }
  return std::nullopt;
}

bool same_figure(const Goal& a, const Goal& b) {
  return a.metric == b.metric && a.step == b.step && a.failure == b.failure &&
         a.request == b.request;
}

/// Whether `least` (a lower limit) and `most` (an upper one) leave nothing between them.
bool exclude(const Goal& least, const Goal& most) {
  if (upper_limit(least) || !upper_limit(most) || !same_figure(least, most)) return false;
  const auto low = rank_of(least.statistic);
  const auto high = rank_of(most.statistic);
  const bool comparable = least.statistic == most.statistic || (low && high && *low <= *high);
  return comparable && (least.value > most.value ||
                        (least.value == most.value &&
                         !(least.op == GoalOp::greater_equal && most.op == GoalOp::less_equal)));
}

std::string duration_for(double requests, double ended_per_s) {
  const double seconds = std::ceil(std::max(1.0, 1.1 * requests / ended_per_s));
  return format_duration(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

/// `requests`: of all runs; `ended_per_s`: as if they ran at once.
std::string rate_words(const Goal& goal, double requests, double ended_per_s, double confidence) {
  const double alpha = 1 - confidence;
  const double shown = 1 - std::pow(alpha, 1 / std::max(requests, 1.0));
  if (goal.value <= 0) {
    constexpr double kPracticallyNone = 0.001;
    const auto needed = static_cast<double>(math::samples_for_zero_events(kPracticallyNone, alpha));
    return fmt::format(
        "{}: no run can prove 0 %; {} requests without a failure prove at most {} with {} "
        "confidence, and at most 0.1 % takes {} requests: use --duration {}",
        goal.text, with_thousands(static_cast<std::uint64_t>(requests)), percent(shown),
        percent(confidence), with_thousands(static_cast<std::uint64_t>(needed)),
        duration_for(needed, ended_per_s));
  }
  const auto needed = static_cast<double>(math::samples_for_zero_events(goal.value, alpha));
  return fmt::format(
      "{}: {} requests prove at most {} with {} confidence even if none fails; {} requests are "
      "needed: use --duration {}",
      goal.text, with_thousands(static_cast<std::uint64_t>(requests)), percent(shown),
      percent(confidence), with_thousands(static_cast<std::uint64_t>(needed)),
      duration_for(needed, ended_per_s));
}

}  // namespace

std::vector<std::pair<std::string, double>> shares_of(const Scenario& scenario) {
  double all = 0;
  for (const RequestSpec& request : scenario.requests) all += request.weight;
  std::vector<std::pair<std::string, double>> shares;
  for (const RequestSpec& request : scenario.requests) {
    shares.emplace_back(request.name, all > 0 ? request.weight / all : 0);
  }
  return shares;
}

std::vector<double> goal_scores(const Scenario& scenario, const Measurement& measured,
                                double runs) {
  const std::vector<JudgedGoal> judged = judge_goals(scenario, measured, Intervals::without);
  std::vector<double> scores;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    scores.push_back(score_of(scenario.goals[i], judged[i], measured, runs));
  }
  const std::vector<double> more = unjudged_scores(scenario, measured, runs);
  scores.insert(scores.end(), more.begin(), more.end());
  return scores;
}

std::string contradiction_of(const std::vector<Goal>& goals) {
  for (const Goal& least : goals) {
    for (const Goal& most : goals) {
      if (exclude(least, most)) {
        return fmt::format("the goals {} and {} contradict each other", least.text, most.text);
      }
    }
  }
  return "";
}

std::string contradiction_of(const Scenario& scenario) {
  const auto* open = std::get_if<OpenLoad>(&scenario.load);
  for (const Goal& goal : scenario.goals) {
    const bool wants_more = open != nullptr && goal.statistic == GoalStatistic::throughput &&
                            !upper_limit(goal) && goal.value > open->rate_per_s;
    if (wants_more) {
      return fmt::format("the goal {} requires more than the arrival rate of {}/s", goal.text,
                         significant(open->rate_per_s));
    }
  }
  return "";
}

TooShort too_short_for(const std::vector<Goal>& goals, const PlannedRuns& planned,
                       double confidence) {
  TooShort result;
  constexpr double kDoubt = 0.05;
  for (const Goal& goal : goals) {
    const double per_s = planned.ended_per_s * share_of(goal, planned);
    const double requests = per_s * planned.seconds;
    const double all = requests * planned.count;
    if (const double q = quantile_of(goal.statistic); q > 0) {
      const auto needed = static_cast<double>(math::samples_for_quantile(q, kDoubt));
      if (requests >= needed) continue;
      result.quantiles.push_back(fmt::format(
          "{}: a run of {} gives about {} requests, but this percentile needs {}: use --duration "
          "{}",
          goal.text, format_duration(from_s(planned.seconds)),
          with_thousands(static_cast<std::uint64_t>(requests)),
          with_thousands(static_cast<std::uint64_t>(needed)), duration_for(needed, per_s)));
    } else if (goal.statistic == GoalStatistic::rate && upper_limit(goal)) {
      const double limit = std::max(goal.value, 1e-9);
      const bool shown = all > 0 && 1 - std::pow(1 - confidence, 1 / all) <= limit;
      if (shown) continue;
      if (goal.value > 0) ++result.open_rates;
      result.rates.push_back(rate_words(goal, all, per_s * planned.count, confidence));
    }
  }
  return result;
}

}  // namespace poolgauge
