// Sentences about a search, each of them with the runs it rests on.
#include "app/advice_sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "assess/assumed_costs.h"
#include "assess/goal_text.h"
#include "assess/goals.h"
#include "base/text.h"

namespace poolgauge::app {

namespace {

std::vector<SearchTrial> trials_of(const Findings& findings) {
  std::vector<SearchTrial> all;
  for (const AdvisedRun& run : findings.runs) all.push_back(run.trial);
  return all;
}

SizeEvidence evidence_of_size(const Making& m, std::int64_t total) {
  return evidence_at(total, m.sizes.model(), trials_of(m.findings));
}

/// "p95(latency) for request browse 320 ms"
std::string first_missed(const Report& report) {
  for (const GoalResult& goal : report.verdict.goals) {
    if (goal.met || !goal.measured) continue;
    return goal_subject(goal.goal) + " " + goal_value_text(*goal.measured, goal.unit);
  }
  return "";
}

/// As a share of the limit.
std::string room_text(double logarithm) {
  return percent(std::max(0.0, 1 - std::exp(-logarithm)));
}
std::string spread_text(double logarithm) {
  return percent(std::expm1(logarithm));
}

std::string runs_text(const SizeEvidence& seen) {
  return fmt::format("{} of {} run{}", seen.met, seen.runs, seen.runs == 1 ? "" : "s");
}

/// "with 4 % headroom on p95(latency) for request browse, which varies by 10 % from run to run"; of
/// a rate, whose figure may be 0 in each run, by its interval's end.
std::string room_words(const Making& m, const SizeEvidence& seen) {
  if (seen.goal >= m.scenario.goals.size()) return "";
  const Goal& goal = m.scenario.goals[seen.goal];
  const std::string of_rate = goal.statistic == GoalStatistic::rate ? "the upper bound of " : "";
  return fmt::format("with {} headroom on {}{}, which varies by {} between runs",
                     room_text(seen.headroom), of_rate, goal_subject(goal.text),
                     spread_text(seen.spread));
}

/// What speaks against a size that met the goals in all its runs.
std::string too_little_words(const Making& m, const SizeEvidence& seen) {
  if (seen.goal >= m.scenario.goals.size()) return ": too few runs to rely on";
  if (seen.within && !seen.too_close()) {
    return ", " + room_words(m, seen) + ": too few runs to rely on";
  }
  const Goal& goal = m.scenario.goals[seen.goal];
  return fmt::format(
      ", but {}{} varies by {} between {}runs: more than 5 in 100 would miss the goal despite {} "
      "headroom",
      goal.statistic == GoalStatistic::rate ? "the upper bound of " : "", goal_subject(goal.text),
      spread_text(seen.spread), seen.runs == 1 ? "simulated " : "", room_text(seen.headroom));
}

/// The largest size below the answer that was run in full.
const AdvisedRun* run_below(const Making& m) {
  constexpr double kFullLength = 0.9;
  const AdvisedRun* below = nullptr;
  for (const AdvisedRun& run : m.findings.runs) {
    const bool full = run.trial.usable && run.trial.length >= kFullLength;
    if (!full || run.trial.total >= m.findings.total) continue;
    const bool nearer = below == nullptr || run.trial.total > below->trial.total;
    // Of several runs of one size one that missed says more.
    const bool tells = below != nullptr && run.trial.total == below->trial.total && !run.trial.met;
    if (nearer || tells) below = &run;
  }
  return below;
}

std::string why_not_smaller(const Making& m) {
  const std::int64_t total = m.findings.total;
  if (const AdvisedRun* below = run_below(m)) {
    const std::int64_t size = below->trial.total;
    const SizeEvidence seen = evidence_of_size(m, size);
    const std::string missed = first_missed(below->report);
    if (seen.met == 0) {
      return missed.empty() ? fmt::format("{} did not complete every request", size)
                            : fmt::format("with {}, {}", size, missed);
    }
    if (seen.met < seen.runs) return fmt::format("{} met them in only {}", size, runs_text(seen));
    return fmt::format(
        "{} met them in {}{}{}", size, runs_text(seen), too_little_words(m, seen),
        seen.clear ? "" : ", and one run's confidence interval extended beyond the limit");
  }
  if (total <= 1) return "";
  const bool expected = m.sizes.at(total - 1).met();
  return fmt::format("no smaller size was measured completely, and the model expects {} to {}",
                     total - 1, expected ? "meet them too, with less headroom" : "miss them");
}

std::string and_why(std::string text) {
  return text.empty() ? "" : "; " + text;
}

std::string confirmed_sentence(const Making& m) {
  const SizeEvidence& seen = m.findings.evidence;
  const std::string room = room_words(m, seen);
  return fmt::format(
      "{} per process is the smallest size confirmed to meet the goals: {} met them{}{}.",
      m.findings.total, runs_text(seen), room.empty() ? "" : ", " + room,
      and_why(why_not_smaller(m)));
}

/// What is missing for a confirmation.
std::string missing_words(const Making& m) {
  const Findings& findings = m.findings;
  const SizeEvidence& seen = findings.evidence;
  if (findings.open_rates > 0) {
    return "the runs are too short to prove goals on rates; use a longer --duration";
  }
  if (seen.confirming >= findings.needed && !seen.clear) {
    return "but the confidence interval of at least one extends beyond the limit; use a longer "
           "--duration";
  }
  if (seen.confirming >= findings.needed && (seen.too_close() || !seen.within)) {
    return "but only " + room_words(m, seen) + ", and no larger size left more headroom";
  }
  return fmt::format("{} new runs in a row that meet the goals with headroom would confirm it",
                     findings.needed);
}

std::string open_sentence(const Making& m) {
  const SizeEvidence& seen = m.findings.evidence;
  const std::int64_t total = m.findings.total;
  if (seen.runs == 0) {
    return fmt::format(
        "{} per process is not confirmed: no usable run of that size exists{}. The model expects "
        "it to {} the goals.",
        total, and_why(why_not_smaller(m)), m.sizes.at(total).met() ? "meet" : "miss");
  }
  if (seen.met == seen.runs) {
    return fmt::format("{} per process is likely to meet the goals: {} met them; {}{}.", total,
                       runs_text(seen), missing_words(m), and_why(why_not_smaller(m)));
  }
  return fmt::format("{} per process is not confirmed: {} met the goals{}.", total, runs_text(seen),
                     and_why(why_not_smaller(m)));
}

/// The limits that are too small for so many connections of the fleet, in words with their cure.
std::string raised_words(const Making& m, std::int64_t wanted) {
  Recommendation asked;
  const auto& limits = m.frame.limits;
  add_limits(limits, wanted, wanted, m.frame.headroom, asked);
  std::string text;
  for (const ConnectionLimit& limit : asked.limits) {
    if (!limit.must_change()) continue;
    text += fmt::format("{}a {} of {} instead of {}", text.empty() ? "" : " and ", limit.setting,
                        limit.recommended, *limit.present);
    if (limit.of != "server") text += " for " + limit_owner(limit);
  }
  return text.empty() ? "" : "that takes " + text;
}

/// Why nothing does: a limit, what a request takes anyway, or what the run showed.
std::string what_binds(const Making& m, const std::optional<std::int64_t>& beyond) {
  const std::int64_t processes = m.frame.peak_processes;
  if (beyond) {
    const std::string raised = raised_words(m, *beyond * processes);
    return fmt::format(
        "{}: {} connections per process ({} in total) would meet the goals (simulated), but only "
        "{} per process ({} in total) are allowed{}.",
        raised.empty() ? "--budget is the limit" : "A connection limit is in the way", *beyond,
        *beyond * processes, m.findings.allowed, m.findings.allowed * processes,
        raised.empty() ? "" : "; " + raised);
  }
  const auto& forecast = m.sizes.at(m.findings.total).forecast;
  const bool waits =
      forecast.pool_wait_p95_ms.value_or(0) > 0.05 * forecast.latency_p95_ms.value_or(0);
  const auto& diagnosis = m.shown->report.diagnosis;
  std::string text;
  const ConnectionLimit* binding = tightest(m.frame.limits);
  if (m.findings.total >= m.findings.allowed && binding != nullptr && binding->of == "memory") {
    return "The server's memory allows no more connections: " + limit_arithmetic(*binding) + ".";
  }
  if (!waits && forecast.latency_p95_ms) {
    text = fmt::format(
        "Even without waiting for a connection, requests take {} (p95): the pool is not what makes "
        "them miss the goal.",
        human_duration(from_ms(*forecast.latency_p95_ms)));
  }
  if (!diagnosis.empty() && diagnosis.front().finding != "healthy" &&
      diagnosis.front().finding != "pool_bound") {
    text += (text.empty() ? "" : " ") + diagnosis.front().evidence;
  }
  return text.empty() ? "No larger pool is predicted to meet the goals either: requests hold their "
                        "connections for too long."
                      : text;
}

}  // namespace

std::string certainty_of(const Findings& findings) {
  if (findings.outcome == "confirmed") return "confirmed";
  const SizeEvidence& seen = findings.evidence;
  const bool likely = findings.outcome != "impossible" && seen.runs > 0 && seen.met == seen.runs;
  return likely ? "likely" : "not confirmed";
}

std::string sentence_of(const Making& m) {
  const std::string& outcome = m.findings.outcome;
  if (outcome == "confirmed") return confirmed_sentence(m);
  if (outcome == "impossible") {
    const std::string missed = first_missed(m.shown->report);
    return fmt::format("No size up to {} per process meets the goals; the best is {}{}.",
                       m.findings.most, m.findings.total, missed.empty() ? "" : ", with " + missed);
  }
  if (m.findings.costs_assumed) {
    return fmt::format(
        "{} should meet the goals, but the cost of its statements is only assumed; {}.",
        m.findings.total, how_to_give_costs());
  }
  if (std::string guard = m.findings.guards.stopped_by; !guard.empty()) {
    if (guard[0] >= 'a' && guard[0] <= 'z') guard[0] = static_cast<char>(guard[0] - 'a' + 'A');
    return guard + ". " + open_sentence(m);
  }
  if (outcome == "interrupted") return "The search was interrupted. " + open_sentence(m);
  if (outcome == "inconclusive") return "Too many runs were unusable. " + open_sentence(m);
  return open_sentence(m);
}

std::optional<std::size_t> deciding_goal(const Making& m) {
  if (m.scenario.goals.empty()) return std::nullopt;
  const std::size_t seen = m.findings.evidence.goal;
  if (m.findings.evidence.runs > 0 && seen < m.scenario.goals.size()) return seen;
  const auto& goals = m.sizes.at(m.findings.total).goals;
  // Behind the scenario's own stand the scores of what they leave open.
  const auto own = static_cast<std::ptrdiff_t>(std::min(goals.size(), m.scenario.goals.size()));
  const auto worst =
      std::max_element(goals.begin(), goals.begin() + own,
                       [](const auto& a, const auto& b) { return a.value < b.value; });
  return static_cast<std::size_t>(worst - goals.begin());
}

std::optional<std::int64_t> beyond_limits(const Making& m) {
  constexpr std::int64_t kFarther = 8;
  const bool at_the_limit = m.frame.bounded() && m.findings.total >= m.findings.allowed;
  if (m.findings.outcome != "impossible" || !at_the_limit) return std::nullopt;
  std::int64_t most = kFarther * m.findings.allowed;
  for (const ConnectionLimit& limit : m.frame.limits) {
    if (limit.of == "memory") most = std::min(most, *limit.available() / m.frame.peak_processes);
  }
  if (const auto clients = m.scenario.max_clients()) {  // more than users are of no use
    const std::int64_t fleet = m.scenario.deployment.fleet();
    most = std::min(most, (*clients + fleet - 1) / fleet);
  }
  if (most <= m.findings.allowed) return std::nullopt;
  const auto found = m.sizes.smallest(most);
  return found && *found > m.findings.allowed ? found : std::nullopt;
}

std::string binds_words(const Making& m, const std::optional<std::int64_t>& beyond) {
  if (m.findings.outcome == "impossible") return what_binds(m, beyond);
  const auto goal = deciding_goal(m);
  if (!goal) return "";
  const SizeEvidence& seen = m.findings.evidence;
  const double error =
      seen.runs > 0 ? seen.spread : m.sizes.at(m.findings.total).goals[*goal].error;
  const bool rate = m.scenario.goals[*goal].statistic == GoalStatistic::rate;
  return fmt::format("{} is the deciding goal; {} varies by ±{} between runs of this length.",
                     m.scenario.goals[*goal].text,
                     rate ? "the upper bound of its figure" : "its figure", spread_text(error));
}

std::optional<double> expected_figure(const Making& m, std::size_t goal, std::int64_t total) {
  const Goal& one = m.scenario.goals[goal];
  const double score = m.sizes.at(total).goals[goal].value;
  constexpr double kClipped = 0.001;
  const bool far = std::abs(score) >= kFarScore - kClipped;
  if (one.statistic == GoalStatistic::rate || far || one.value <= 0) return std::nullopt;
  const bool upper = one.op == GoalOp::less || one.op == GoalOp::less_equal;
  return one.value * std::exp(upper ? score : -score);
}

}  // namespace poolgauge::app
