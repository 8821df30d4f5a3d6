// Putting together the recommendation, its sentence and its verdict.
#include "app/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "advise/snippets.h"
#include "app/first_size.h"
#include "app/trials.h"
#include "assess/sentences.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::app {

namespace {

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
  const auto goal = deciding_goal(m);
  if (goal) record.decides = m.scenario.goals[*goal].text;
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
    const auto& goals = run.report.verdict.goals;
    if (goal && *goal < goals.size()) {
      record.decides_unit = goals[*goal].unit;
      one.goal_measured = goals[*goal].measured;
      one.goal_predicted = expected_figure(m, *goal, run.trial.total);
    }
    record.runs.push_back(std::move(one));
  }
  return record;
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
  r.pool_size = kept_of(seen, m.findings.total);
  if (const AdvisedRun* run = m.findings.confirming()) {
    r.pool_size = run->kept;  // what was run stands
    seen.confirmed_wait_s = wait_limit_of(m, *run);
  }
  r.max_overflow = m.findings.total - r.pool_size;
  r.why.push_back(kept_words(seen, r.pool_size, r.total()));
  set_times(seen, r);
  r.formulas = judged_rules(m.scenario, m.sizes, seen, m.frame.slots, m.frame.headroom);
}

/// The server's limits, for the pools themselves or for the pooler that stands between.
void add_server(const Making& m, Recommendation& r) {
  const std::int64_t wanted =
      std::max(r.capacity, r.beyond_limits.value_or(0) * m.frame.peak_processes);
  const double headroom = m.frame.headroom;
  std::vector<ConnectionLimit> limits = m.frame.limits;
  if (limits.empty()) limits = {server_limit(m.frame.slots.value_or(m.frame.server), true)};
  const auto sizes = pooler_sizes(m.scenario, m.sizes, r, m.frame);
  add_limits(std::move(limits), r.capacity, wanted, headroom, r);
  if (!sizes) return;
  r.pooler = sizes->recommended;
  r.why.push_back(sizes->why);
  for (ConnectionLimit limit : m.frame.behind) {
    const bool size = limit.setting == "default_pool_size";
    if (!size) {
      add_limits({limit}, sizes->servers, sizes->servers, limit.of == "pooler" ? 0 : headroom, r);
      continue;
    }
    limit.needed = sizes->needed;
    limit.recommended = r.pooler->default_pool_size;
    r.limits.push_back(limit);
  }
  if (r.limit("server") == nullptr) {
    add_limits({server_limit(m.frame.server, true)}, sizes->servers, sizes->servers, headroom, r);
  }
}

void add_own_words(const Making& m, Recommendation& r) {
  r.kind = m.scenario.deployment.pool.kind;
  PoolSettings settings{r.pool_size, r.total(), from_s(r.pool_timeout_s), from_s(r.pool_recycle_s),
                        r.pre_ping};
  r.options = named_options(r.kind, settings);
  r.own_snippet = snippet_of(r.kind);
  r.snippets = make_snippets(r);
}

/// What a snippet says of itself where nothing else is beside it.
std::string unconfirmed_words(const Findings& findings) {
  const SizeEvidence& seen = findings.evidence;
  if (seen.runs == 0) return "not confirmed: predicted, no run of this size was usable";
  return fmt::format("not confirmed: {} of {} run{} met the goals", seen.met, seen.runs,
                     seen.runs == 1 ? "" : "s");
}

/// Nothing is offered to be pasted that will probably miss the goals, and what is not confirmed
/// says so. Limits that must be raised before a larger size can be tried stay: none is lowered.
void set_snippets(const Making& m, Recommendation& r) {
  if (expected_to_miss(m)) {
    std::erase_if(r.snippets, [&r](const Snippet& one) {
      const bool limit = one.id == "limits" || (one.id == "pgbouncer.ini" && r.limit("pooler"));
      return !r.beyond_limits || !limit;
    });
    const std::string then =
        r.beyond_limits
            ? fmt::format("for {} connections per process; then run advise again", *r.beyond_limits)
            : "";
    for (Snippet& one : r.snippets) one.text = commented(one, then) + one.text;
  } else if (m.findings.outcome != "confirmed") {
    for (Snippet& one : r.snippets) {
      one.text = commented(one, unconfirmed_words(m.findings)) + one.text;
    }
  }
}

/// Where the goals can be met at all: else what another pool needs is no question.
void add_other_pools(const Making& m, Recommendation& r) {
  if (m.findings.outcome == "impossible") return;
  r.other_pools =
      other_pools(m.scenario, m.sizes, r.total(), m.frame, m.shown->report.target.replica);
  for (const OtherPool& one : r.other_pools) r.why.push_back(other_pool_words(one));
}

SearchRecord search_record(const Making& m, const Recommendation& r) {
  SearchRecord record = record_of(m);
  const SizeEvidence& seen = m.findings.evidence;
  record.certainty = certainty_of(m.findings);
  record.runs_of = seen.runs;
  record.runs_met = seen.met;
  record.runs_needed = m.findings.needed;
  if (seen.runs > 0) {
    record.headroom = 1 - std::exp(-seen.headroom);
    record.spread = std::expm1(seen.spread);
  }
  record.sentence = sentence_of(m);
  record.binds = binds_words(m, r.beyond_limits);
  record.neighbours = neighbour_words(m);
  return record;
}

Recommendation recommendation_of(const Making& m) {
  Recommendation r;
  r.growth = m.frame.growth;
  r.beyond_limits = beyond_limits(m);
  add_settings(m, r);
  add_server(m, r);
  const bool measured = !m.frame.simulated && m.shown->trial.usable;
  r.confidence = measured ? Confidence::measured : Confidence::simulated;
  r.confirmed = m.findings.outcome == "confirmed";
  r.predicted = m.sizes.at(r.total()).forecast;
  r.measured = measured_forecast(m.shown->report);
  add_own_words(m, r);
  set_snippets(m, r);
  add_other_pools(m, r);
  r.alternatives = simulated_alternatives(m, r.total());
  r.warnings.insert(r.warnings.end(), m.findings.unshown.begin(), m.findings.unshown.end());
  for (const std::string& one :
       model_words(m.scenario, m.sizes, evidence_of(m.scenario, m.shown->report), r.total()))
    r.warnings.push_back(one);
  r.search = search_record(m, r);
  return r;
}

/// Findings about the size of the pool: what the recommendation says of it rests on all runs, they
/// on the last one alone. Nobody is told two things.
bool about_size(const Finding& finding) {
  constexpr std::array<std::string_view, 5> kSize = {
      "pool_bound", "over_provisioned", "connect_bound", "budget_bound", "connect_churn"};
  return std::find(kSize.begin(), kSize.end(), finding.finding) != kSize.end();
}

void set_verdict(Verdict& verdict, VerdictStatus status, int exit_code, std::string reason) {
  verdict.status = status;
  verdict.exit_code = exit_code;
  verdict.reasons = {std::move(reason)};
}

void judge(const Making& m, bool interrupted, Report& report) {
  const std::string& outcome = m.findings.outcome;
  Verdict& verdict = report.verdict;
  if (const std::string& guard = m.findings.guards.stopped_by; !guard.empty()) {
    set_verdict(verdict, VerdictStatus::guard, kExitGuard, guard);
    report.partial = true;
    report.guards = m.findings.guards;
  } else if (interrupted) {
    set_verdict(verdict, VerdictStatus::interrupted, kExitInterrupted, "interrupted");
    report.partial = true;
  } else if (outcome == "confirmed") {
    verdict.status = VerdictStatus::pass;
    verdict.exit_code = 0;
    verdict.reasons.clear();
  } else if (outcome == "impossible") {
    set_verdict(verdict, VerdictStatus::slo_missed, 10,
                report.recommendation->beyond_limits ? "no pool size that fits meets the goals"
                                                     : "no pool size meets the goals");
  } else {
    set_verdict(verdict, VerdictStatus::inconclusive, 12, report.recommendation->search->sentence);
  }
}

}  // namespace

Report advised_report(const Scenario& scenario, const Advisor& advisor, const AdviceFrame& frame,
                      bool interrupted) {
  const Findings& findings = advisor.findings();
  Making m{scenario, advisor.sizes(), findings, frame, findings.confirming()};
  if (m.shown == nullptr) m.shown = findings.nearest(findings.total);
  if (m.shown == nullptr) m.shown = &findings.runs.back();  // none is usable: as good as it gets
  Report report = m.shown->report;
  report.command = "advise";
  if (!findings.undecided.empty()) {
    // Without an answer: what it takes to get one is the answer.
    set_verdict(report.verdict, VerdictStatus::inconclusive, kExitInconclusive,
                "no pool size was searched, because the goals cannot be judged");
    report.verdict.reasons.insert(report.verdict.reasons.end(), findings.undecided.begin(),
                                  findings.undecided.end());
    report.diagnosis.clear();  // of a run that was made to see how long runs must be
    return report;
  }
  report.recommendation = recommendation_of(m);
  std::erase_if(report.diagnosis, about_size);
  judge(m, interrupted, report);
  report.notes.insert(report.notes.end(), findings.notes.begin(), findings.notes.end());
  return report;
}

}  // namespace poolgauge::app
