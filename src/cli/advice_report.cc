// Putting together the recommendation, its sentence and its verdict.
#include "cli/advice_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "advise/goals.h"
#include "advise/snippets.h"
#include "base/text.h"
#include "cli/advice_parts.h"
#include "cli/messages.h"
#include "cli/trial_report.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::cli {

namespace {

struct Making {
  const Scenario& scenario;
  const SimulatedSizes& sizes;
  const Findings& findings;
  const AdviceFrame& frame;
  const AdvisedRun* shown = nullptr;  ///< whose figures the report has
};

PoolForecast measured_forecast(const Report& report) {
  PoolForecast forecast;
  forecast.latency_p95_ms = report.latency.p95;
  forecast.pool_timeout_rate = report.rate_pool_timeout;
  forecast.pool_wait_p95_ms = report.pool_wait.p95;
  if (!report.pools.empty()) forecast.utilization = report.pools.front().utilization_mean;
  return forecast;
}

const char* purpose_of(TrialPurpose purpose) {
  switch (purpose) {
    case TrialPurpose::calibrate: return "calibrate";
    case TrialPurpose::verify: return "verify";
    case TrialPurpose::neighbour: return "neighbour";
    case TrialPurpose::confirm: return "confirm";
  }
  return "";
}

SearchRecord record_of(const Making& m) {
  SearchRecord record;
  record.outcome = m.findings.outcome;
  record.seconds = m.frame.seconds;
  for (const AdvisedRun& run : m.findings.runs) {
    SearchRun one;
    one.pool_size = run.kept;
    one.max_overflow = run.trial.total - run.kept;
    one.purpose = purpose_of(run.trial.purpose);
    one.seconds = run.seconds;
    one.usable = run.trial.usable;
    one.met = run.trial.met;
    one.note = unusable_because(run.report);
    one.throughput_per_s = run.report.throughput_per_s;
    one.predicted = m.sizes.at(run.trial.total).forecast;
    one.measured = measured_forecast(run.report);
    record.runs.push_back(std::move(one));
  }
  return record;
}

/// "p95(latency) 1.02 s"
std::string first_missed(const Report& report) {
  for (const GoalResult& goal : report.verdict.goals) {
    if (goal.met || !goal.measured) continue;
    const std::string what = goal.goal.substr(0, goal.goal.find_first_of("<>"));
    const std::size_t end = what.find_last_not_of(' ');
    return what.substr(0, end + 1) + " " + goal_value_text(*goal.measured, goal.unit);
  }
  return "";
}

/// The smallest size below the answer that met the goals when it was looked at.
std::optional<std::int64_t> met_below(const Making& m) {
  std::optional<std::int64_t> smallest;
  for (const AdvisedRun& run : m.findings.runs) {
    const bool meets = run.trial.usable && run.trial.total < m.findings.total && run.trial.met;
    if (meets && (!smallest || run.trial.total < *smallest)) smallest = run.trial.total;
  }
  return smallest;
}

/// The largest size below the answer that was seen to miss.
std::string why_not_smaller(const Making& m) {
  const AdvisedRun* below = nullptr;
  for (const AdvisedRun& run : m.findings.runs) {
    const bool misses = run.trial.usable && run.trial.total < m.findings.total && !run.trial.met;
    if (misses && (below == nullptr || run.trial.total > below->trial.total)) below = &run;
  }
  const std::int64_t total = m.findings.total;
  if (const auto lucky = met_below(m)) {
    return fmt::format(
        "{} is the smallest that meets the goals reliably: {} met them in one run, "
        "by less than runs differ{}",
        total, *lucky,
        below == nullptr
            ? ""
            : fmt::format("; {} gave {}", below->trial.total, first_missed(below->report)));
  }
  if (below != nullptr) {
    return fmt::format("{} is the smallest that meets the goals: {} gave {}", total,
                       below->trial.total, first_missed(below->report));
  }
  if (total == 1) return "one connection meets the goals";
  const auto& expected = m.sizes.at(total - 1);
  if (expected.met()) {
    return fmt::format("{} meets the goals; smaller ones may do so, too", total);
  }
  return fmt::format(
      "{} meets the goals; no smaller one was seen to miss them, but the model "
      "expects {} to",
      total, total - 1);
}

/// The goal that comes nearest to being missed.
std::string deciding_goal(const Making& m) {
  if (m.scenario.goals.empty()) return "";
  const auto& goals = m.sizes.at(m.findings.total).goals;
  // Behind the scenario's own stand the scores of what they leave open.
  const auto own = static_cast<std::ptrdiff_t>(std::min(goals.size(), m.scenario.goals.size()));
  const auto worst =
      std::max_element(goals.begin(), goals.begin() + own,
                       [](const auto& a, const auto& b) { return a.value < b.value; });
  const auto index = static_cast<std::size_t>(worst - goals.begin());
  return fmt::format("{} decides; one run of this length scatters by ± {} there.",
                     m.scenario.goals[index].text, percent(std::expm1(worst->error)));
}

/// Why nothing does: the budget, what a request takes anyway, or what the run showed.
std::string what_binds(const Making& m) {
  constexpr std::int64_t kFarther = 8;
  const std::int64_t cap = m.findings.most;
  const std::int64_t processes = m.frame.peak_processes;
  if (m.findings.total >= cap) {
    const auto beyond = m.sizes.smallest(kFarther * cap);
    if (beyond && *beyond > cap) {
      return fmt::format(
          "The budget binds: {} connections of each process would do it (simulated), {} in all, "
          "but "
          "{} of each, {} in all, are what the server allows.",
          *beyond, *beyond * processes, cap, cap * processes);
    }
  }
  const auto& forecast = m.sizes.at(m.findings.total).forecast;
  const bool waits =
      forecast.pool_wait_p95_ms.value_or(0) > 0.05 * forecast.latency_p95_ms.value_or(0);
  const auto& diagnosis = m.shown->report.diagnosis;
  std::string text;
  if (!waits && forecast.latency_p95_ms) {
    text = fmt::format(
        "Without waiting for a connection a request takes {} (p95): the pool is not "
        "what keeps it from the goal.",
        human_duration(from_ms(*forecast.latency_p95_ms)));
  }
  if (!diagnosis.empty() && diagnosis.front().finding != "healthy" &&
      diagnosis.front().finding != "pool_bound") {
    text += (text.empty() ? "" : " ") + diagnosis.front().evidence;
  }
  return text.empty() ? "More connections do not shorten the wait: what they wait for is shared."
                      : text;
}

std::string sentence_of(const Making& m) {
  const std::string& outcome = m.findings.outcome;
  if (outcome == "confirmed") return why_not_smaller(m) + ".";
  if (outcome == "impossible") {
    const std::string missed = first_missed(m.shown->report);
    return fmt::format("No size up to {} meets the goals; the best is {}{}.", m.findings.most,
                       m.findings.total, missed.empty() ? "" : ", with " + missed);
  }
  const std::string so_far = fmt::format("{} should meet the goals, but ", m.findings.total);
  if (outcome == "interrupted") return so_far + "the search was interrupted before that was seen.";
  if (outcome == "inconclusive") return so_far + "too many runs could not be used.";
  return so_far + "no fresh run of it has shown that: give the search more time.";
}

/// The limit of the wait that a run had.
std::optional<double> wait_limit_of(const Making& m, const AdvisedRun& run) {
  const DeployedPool& sized = m.scenario.deployment.pool;
  const std::string wait = sizing_options(sized.kind)->wait;
  for (const PoolSummary& pool : run.report.pools) {
    if (pool.measured.name != sized.name) continue;
    for (const auto& [name, value] : pool.options) {
      const auto* limit = std::get_if<Duration>(&value);
      if (name == wait && limit != nullptr) return to_s(*limit);
    }
  }
  return std::nullopt;
}

void add_settings(const Making& m, Recommendation& r) {
  r.capacity = m.findings.total * m.frame.peak_processes;
  SettingsEvidence seen = evidence_of(m.scenario, m.shown->report);
  std::string why;
  r.pool_size = kept_of(seen, m.findings.total, why);
  if (const AdvisedRun* run = m.findings.confirmation()) {
    r.pool_size = run->kept;  // what was confirmed stands
    seen.confirmed_wait_s = wait_limit_of(m, *run);
  }
  r.max_overflow = m.findings.total - r.pool_size;
  r.why.push_back(why);
  set_times(seen, r);
  r.formulas = judged_rules(m.scenario, m.sizes, seen, m.frame.slots);
}

/// max_connections: for the fleet, or for the pooler that stands between.
void add_server(const Making& m, Recommendation& r) {
  r.pooler = pooler_sizes(m.scenario, m.sizes, r, m.frame.server);
  if (!r.pooler) return set_server(m.frame.slots, r.capacity, r);
  const std::int64_t servers = r.pooler->default_pool_size + r.pooler->reserve_pool_size;
  set_server(m.frame.server, servers, r);
  r.why.push_back(fmt::format(
      "default_pool_size {}: the smallest with which the simulator meets the goals; a quarter more "
      "in reserve; max_client_conn {} for the {} connections of the pools",
      r.pooler->default_pool_size, r.pooler->max_client_conn, r.capacity));
}

void add_own_words(const Making& m, Recommendation& r) {
  r.kind = m.scenario.deployment.pool.kind;
  PoolSettings settings{r.pool_size, r.total(), from_s(r.pool_timeout_s), from_s(r.pool_recycle_s),
                        r.pre_ping};
  r.options = named_options(r.kind, settings);
  r.own_snippet = snippet_of(r.kind);
  r.snippets = make_snippets(r);
}

Recommendation recommendation_of(const Making& m) {
  Recommendation r;
  add_settings(m, r);
  add_server(m, r);
  const bool measured = !m.frame.simulated && m.shown->trial.usable;
  r.confidence = measured ? Confidence::measured : Confidence::simulated;
  r.confirmed = m.findings.outcome == "confirmed" && m.findings.unshown.empty();
  r.predicted = m.sizes.at(r.total()).forecast;
  r.measured = measured_forecast(m.shown->report);
  add_own_words(m, r);
  r.alternatives = simulated_alternatives(m.scenario, m.sizes, r.total(), m.findings.most);
  r.warnings.insert(r.warnings.end(), m.findings.unshown.begin(), m.findings.unshown.end());
  SearchRecord record = record_of(m);
  record.sentence = sentence_of(m);
  record.binds = m.findings.outcome == "impossible" ? what_binds(m) : deciding_goal(m);
  for (const std::string& one :
       model_words(m.scenario, m.sizes, evidence_of(m.scenario, m.shown->report), r.total()))
    r.warnings.push_back(one);
  record.neighbours = neighbour_words(m.scenario, m.sizes, m.findings);
  r.search = std::move(record);
  return r;
}

void set_verdict(Verdict& verdict, VerdictStatus status, int exit_code, std::string reason) {
  verdict.status = status;
  verdict.exit_code = exit_code;
  verdict.reasons = {std::move(reason)};
}

void judge(const Making& m, bool interrupted, Report& report) {
  const std::string& outcome = m.findings.outcome;
  Verdict& verdict = report.verdict;
  if (interrupted) {
    set_verdict(verdict, VerdictStatus::interrupted, kExitInterrupted, "interrupted");
    report.partial = true;
  } else if (outcome == "confirmed") {
    verdict.status = VerdictStatus::pass;
    verdict.exit_code = 0;
    verdict.reasons.clear();
  } else if (outcome == "impossible") {
    set_verdict(verdict, VerdictStatus::slo_missed, 10, "no pool size meets the goals");
  } else {
    set_verdict(verdict, VerdictStatus::inconclusive, 12, report.recommendation->search->sentence);
  }
}

}  // namespace

Report advised_report(const Scenario& scenario, const Advisor& advisor, const AdviceFrame& frame,
                      bool interrupted) {
  const Findings& findings = advisor.findings();
  Making m{scenario, advisor.sizes(), findings, frame, findings.confirmation()};
  if (m.shown == nullptr) m.shown = findings.nearest(findings.total);
  if (m.shown == nullptr) m.shown = &findings.runs.back();  // none is usable: as good as it gets
  Report report = m.shown->report;
  report.command = "advise";
  if (!findings.undecided.empty()) {
    // Without an answer: what a longer run would need is the answer.
    set_verdict(report.verdict, VerdictStatus::inconclusive, 12, findings.undecided.front());
    report.verdict.reasons = findings.undecided;
    return report;
  }
  report.recommendation = recommendation_of(m);
  judge(m, interrupted, report);
  report.notes.insert(report.notes.end(), findings.notes.begin(), findings.notes.end());
  return report;
}

}  // namespace poolgauge::cli
