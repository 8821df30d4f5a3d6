// Sentences about a search, each of them with the runs it rests on.
#include "app/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include "assess/goals.h"
#include "assess/sentences.h"
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

/// "p95(latency) for request browse was 320 ms"
std::string first_missed(const Report& report) {
  for (const GoalResult& goal : report.verdict.goals) {
    if (goal.met || !goal.measured) continue;
    return goal_subject(goal.goal) + " was " + goal_value_text(*goal.measured, goal.unit);
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

bool is_upper(const Goal& goal) {
  return goal.op == GoalOp::less || goal.op == GoalOp::less_equal;
}

/// "p95(latency) for request browse"; of a rate, whose figure may be 0 in each run, its interval's
/// end.
std::string deciding_figure(const Goal& goal) {
  const std::string of_rate = goal.statistic == GoalStatistic::rate ? "the upper bound of " : "";
  return of_rate + goal_subject(goal.text);
}

/// "4 % under its limit and varies by 10 % between runs"
std::string room_words(const Goal& goal, const SizeEvidence& seen) {
  return fmt::format("{} {} and varies by {} between {}runs", room_text(seen.headroom),
                     is_upper(goal) ? "under its limit" : "above its limit",
                     spread_text(seen.spread), seen.runs == 1 ? "simulated " : "");
}

/// The same as a sentence; empty where no goal decides.
std::string room_sentence(const Making& m, const SizeEvidence& seen) {
  if (seen.goal >= m.scenario.goals.size()) return "";
  const Goal& goal = m.scenario.goals[seen.goal];
  return fmt::format(" On average, {} was {}.", deciding_figure(goal), room_words(goal, seen));
}

/// Why a size that met the goals in all its runs is not confirmed.
std::string doubt_words(const Making& m, const SizeEvidence& seen) {
  constexpr double kFar = 3.5;  // spreads: beyond what three runs leave open
  const bool near = seen.too_close() || (!seen.within && seen.headroom < kFar * seen.spread);
  if (near && seen.goal < m.scenario.goals.size()) {
    const Goal& goal = m.scenario.goals[seen.goal];
    return fmt::format("{} was only {}, so more than 5 in 100 runs would miss the goal",
                       deciding_figure(goal), room_words(goal, seen));
  }
  if (!seen.clear) {
    return "the 95 % confidence interval of at least one run crossed the limit";
  }
  if (!seen.within) return "its runs do not show that 95 of 100 further runs would meet every goal";
  return "too few runs to rely on";
}

bool is_full(const AdvisedRun& run) {
  return run.trial.usable && run.trial.length >= kFullLength;
}

/// The sizes below the answer that were run in full, the largest first.
std::vector<std::int64_t> sizes_below(const Making& m) {
  std::set<std::int64_t, std::greater<>> sizes;
  for (const AdvisedRun& run : m.findings.runs) {
    if (is_full(run) && run.trial.total < m.findings.total) sizes.insert(run.trial.total);
  }
  return {sizes.begin(), sizes.end()};
}

/// The first goal that a run of this size missed, with its figure.
std::string missed_at(const Making& m, std::int64_t size) {
  for (const AdvisedRun& run : m.findings.runs) {
    if (!is_full(run) || run.trial.total != size || run.trial.met) continue;
    if (const std::string missed = first_missed(run.report); !missed.empty()) return missed;
  }
  return "";
}

/// Why a size below the answer is not the answer.
std::string against(const Making& m, std::int64_t size) {
  const SizeEvidence seen = evidence_of_size(m, size);
  if (seen.met == 0) {
    const std::string missed = missed_at(m, size);
    return missed.empty() ? fmt::format(" With {}, not every request completed.", size)
                          : fmt::format(" With {}, {}.", size, missed);
  }
  if (seen.met < seen.runs) {
    return fmt::format(" With {}, only {} met the goals.", size, runs_text(seen));
  }
  return fmt::format(" With {}, {} met the goals, but that is not confirmed: {}.", size,
                     runs_text(seen), doubt_words(m, seen));
}

/// One sentence for each of the next smaller sizes.
std::string why_not_smaller(const Making& m) {
  constexpr std::size_t kMostTold = 3;
  const std::vector<std::int64_t> sizes = sizes_below(m);
  std::string text;
  for (std::size_t i = 0; i < std::min(sizes.size(), kMostTold); ++i) {
    text += against(m, sizes[i]);
    if (evidence_of_size(m, sizes[i]).met == 0) break;  // smaller ones are no question
  }
  const std::int64_t total = m.findings.total;
  if (!text.empty() && sizes.front() < total - 1) {
    text += fmt::format(" No run of full length was made with {}.", total - 1);
  }
  if (!text.empty() || total <= 1) return text;
  return fmt::format(
      " No smaller size has a usable run of full length; the model predicts that {} "
      "{}.",
      total - 1,
      m.sizes.at(total - 1).met() ? "meets the goals, too, with less headroom"
                                  : "misses the goals");
}

std::string confirmed_sentence(const Making& m) {
  const SizeEvidence& seen = m.findings.evidence;
  return fmt::format(
      "{} per process is the smallest size confirmed to meet the goals: {} met them.{}{}",
      m.findings.total, runs_text(seen), room_sentence(m, seen), why_not_smaller(m));
}

/// What is missing for a confirmation, as a sentence.
std::string missing_words(const Making& m) {
  const Findings& findings = m.findings;
  const SizeEvidence& seen = findings.evidence;
  if (findings.open_rates > 0) {
    return " The runs are too short to prove goals on rates: use a longer --duration.";
  }
  if (seen.confirming < findings.needed) {
    return fmt::format(" To confirm it, {} new run{} in a row must meet the goals with headroom.",
                       findings.needed, findings.needed == 1 ? "" : "s");
  }
  const bool close = seen.too_close() || !seen.within;
  return fmt::format(" It is not confirmed: {}.{}", doubt_words(m, seen),
                     close        ? " No larger size left more headroom."
                     : seen.clear ? ""
                                  : " Use a longer --duration.");
}

std::string open_sentence(const Making& m) {
  const SizeEvidence& seen = m.findings.evidence;
  const std::int64_t total = m.findings.total;
  if (seen.runs == 0) {
    const auto tried =
        std::count_if(m.findings.runs.begin(), m.findings.runs.end(),
                      [total](const AdvisedRun& run) { return run.trial.total == total; });
    const std::string which =
        tried == 0   ? "there was no run of this size"
        : tried == 1 ? "its only run was not usable or too short"
                     : fmt::format("none of its {} runs was usable and long enough", tried);
    return fmt::format("{} per process is not confirmed: {}. {}", total, which,
                       m.sizes.at(total).met()
                           ? "The model predicts that it meets the goals."
                           : "The model predicts that it misses the goals: do not use this size.");
  }
  if (seen.met == seen.runs) {
    return fmt::format("{} per process is likely to meet the goals: {} met them.{}{}", total,
                       runs_text(seen), missing_words(m), why_not_smaller(m));
  }
  return fmt::format("{} per process is not confirmed: only {} met the goals.{}", total,
                     runs_text(seen), why_not_smaller(m));
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
  return text;
}

/// A size beyond what is allowed, and what allows no more.
std::string beyond_words(const Making& m, std::int64_t beyond) {
  const std::int64_t processes = m.frame.peak_processes;
  const std::string raised = raised_words(m, beyond * processes);
  const bool smallest = m.frame.budget && m.findings.allowed == *m.frame.budget / processes;
  const bool budget = smallest || (raised.empty() && (m.frame.budget || m.frame.limits.empty()));
  const std::string what = budget           ? "--budget allows"
                           : raised.empty() ? fmt::format("A max_connections of {} allows",
                                                          m.frame.server.max_connections)
                                            : "The present limits allow";
  const std::string kept =
      budget ? "" : fmt::format(", with {} kept free", percent(m.frame.headroom));
  std::string text = fmt::format(
      "{} only {} connection{} per process ({} in total){}. With {} per process ({} in "
      "total), the goals would be met (simulated).",
      what, m.findings.allowed, m.findings.allowed == 1 ? "" : "s", m.findings.allowed * processes,
      kept, beyond, beyond * processes);
  if (!raised.empty()) text += " That needs " + raised + ".";
  return text;
}

/// The largest size per process worth asking the model for, whatever the limits allow.
std::int64_t farthest(const Making& m) {
  constexpr std::int64_t kFarther = 8, kAtLeast = 256;
  std::int64_t most = std::max(kFarther * m.findings.allowed, kAtLeast);
  for (const ConnectionLimit& limit : m.frame.limits) {
    if (limit.of == "memory") most = std::min(most, *limit.available() / m.frame.peak_processes);
  }
  if (const auto clients = m.scenario.max_clients()) {  // more than users are of no use
    const std::int64_t fleet = m.scenario.deployment.fleet();
    most = std::min(most, (*clients + fleet - 1) / fleet);
  }
  return most;
}

/// What the model says of larger pools, where it has nothing good to say.
std::string larger_words(const Making& m) {
  const std::int64_t most = std::max(farthest(m), m.findings.total);
  if (m.sizes.smallest(most)) return "";  // runs and model disagree: neither is proof
  return fmt::format(
      "A larger limit would not help: the goals are predicted to be missed even with {} "
      "connections "
      "per process: requests hold their connections for too long.",
      most);
}

/// Why nothing does: a limit, what a request takes anyway, or what the run showed.
std::string what_binds(const Making& m, const std::optional<std::int64_t>& beyond) {
  if (beyond) return beyond_words(m, *beyond);
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
  return text.empty() ? larger_words(m) : text;
}

}  // namespace

std::string certainty_of(const Findings& findings) {
  if (findings.outcome == "confirmed") return "confirmed";
  const SizeEvidence& seen = findings.evidence;
  const bool likely = findings.outcome != "impossible" && seen.runs > 0 && seen.met == seen.runs;
  return likely ? "likely" : "not confirmed";
}

bool expected_to_miss(const Making& m) {
  const SizeEvidence& seen = m.findings.evidence;
  if (m.findings.outcome == "impossible") return true;
  if (seen.runs == 0) return !m.sizes.at(m.findings.total).met();
  return 2 * seen.met <= seen.runs;
}

std::string sentence_of(const Making& m) {
  const std::string& outcome = m.findings.outcome;
  if (outcome == "confirmed") return confirmed_sentence(m);
  if (outcome == "impossible") {
    const std::string missed = first_missed(m.shown->report);
    const std::string best = missed.empty() ? "" : ": " + missed;
    std::set<std::int64_t> tried;
    for (const AdvisedRun& run : m.findings.runs) tried.insert(run.trial.total);
    if (tried.size() == 1 && m.findings.total == m.findings.most) {
      return fmt::format(
          "Even {} per process, the most that were considered, {} not meet the goals{}.",
          counted(m.findings.total, "connection"), m.findings.total == 1 ? "does" : "do", best);
    }
    return fmt::format("No size up to {} per process meets the goals. The best is {}{}.",
                       m.findings.most, m.findings.total, best);
  }
  if (m.findings.costs_assumed) {
    return fmt::format(
        "{} per process should meet the goals, but the statement costs are only assumed: {}.",
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
  // The best of the sizes that miss the goals need not be the largest that is allowed.
  const bool limited = m.frame.bounded() && m.findings.most >= m.findings.allowed;
  if (m.findings.outcome != "impossible" || !limited) return std::nullopt;
  const std::int64_t most = farthest(m);
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
