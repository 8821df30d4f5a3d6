// `simulate`: the same pools and users on a virtual clock.
#include "poolgauge/simulate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "advise/goals.h"
#include "advise/prediction.h"
#include "advise/what_if.h"
#include "base/rng.h"
#include "cli/built_in.h"
#include "cli/calibrated.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/finish.h"
#include "cli/json_layout.h"
#include "cli/load.h"
#include "cli/measure.h"
#include "cli/messages.h"
#include "cli/outputs.h"
#include "cli/race_range.h"
#include "cli/scenario_files.h"
#include "cli/surroundings.h"
#include "cli/terminal.h"
#include "cli/wall_clock.h"
#include "cli/world.h"
#include "engine/in_flight.h"
#include "pg/budget.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

namespace {

/// What is simulated, and against what server.
struct Plan {
  Scenario scenario;
  ServerProfile profile;
  std::uint64_t seed = 1;
  std::optional<Report> measured;  ///< what it is made from
  Scenario unchanged;              ///< the measured run's own
  ServerFit fit;                   ///< of the measured run
  double scale = 1;                ///< cores asked for, of those that were measured
};
using Planned = std::variant<Plan, int>;

/// The report's scenario with other flags.
Loaded scenario_of(const Report& report, const SimulateOptions& options, const FlagValues& flags,
                   const Environment& environment) {
  // No database, no data: the files may be on another machine.
  const std::string text = without_member(report.scenario_json, "data");
  const std::string& origin = report.scenario_file;
  return load_text(text, origin.empty() ? options.file : origin, flags, environment);
}

Planned plan_from_report(const std::string& text, const SimulateOptions& options,
                         const Context& context) {
  Result<Report> read = report_from_json(text, options.file);
  if (!read.ok()) return fail(read.error());
  Report& report = read.value();
  Loaded asked = scenario_of(report, options, options.flags, context.environment);
  if (const int* status = std::get_if<int>(&asked)) return *status;
  const Environment nothing = [](const std::string&) { return std::nullopt; };
  Loaded unchanged = scenario_of(report, options, FlagValues{}, nothing);
  if (const int* status = std::get_if<int>(&unchanged)) return *status;
  Plan plan;
  plan.scenario = std::get<Scenario>(std::move(asked));
  plan.unchanged = std::get<Scenario>(std::move(unchanged));
  plan.scenario.sha256 = report.scenario_sha256;
  plan.seed = options.seed_given ? options.seed : report.seed;
  plan.measured = std::move(report);
  return plan;
}

Planned make_plan(const SimulateOptions& options, const Context& context) {
  const Result<std::string> file = find_scenario(options.file, scenario_directories());
  if (!file.ok()) return fail(file.error());
  const Result<std::string> text = read_file(file.value());
  if (!text.ok()) return fail(text.error());
  if (text.value().find("\"schema_version\"") != std::string::npos) {
    return plan_from_report(text.value(), options, context);
  }
  Loaded loaded = load(file.value(), options.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  Plan plan;
  plan.scenario = std::get<Scenario>(std::move(loaded));
  plan.seed = options.seed;
  return plan;
}

/// Holds that become pauses.
Status change(Scenario& scenario, const SimulateOptions& options) {
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
SimulatedRuns simulate_around(const Plan& plan, const Measurement& first, const StopFlag& stop) {
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

RunFacts facts_of(std::uint64_t seed, const std::string& label, const Context& context,
                  std::time_t started) {
  RunFacts facts;
  facts.tool_version = std::string(tool_version());
  facts.command = "simulate";
  facts.command_line = context.command_line;
  facts.started_at = iso_time(started);
  facts.label = label;
  facts.commit = commit_under_test(context.environment);
  facts.seed = seed;
  facts.interrupted = context.stop.requested();
  facts.target.kind = "simulated";
  facts.target.address = "simulated";
  return facts;
}

/// The modelled pooler, as the scenario has it.
std::optional<PoolerFacts> pooler_facts(const Scenario& scenario) {
  if (!scenario.deployment.pooler) return std::nullopt;
  const PoolSpec& spec = scenario.deployment.pooler->spec;
  PoolerFacts facts;
  facts.version = spec.choice("version");
  facts.origin = "simulated";
  facts.pool_mode = spec.choice("pool_mode");
  facts.pool_size = pool_permanent_size(spec);
  facts.max_client_conn = spec.integer("max_client_conn");
  return facts;
}

/// As many slots as the embedded server would get.
std::int64_t room_for(const Scenario& scenario) {
  return embedded_max_connections(scenario.deployment, most_in_flight(scenario));
}

void calibrate(Plan& plan, unsigned cores, const StopFlag& stop) {
  const unsigned measured = plan.measured->calibration.cores;
  if (cores > 0 && measured > 0) plan.scale = static_cast<double>(cores) / measured;
  plan.fit = fit_server(plan.measured->calibration);
  const CalibratedQuestion question{*plan.measured, plan.unchanged, plan.scenario, plan.fit};
  plan.profile = calibrated_profile(question, unseen_per_exchange(question, stop),
                                    Deviation{0, 0, plan.scale});
}

/// What no flag of the scenario's own says.
void add_notes(std::vector<std::string>& notes, const SimulateOptions& options) {
  for (const std::string& step : options.release_during) {
    notes.push_back(
        "The connection is released during \"" + step +
        "\": the transaction is committed before the step and a new one begins after it.");
  }
}

/// The claim, and the calibration it was made from, so that this report can be asked as well.
void add_prediction(Report& report, const Plan& plan, const Measurement& simulated,
                    const SimulateOptions& options, const StopFlag& stop) {
  const SimulatedRuns runs = simulate_around(plan, simulated, stop);
  report.prediction = predict(*plan.measured, plan.unchanged, plan.scenario, runs);
  if (!options.release_during.empty()) report.prediction->same_question = false;
  report.calibration = plan.measured->calibration;
}

void add_race(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
              Measurement& simulated, const StopFlag& stop) {
  const std::string note = race_note(scenario, profile, seed, simulated, stop);
  if (!note.empty()) simulated.notes.push_back(note);
}

Report report_of(const Scenario& scenario, const Measurement& simulated,
                 const ServerProfile& profile, RunFacts facts) {
  facts.pool_options = options_of_pools(scenario.deployment);
  facts.target.max_connections = profile.max_connections;
  facts.target.reserved_connections = profile.reserved_connections;
  facts.target.pooler = pooler_facts(scenario);
  return make_report(scenario, simulated, facts);
}

}  // namespace

Result<Report> simulate_scenario(const Scenario& scenario, const Model& model, std::uint64_t seed,
                                 const std::string& label, const Context& context,
                                 std::time_t started) {
  ServerProfile profile = model.profile;
  if (profile.max_connections == 0) profile.max_connections = room_for(scenario);
  const Status room = check_modelled_room(scenario, profile);
  if (!room.ok()) return room.error();
  Measurement measured = simulate(scenario, profile, seed, context.stop, ends_early_by(scenario));
  add_race(scenario, profile, seed, measured, context.stop);
  measured.unsimulated_locks = model.facts.locks;
  RunFacts facts = facts_of(seed, label, context, started);
  facts.target.simulation = model.facts;
  return report_of(scenario, measured, profile, facts);
}

namespace {

/// A report says itself what its statements cost.
Status check_report_options(const SimulateOptions& options) {
  const bool cost = options.costs.statement_cost.has_value();
  if (!cost && !options.costs.calibrate) return success();
  return usage_error(std::string(cost ? "--statement-cost" : "--calibrate") + " does not apply: " +
                         options.file + " is a report and contains measured costs",
                     "remove the option, or simulate the scenario instead");
}

int simulate_report(Plan& plan, const SimulateOptions& options, const Context& context) {
  if (const Status good = check_report_options(options); !good.ok()) return fail(good.error());
  calibrate(plan, options.cores, context.stop);
  if (options.cores > 0) plan.profile.cores = options.cores;
  const std::time_t started = wall_clock();
  if (plan.profile.max_connections == 0) {
    plan.profile.max_connections = max_connections_of(plan.scenario);
  }
  plan.profile.reserved_connections = plan.measured->target.reserved_connections;
  const Status lags = set_replica_lag(plan.profile, options.costs, plan.scenario);
  if (!lags.ok()) return fail(lags.error());
  Measurement simulated =
      simulate(plan.scenario, plan.profile, plan.seed, context.stop, ends_early_by(plan.scenario));
  add_notes(simulated.notes, options);
  add_race(plan.scenario, plan.profile, plan.seed, simulated, context.stop);
  RunFacts facts = facts_of(plan.seed, options.output.label, context, started);
  // What the report was itself simulated with is no better known for being played again.
  facts.target.simulation = plan.measured->target.simulation;
  const auto& from = facts.target.simulation;
  simulated.costs_assumed = simulated.costs_assumed || (from && from->costs_assumed());
  if (from) simulated.unsimulated_locks = from->locks;
  Report report = report_of(plan.scenario, simulated, plan.profile, facts);
  add_prediction(report, plan, simulated, options, context.stop);
  return finish(report, options.output, started);
}

int simulate_file(const Plan& plan, const SimulateOptions& options, const Context& context) {
  RunOptions run;
  run.target.conninfo = options.target;
  run.target.embedded = options.embedded;
  run.output = options.output;
  run.seed = plan.seed;
  run.safety = options.safety;
  const Terminal terminal = inspect_terminal(2, run.output.no_color);
  ProgressPrinter progress(progress_mode(run.output.progress, run.output.quiet, terminal),
                           terminal);
  const ModelWishes wishes{run, options.costs, options.cores};
  const Result<Model> model = make_model(wishes, context, plan.scenario, progress);
  if (!model.ok()) return fail(model.error());
  const std::time_t started = wall_clock();
  Result<Report> report = simulate_scenario(plan.scenario, model.value(), plan.seed,
                                            options.output.label, context, started);
  if (!report.ok()) return fail(report.error());
  add_notes(report.value().notes, options);
  return finish(report.value(), options.output, started);
}

}  // namespace

int simulate_command(const SimulateOptions& options, const Context& context) {
  Planned planned = make_plan(options, context);
  if (const int* status = std::get_if<int>(&planned)) return *status;
  Plan& plan = std::get<Plan>(planned);
  say_flags(plan.scenario, options.output.quiet);
  if (const Status changed = change(plan.scenario, options); !changed.ok()) {
    return fail(changed.error());
  }
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  return plan.measured ? simulate_report(plan, options, context)
                       : simulate_file(plan, options, context);
}

}  // namespace poolgauge::cli
