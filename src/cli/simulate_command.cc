// `simulate`: the same pools and users on a virtual clock.
#include "poolgauge/simulate.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "advise/goals.h"
#include "cli/built_in.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/finish.h"
#include "cli/json_layout.h"
#include "cli/load.h"
#include "cli/measure.h"
#include "cli/messages.h"
#include "cli/outputs.h"
#include "cli/pooler_profile.h"
#include "cli/scenario_files.h"
#include "cli/surroundings.h"
#include "cli/wall_clock.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

namespace {

/// What is simulated, and against what server.
struct Plan {
  Scenario scenario;
  ServerProfile profile;
};
using Planned = std::variant<Plan, int>;

/// A statement's measured mean holds the round trip, which the model adds again.
Duration work_of(const LatencySummary& latency, Duration round_trip) {
  constexpr Duration kLeast = std::chrono::microseconds(1);
  if (!latency.mean) return Duration{0};
  return std::max(kLeast, from_ms(*latency.mean) - round_trip);
}

/// The server as the report saw it: each statement costs what it cost there.
ServerProfile profile_of(const Report& report) {
  ServerProfile profile;
  for (const StepSummary& step : report.steps) {
    const bool is_sql = step.kind == "sql";
    profile.step_work.push_back(is_sql ? work_of(step.latency, profile.round_trip) : Duration{0});
  }
  // Through a pooler the pools' connects are logins there.
  if (report.connect.mean && !report.target.pooler) {
    const Duration connect = from_ms(*report.connect.mean);
    profile.connect_work = std::min(profile.connect_work, connect);
    profile.connect_delay = connect - profile.connect_work;
  }
  if (report.target.kind == "server") profile.max_connections = report.target.max_connections;
  return profile;
}

Planned plan_from_report(const std::string& text, const SimulateOptions& options,
                         const Context& context) {
  const Result<Report> report = report_from_json(text, options.file);
  if (!report.ok()) return fail(report.error());
  // No database, no data: the files may be on another machine.
  const std::string scenario = without_member(report.value().scenario_json, "data");
  const std::string& origin = report.value().scenario_file;
  Loaded loaded = load_text(scenario, origin.empty() ? options.file : origin, options.flags,
                            context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  Plan plan{std::get<Scenario>(std::move(loaded)), profile_of(report.value())};
  plan.scenario.sha256 = report.value().scenario_sha256;
  if (plan.profile.step_work.size() != plan.scenario.step_count()) plan.profile.step_work.clear();
  fit_profile_to_pooler(plan.profile, report.value(), plan.scenario);
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
  return Plan{std::get<Scenario>(std::move(loaded)), ServerProfile{}};
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

/// The server's own limit, where the scenario sets one for the embedded server.
std::int64_t max_connections_of(const Scenario& scenario) {
  for (const auto& [name, value] : scenario.server_settings) {
    if (name == "max_connections") return std::strtoll(value.c_str(), nullptr, 10);
  }
  return 0;
}

}  // namespace

Report simulate_scenario(const Scenario& scenario, ServerProfile profile, std::uint64_t seed,
                         const std::string& label, const Context& context, std::time_t started) {
  if (profile.max_connections == 0) profile.max_connections = max_connections_of(scenario);
  const Measurement measured =
      simulate(scenario, profile, seed, context.stop, ends_early_by(scenario));
  RunFacts facts = facts_of(seed, label, context, started);
  facts.pool_options = options_of_pools(scenario.deployment);
  facts.target.max_connections = profile.max_connections;
  facts.target.pooler = pooler_facts(scenario);
  return make_report(scenario, measured, facts);
}

int simulate_command(const SimulateOptions& options, const Context& context) {
  Planned planned = make_plan(options, context);
  if (const int* status = std::get_if<int>(&planned)) return *status;
  Plan& plan = std::get<Plan>(planned);
  if (options.cores > 0) plan.profile.cores = options.cores;
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  const std::time_t started = wall_clock();
  const Report report = simulate_scenario(plan.scenario, plan.profile, options.seed,
                                          options.output.label, context, started);
  return finish(report, options.output, started);
}

}  // namespace poolgauge::cli
