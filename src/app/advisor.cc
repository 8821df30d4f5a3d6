// One search, from the first calibration to the last confirmation.
#include "app/advisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "advise/score.h"
#include "app/first_size.h"
#include "app/simulate.h"
#include "app/trials.h"
#include "assess/sentences.h"
#include "poolgauge/pool_sizing.h"
#include "scenario/read/resolve.h"

namespace poolgauge::app {

namespace {

constexpr double kUsualConfidence = 0.95;
constexpr double kBetweenRuns_s = 1.5;  // checks before a load, connects, the end of it

const char* purpose_name(TrialPurpose purpose) {
  switch (purpose) {
    case TrialPurpose::calibrate: return "calibrate";
    case TrialPurpose::verify: return "verify";
    case TrialPurpose::neighbour: return "neighbor";
    case TrialPurpose::confirm: return "confirm";
  }
  return "";
}

const char* outcome_name(SearchOutcome outcome) {
  switch (outcome) {
    case SearchOutcome::confirmed: return "confirmed";
    case SearchOutcome::impossible: return "impossible";
    case SearchOutcome::inconclusive: return "inconclusive";
    case SearchOutcome::measure:
    case SearchOutcome::unconfirmed: break;
  }
  return "unconfirmed";
}

/// Whether no interval reaches beyond its limit. Rates are shown by all runs together.
bool all_clear(const Scenario& scenario, const Report& report) {
  const auto& results = report.verdict.goals;
  for (std::size_t i = 0; i < std::min(results.size(), scenario.goals.size()); ++i) {
    const Goal& goal = scenario.goals[i];
    const GoalResult& result = results[i];
    if (goal.statistic == GoalStatistic::rate || !result.low || !result.high) continue;
    const bool upper = goal.op == GoalOp::less || goal.op == GoalOp::less_equal;
    if (upper ? *result.high > goal.value : *result.low < goal.value) return false;
  }
  return true;
}

bool all_met(const Report& report) {
  const auto& goals = report.verdict.goals;
  if (!report.verdict.unjudged.empty()) return false;
  return std::all_of(goals.begin(), goals.end(), [](const GoalResult& g) { return g.met; });
}

}  // namespace

const AdvisedRun* Findings::nearest(std::int64_t size) const {
  const AdvisedRun* best = nullptr;
  double best_distance = 0;
  for (const AdvisedRun& run : runs) {
    if (!run.trial.usable) continue;
    constexpr double kShortPenalty = 0.5;
    const double distance =
        std::abs(std::log(static_cast<double>(run.trial.total) / static_cast<double>(size))) +
        (run.trial.length < 1 ? kShortPenalty : 0);
    if (best != nullptr && distance > best_distance) continue;
    best = &run;
    best_distance = distance;
  }
  return best;
}

const AdvisedRun* Findings::confirming() const {
  const AdvisedRun* last = nullptr;
  for (const AdvisedRun& run : runs) {
    const bool confirms = run.trial.usable && run.trial.purpose == TrialPurpose::confirm;
    if (confirms && run.trial.total == total) last = &run;
  }
  return last;
}

Advisor::Advisor(const AdviseRequest& options, const Context& context, const Scenario& scenario,
                 World& world, ProgressSink& progress, std::uint64_t seed, std::time_t started)
    : options_(options),
      context_(context),
      scenario_(scenario),
      world_(world),
      progress_(progress),
      seed_(seed),
      started_(started) {}

std::vector<SearchTrial> Advisor::trials() const {
  std::vector<SearchTrial> all;
  for (const AdvisedRun& run : findings_.runs) all.push_back(run.trial);
  return all;
}

int Advisor::runs_left() const {
  constexpr int kUsualRuns = 15;
  const int kMostRuns = kUsualRuns + options_.confirmations;
  const int done = static_cast<int>(findings_.runs.size());
  if (!options_.time_limit_s || world_.simulated()) return kMostRuns - done;
  const double run_s = to_s(scenario_.warmup + scenario_.duration) + kBetweenRuns_s;
  const double left = *options_.time_limit_s - std::difftime(context_.wall_clock(), started_);
  return std::clamp(static_cast<int>(std::floor(left / run_s)), 0, kMostRuns - done);
}

Status Advisor::take(const Scenario& scenario, SearchTrial trial, std::int64_t kept) {
  progress_.phase(fmt::format("run {} ({}): {} connection{} per process", findings_.runs.size() + 1,
                              purpose_name(trial.purpose), trial.total,
                              trial.total == 1 ? "" : "s"));
  const Result<Measurement> measured = world_.measure(scenario, seed_ + findings_.runs.size());
  if (!measured.ok()) return measured.error();
  AdvisedRun run;
  run.kept = kept;
  run.report = trial_report(scenario, measured.value(), world_, context_, seed_, started_);
  run.seconds = run.report.window_s;
  run.trial = std::move(trial);
  run.trial.usable = unusable_because(run.report).empty();
  run.trial.scores = goal_scores(scenario, measured.value());
  run.trial.met = all_met(run.report);
  run.trial.clear = all_clear(scenario_, run.report);
  findings_.runs.push_back(std::move(run));
  return success();
}

Status Advisor::calibrate() {
  SizesPlan plan;
  plan.run_s = to_s(scenario_.duration);
  plan.requests_per_s = rate_without_wait(scenario_);
  plan.seed = seed_;
  ServerProfile profile = world_.model() != nullptr ? *world_.model() : ServerProfile{};
  profile.max_connections = 0;  // the budget bounds the search; beyond it the model is asked, too
  if (world_.model() == nullptr && options_.cores > 0) profile.cores = options_.cores;
  sizes_ = std::make_unique<SimulatedSizes>(scenario_, profile, plan);
  if (world_.simulated()) return success();  // the model is the world
  constexpr double kShare = 0.25;
  constexpr double kLeast_s = 2;
  const double seconds = std::min(plan.run_s, std::max(kLeast_s, plan.run_s * kShare));
  std::int64_t total = ample_total(scenario_, limits_.most);
  Scenario trial;
  for (int runs = 0; total > 0; ++runs) {
    trial = with_pool(scenario_, total, total);
    trial.duration = from_s(seconds);
    trial.resolved_json = resolved(trial);
    SearchTrial what;
    what.total = total;
    what.purpose = TrialPurpose::calibrate;
    what.length = seconds / plan.run_s;
    if (const Status taken = take(trial, what, total); !taken.ok()) return taken;
    constexpr int kMostRuns = 3;
    if (runs + 1 == kMostRuns || stopped()) break;
    total = roomier_total(scenario_, findings_.runs.back().report, total, limits_.most);
  }
  const Report& seen = findings_.runs.back().report;
  if (seen.requests.completed == 0) return success();
  plan.requests_per_s = std::max(seen.throughput_per_s, 0.1);
  const CalibratedQuestion question{seen, trial, scenario_, fit_server(seen.calibration)};
  const Duration unseen = unseen_per_exchange(question, context_.stop);
  sizes_ = std::make_unique<SimulatedSizes>(scenario_, calibrated_profile(question, unseen), plan);
  return success();
}

bool Advisor::decidable() {
  const double rate = world_.simulated() || findings_.runs.empty()
                          ? rate_without_wait(scenario_)
                          : static_cast<double>(findings_.runs.back().report.requests.ended()) /
                                std::max(findings_.runs.back().seconds, 0.1);
  const PlannedRuns planned{rate, to_s(scenario_.duration),
                            static_cast<double>(options_.confirmations), shares_of(scenario_)};
  const TooShort short_run =
      too_short_for(scenario_.goals, planned, options_.confidence.value_or(kUsualConfidence));
  findings_.unshown = short_run.rates;
  findings_.open_rates = short_run.open_rates;
  findings_.undecided = short_run.quantiles;
  if (options_.confidence) {  // asked for by name: then it must be possible
    findings_.undecided.insert(findings_.undecided.end(), short_run.rates.begin(),
                               short_run.rates.end());
  }
  return findings_.undecided.empty();
}

/// Without costs the model decides only what holds and pools do, and nothing where requests wait
/// for locks. One run shows what it has.
Status Advisor::judge_costs() {
  const ServerProfile* model = world_.model();
  if (model == nullptr) return success();
  const std::string locks = steps_on_same_rows(scenario_);
  findings_.costs_assumed = !steps_without_cost(scenario_, *model).empty();
  if (locks.empty() && !findings_.costs_assumed) return success();
  for (const Goal& goal : scenario_.goals) {
    const std::string why = locks.empty() ? undecided_by_holds(scenario_, goal)
                                          : "not judged: " + no_locks_words(locks);
    if (!why.empty()) findings_.undecided.push_back(goal.text + ": " + why);
  }
  if (findings_.undecided.empty()) return success();
  const std::int64_t total = ample_total(scenario_, limits_.most);
  SearchTrial what;
  what.total = total;
  what.purpose = TrialPurpose::calibrate;
  return take(with_pool(scenario_, total, total), what, total);
}

Status Advisor::measure(const SearchStep& step) {
  SearchTrial trial;
  trial.total = step.total;
  trial.purpose = step.purpose;
  if (step.purpose != TrialPurpose::confirm) {
    return take(with_pool(scenario_, step.total, step.total), trial, step.total);
  }
  const AdvisedRun* nearest = findings_.nearest(step.total);
  if (nearest == nullptr) {
    return take(with_pool(scenario_, step.total, step.total), trial, step.total);
  }
  // A fresh run of exactly what will be recommended, the same in all of them.
  const auto known = settled_.find(step.total);
  if (known == settled_.end()) {
    const SettingsEvidence seen = evidence_of(scenario_, nearest->report);
    const std::int64_t kept = kept_of(seen, step.total);
    Recommendation times;
    set_times(seen, times);
    settled_.emplace(step.total, Settled{as_recommended(scenario_, kept, step.total, times), kept});
  }
  const Settled& settled = settled_.at(step.total);
  return take(settled.scenario, trial, settled.kept);
}

void Advisor::conclude(const SearchStep& step) {
  // What the runs are too short to show is not confirmed by them, nor by costs that nobody gave.
  const bool shown = step.outcome != SearchOutcome::confirmed ||
                     (findings_.open_rates == 0 && !findings_.costs_assumed);
  findings_.outcome = outcome_name(shown ? step.outcome : SearchOutcome::unconfirmed);
  findings_.total = step.total;
  const std::vector<SearchTrial> all = trials();
  findings_.evidence = evidence_at(step.total, sizes_->model(), all);
}

Status Advisor::search(std::int64_t most) {
  Status searched = search_sizes(most);
  findings_.guards = world_.guard_log();
  if (findings_.guards.stopped_by.empty() || findings_.runs.empty()) return searched;
  findings_.outcome = "interrupted";
  return success();
}

Status Advisor::search_sizes(std::int64_t most) {
  findings_.most = limits_.most = useful_total(scenario_, most);
  findings_.allowed = most;
  findings_.needed = limits_.confirmations = options_.confirmations;
  if (const Status ready = calibrate(); !ready.ok()) return ready;
  if (const Status judged = judge_costs(); !judged.ok()) return judged;
  if (!findings_.undecided.empty()) {
    findings_.outcome = "inconclusive";
    return success();
  }
  if (!stopped() && !decidable()) {
    findings_.outcome = "inconclusive";
    return success();
  }
  while (!stopped()) {
    limits_.runs_left = runs_left();
    const std::vector<SearchTrial> so_far = trials();
    progress_.phase("simulating");
    const SearchStep step = next_step(limits_, sizes_->model(), so_far);
    if (step.outcome != SearchOutcome::measure) {
      conclude(step);
      return success();
    }
    const Status measured = measure(step);
    if (!measured.ok() && measured.error().kind != ErrorKind::interrupted) return measured;
    if (!measured.ok()) break;
  }
  limits_.runs_left = 0;  // the best answer so far
  conclude(next_step(limits_, sizes_->model(), trials()));
  if (findings_.outcome == "confirmed") return success();
  findings_.outcome = context_.stop.requested() ? "interrupted" : "inconclusive";
  return success();
}

Scenario as_recommended(const Scenario& scenario, std::int64_t kept, std::int64_t total,
                        const Recommendation& times) {
  Scenario changed = with_pool(scenario, kept, total);
  PoolSpec& pool = changed.deployment.pool;
  const SizingOptions names = *sizing_options(pool.kind);
  if (!names.wait.empty() && times.pool_timeout_s > 0) {
    constexpr double kLeast = 0.25;  // what HikariCP takes
    pool.set(names.wait, OptionValue(from_s(std::max(kLeast, times.pool_timeout_s))));
  }
  if (!names.ping.empty()) pool.set(names.ping, OptionValue(times.pre_ping));
  changed.resolved_json = resolved(changed);
  return changed;
}

}  // namespace poolgauge::app
