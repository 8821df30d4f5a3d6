// The same pools and users on a virtual clock.
#include "app/simulation.h"

#include <algorithm>
#include <utility>

#include "advise/prediction.h"
#include "app/measure.h"
#include "app/simulate.h"
#include "app/world.h"
#include "assess/goals.h"
#include "base/json_layout.h"
#include "base/quantities.h"
#include "base/rng.h"
#include "files/files.h"
#include "files/report_set.h"
#include "poolgauge/simulate.h"

namespace poolgauge::app {

namespace {

/// The report's scenario with other flags.
OrFailure<Scenario> asked_scenario(const Report& report, const SimulateRequest& options,
                                   const FlagValues& flags, const Environment& environment) {
  // No database, no data: the files may be on another machine.
  const std::string text = without_member(report.scenario_json, "data");
  const std::string& origin = report.scenario_file;
  return scenario_from_text(text, origin.empty() ? options.file : origin, flags, environment);
}

OrFailure<SimulationPlan> plan_from_report(const std::string& text, const SimulateRequest& options,
                                           const Context& context) {
  Result<Report> read = report_from_json(text, options.file);
  if (!read.ok()) return read.error();
  Report& report = read.value();
  if (const Status whole = check_whole(report, options.file); !whole.ok()) return whole.error();
  OrFailure<Scenario> asked = asked_scenario(report, options, options.flags, context.environment);
  if (!asked.ok()) return asked.failure();
  OrFailure<Scenario> unchanged = asked_scenario(report, options, FlagValues{}, {});
  if (!unchanged.ok()) return unchanged.failure();
  SimulationPlan plan;
  plan.scenario = std::move(asked).value();
  plan.unchanged = std::move(unchanged).value();
  plan.scenario.sha256 = report.scenario_sha256;
  plan.seed = options.seed_given ? options.seed : report.seed;
  plan.measured = std::move(report);
  return plan;
}

OrFailure<SimulationPlan> make_plan(const SimulateRequest& options, const Context& context) {
  const Result<std::string> file = find_scenario(options.file, scenario_directories());
  if (!file.ok()) return file.error();
  const Result<std::string> text = read_file(file.value());
  if (!text.ok()) return text.error();
  if (text.value().find("\"schema_version\"") != std::string::npos) {
    return plan_from_report(text.value(), options, context);
  }
  OrFailure<Scenario> loaded = typed_scenario(file.value(), options.flags, context.environment);
  if (!loaded.ok()) return loaded.failure();
  SimulationPlan plan;
  plan.scenario = std::move(loaded).value();
  plan.seed = options.seed;
  return plan;
}

/// Holds that become pauses.
Status release(Scenario& scenario, const SimulateRequest& options) {
  for (const std::string& step : options.release_during) {
    Result<Scenario> changed = release_during(std::move(scenario), step);
    if (!changed.ok()) return changed.error();
    scenario = std::move(changed).value();
  }
  return success();
}

/// The calibration may be off by so much, one standard deviation: what a server does varies from
/// run to run, beyond what the sample of one run shows.
constexpr double kWorkVaries = 0.02;

/// Further runs for the intervals: as many as a second has room for.
std::size_t further_runs(const Measurement& first) {
  constexpr std::uint64_t kRoom = 400000;
  const std::uint64_t each = std::max<std::uint64_t>(1, first.requests.ended());
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(kRoom / each, 2, 9));
}

/// The question with several seeds and calibrations, and the measured run itself once more.
SimulatedRuns simulate_around(const SimulationPlan& plan, const Measurement& first,
                              const StopFlag& stop) {
  SimulatedRuns runs;
  runs.question.push_back(first);
  const CalibratedQuestion question{*plan.measured, plan.unchanged, plan.scenario, plan.fit};
  Rng rng(plan.seed, 0x70726564);
  const std::size_t further = further_runs(first);
  for (std::size_t i = 1; i <= further && !stop.requested(); ++i) {
    const Deviation deviation{kWorkVaries * rng.normal(), rng.normal(), plan.scale};
    ServerProfile profile = calibrated_profile(question, plan.profile.exchange_delay, deviation);
    profile.cores = plan.profile.cores;
    profile.max_connections = plan.profile.max_connections;
    profile.reserved_connections = plan.profile.reserved_connections;
    runs.question.push_back(
        simulate(plan.scenario, profile, plan.seed + i, stop, {}, Keep::figures));
  }
  const CalibratedQuestion same{*plan.measured, plan.unchanged, plan.unchanged, plan.fit};
  const ServerProfile profile = calibrated_profile(same, plan.profile.exchange_delay);
  runs.unchanged.push_back(
      simulate(plan.unchanged, profile, plan.measured->seed, stop, {}, Keep::figures));
  if (stop.requested()) runs.question.resize(1);  // the others were cut short
  return runs;
}

void fit_to_report(SimulationPlan& plan, unsigned cores, const StopFlag& stop) {
  const unsigned measured = plan.measured->calibration.cores;
  if (cores > 0 && measured > 0) plan.scale = static_cast<double>(cores) / measured;
  plan.fit = fit_server(plan.measured->calibration);
  const CalibratedQuestion question{*plan.measured, plan.unchanged, plan.scenario, plan.fit};
  plan.profile = calibrated_profile(question, unseen_per_exchange(question, stop),
                                    Deviation{0, 0, plan.scale});
}

/// What no flag of the scenario's own says.
void add_notes(std::vector<std::string>& notes, const SimulateRequest& options) {
  for (const std::string& step : options.release_during) {
    notes.push_back(
        "The connection is released during \"" + step +
        "\": the transaction is committed before the step and a new one begins after it.");
  }
}

/// The claim, and the calibration it was made from, so that this report can be asked as well.
void add_prediction(Report& report, const SimulationPlan& plan, const Measurement& simulated,
                    const SimulateRequest& options, const StopFlag& stop) {
  const SimulatedRuns runs = simulate_around(plan, simulated, stop);
  report.prediction = predict(*plan.measured, plan.unchanged, plan.scenario, runs);
  if (!options.release_during.empty()) report.prediction->same_question = false;
  report.calibration = plan.measured->calibration;
}

/// A report says itself what its statements cost.
Status check_report_options(const SimulateRequest& options) {
  const bool cost = options.costs.statement_cost.has_value();
  if (!cost && !options.costs.calibrate) return success();
  return usage_error(std::string(cost ? "--statement-cost" : "--calibrate") + " does not apply: " +
                         options.file + " is a report and contains measured costs",
                     "remove the option, or simulate the scenario instead");
}

Result<Simulated> simulate_report(SimulationPlan& plan, const SimulateRequest& options,
                                  const std::string& label, const Context& context) {
  if (const Status good = check_report_options(options); !good.ok()) return good.error();
  fit_to_report(plan, options.cores, context.stop);
  if (options.cores > 0) plan.profile.cores = options.cores;
  const std::time_t started = context.wall_clock();
  if (plan.profile.max_connections == 0) {
    plan.profile.max_connections = max_connections_of(plan.scenario);
  }
  plan.profile.reserved_connections = plan.measured->target.reserved_connections;
  const Status lags = set_replica_lag(plan.profile, options.costs, plan.scenario);
  if (!lags.ok()) return lags.error();
  Measurement simulated =
      simulate(plan.scenario, plan.profile, plan.seed, context.stop, ends_early_by(plan.scenario));
  add_notes(simulated.notes, options);
  add_race(plan.scenario, plan.profile, plan.seed, simulated, context.stop);
  RunFacts facts = simulation_facts(plan.seed, label, context, started);
  // What the report was itself simulated with is no better known for being played again.
  facts.target.simulation = plan.measured->target.simulation;
  facts.target.over_socket = plan.measured->target.kind == "embedded" ||
                             plan.measured->target.address.starts_with("local socket");
  const auto& from = facts.target.simulation;
  simulated.costs_assumed = simulated.costs_assumed || (from && from->costs_assumed());
  if (from) simulated.unsimulated_locks = from->locks;
  Report report = simulation_report(plan.scenario, simulated, plan.profile, facts);
  add_prediction(report, plan, simulated, options, context.stop);
  return Simulated{std::move(report), started};
}

Result<Simulated> simulate_file(const SimulationPlan& plan, const SimulateRequest& options,
                                const std::string& label, const Context& context,
                                ProgressSink& progress) {
  RunRequest run;
  run.target.conninfo = options.target;
  run.target.embedded = options.embedded;
  run.seed = plan.seed;
  run.safety = options.safety;
  const Result<Model> model =
      model_of(run, options.costs, options.cores, context, plan.scenario, progress);
  if (!model.ok()) return model.error();
  const std::time_t started = context.wall_clock();
  Result<Report> report =
      simulate_scenario(plan.scenario, model.value(), plan.seed, label, context, started);
  if (!report.ok()) return report.error();
  add_notes(report.value().notes, options);
  return Simulated{std::move(report).value(), started};
}

}  // namespace

OrFailure<SimulationPlan> plan_simulation(const SimulateRequest& request, const Context& context,
                                          ProgressSink& progress) {
  OrFailure<SimulationPlan> planned = make_plan(request, context);
  if (!planned.ok()) return planned;
  Scenario& scenario = planned.value().scenario;
  progress.note(flags_line(scenario));
  if (const Status changed = release(scenario, request); !changed.ok()) return changed.error();
  return planned;
}

Result<Simulated> simulate_plan(SimulationPlan& plan, const SimulateRequest& request,
                                const std::string& label, const Context& context,
                                ProgressSink& progress) {
  return plan.measured ? simulate_report(plan, request, label, context)
                       : simulate_file(plan, request, label, context, progress);
}

}  // namespace poolgauge::app
