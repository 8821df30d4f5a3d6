// `run`: one deployment under load against a real PostgreSQL.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/built_in.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/finish.h"
#include "cli/load.h"
#include "cli/messages.h"
#include "cli/outputs.h"
#include "cli/progress_line.h"
#include "cli/terminal.h"
#include "cli/wall_clock.h"
#include "pg/budget.h"
#include "pg/descriptors.h"
#include "pg/preflight.h"
#include "pg/sql_files.h"
#include "poolgauge/live.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

namespace {

/// Everything the phases of one run share.
struct Run {
  const RunOptions& options;
  const Scenario& scenario;
  const StopFlag& stop;
  ProgressPrinter& progress;
};

/// What the phases found out, also when they were cut short.
struct Findings {
  TargetFacts target;
  bool target_died = false;
};

/// Sockets of the pools, and what the workers and we need beside them.
std::uint64_t descriptors_needed(const Scenario& scenario) {
  constexpr std::int64_t kBesides = 64;
  const auto capacity = fleet_capacity(scenario.deployment, scenario.max_clients());
  std::int64_t needed = capacity.value_or(0) + kBesides;
  // A pooler that we start has our limit, and a socket for each of its servers besides.
  const auto& pooler = scenario.deployment.pooler;
  if (pooler) needed += pool_capacity(pooler->spec, capacity).value_or(0);
  return static_cast<std::uint64_t>(needed);
}

Status check_room(const Run& run, const Database& database) {
  const std::int64_t probes = run.options.no_probe ? 0 : 1;
  const Scenario& scenario = run.scenario;
  if (const auto& between = database.pooler()) {
    return check_pooler_budget(scenario.deployment, scenario.max_clients(), probes, database.info(),
                               between->info, between->started);
  }
  return check_budget(scenario.deployment, scenario.max_clients(), probes, database.info());
}

/// Failures after which it is worth asking whether the server is still there.
bool lost_the_server(const Measurement& measured) {
  return std::any_of(measured.failures.begin(), measured.failures.end(), [](const auto& failure) {
    return failure.failure == FailureClass::connection_refused ||
           failure.failure == FailureClass::connection_lost ||
           failure.failure == FailureClass::server_shutdown ||
           failure.failure == FailureClass::connect_timeout;
  });
}

constexpr const char* kCounterNote =
    "PgBouncer's wait time leaves out clients that were never served; its query and transaction "
    "times include the wait for a server.";

/// A given pooler's server cannot be asked directly, and through it the question would queue.
void watch_pooler(LiveOptions& live, const Database::Between& between, const Database& database) {
  const bool probes = live.probe_server;
  live.probe_server = probes && between.started;
  live.probe_conninfo = database.conninfo();
  if (probes && !between.console.empty()) {
    live.pooler = PoolerAddress{between.console, between.database};
  }
}

Result<Measurement> put_load(const Run& run, Database& database) {
  run.progress.phase("checking the statements");
  const Status statements = check_statements(database.conninfo(), run.scenario, run.stop);
  if (!statements.ok()) return statements.error();
  const auto& between = database.pooler();
  LiveOptions live;
  live.seed = run.options.seed;
  live.threads = run.options.threads;
  live.probe_server = !run.options.no_probe;
  live.on_progress = [&run](const Progress& progress) { run.progress.update(progress); };
  if (between) watch_pooler(live, *between, database);
  const std::string& conninfo = between ? between->conninfo : database.conninfo();
  return run_live(run.scenario, conninfo, live, run.stop);
}

/// What a reader must know of a run through a pooler.
void add_pooler_notes(Measurement& measured, const Database::Between& between,
                      std::vector<std::string> notes) {
  if (!between.note.empty()) notes.push_back(between.note);
  if (!measured.pooler.note.empty()) notes.push_back(measured.pooler.note);
  if (!between.started) {
    notes.emplace_back(
        "The server's own view is missing: it would queue for a server connection of the pooler.");
  }
  if (measured.pooler.wait_s > 0) notes.emplace_back(kCounterNote);
  measured.notes.insert(measured.notes.end(), notes.begin(), notes.end());
}

/// The load through the pooler: what the scenario must do without there, it does without.
Result<Measurement> put_load_through(const Run& run, Database& database) {
  const Database::Between& between = *database.pooler();
  const FittedScenario fitted = fit_to_pooler(run.scenario, between.info);
  const Run through{run.options, fitted.scenario, run.stop, run.progress};
  Result<Measurement> measured = put_load(through, database);
  if (measured.ok()) add_pooler_notes(measured.value(), between, fitted.notes);
  return measured;
}

/// Setup, load, teardown: whatever happens in between, the teardown follows a setup that ran.
Result<Measurement> measure(const Run& run, Database& database) {
  if (const Status room = check_room(run, database); !room.ok()) return room.error();
  if (!run.scenario.setup.empty()) run.progress.phase("setting up the data");
  const Status setup = run_setup(database.conninfo(), run.scenario, run.stop);
  if (!setup.ok()) return setup.error();
  Result<Measurement> measured =
      database.pooler() ? put_load_through(run, database) : put_load(run, database);
  if (run.scenario.teardown.empty()) return measured;
  run.progress.phase("removing the data");
  for (const std::string& trouble : run_teardown(database.conninfo(), run.scenario.teardown)) {
    run.progress.finish();
    print_err("poolgauge: " + trouble + "\n");
    if (measured.ok()) measured.value().notes.push_back(trouble);
  }
  return measured;
}

/// Opens the database, measures, closes it.
Result<Measurement> measure_target(const Run& run, const std::optional<std::string>& target,
                                   Findings& findings) {
  findings.target = facts_before_opening(target);
  Result<Database> opened = Database::open(target, run.scenario, run.stop, run.progress);
  if (!opened.ok()) return opened.error();
  Database& database = opened.value();
  findings.target = database.facts();
  Result<Measurement> measured = measure(run, database);
  findings.target_died = measured.ok() && lost_the_server(measured.value()) && database.died();
  if (!target) run.progress.phase("stopping PostgreSQL");
  const Status closed = database.close();
  run.progress.finish();
  if (!closed.ok()) print_err(error_text(closed.error()));
  return measured;
}

/// For a run that was interrupted before its load began.
Measurement nothing_measured(const Scenario& scenario) {
  Measurement measured;
  measured.partial = true;
  measured.steps.resize(scenario.step_count());
  PoolMeasurement pool;
  pool.name = "primary";
  pool.processes = scenario.deployment.fleet();
  pool.capacity = fleet_capacity(scenario.deployment, scenario.max_clients()).value_or(-1);
  measured.pools.push_back(pool);
  measured.notes.push_back("Interrupted before the load began: nothing was measured.");
  return measured;
}

Report report_of(const Run& run, const Context& context, const Measurement& measured,
                 const Findings& findings, std::time_t started) {
  RunFacts facts;
  facts.pool_options = all_options(run.scenario.deployment.pool);
  facts.tool_version = std::string(tool_version());
  facts.command = "run";
  facts.command_line = context.command_line;
  facts.started_at = iso_time(started);
  facts.seed = run.options.seed;
  facts.interrupted = run.stop.requested();
  facts.target_died = findings.target_died;
  facts.target = findings.target;
  return make_report(run.scenario, measured, facts);
}

int run_scenario(const RunOptions& options, const Context& context, const Scenario& scenario) {
  const Terminal terminal = inspect_terminal(2, options.output.no_color);
  ProgressPrinter progress(progress_mode(options.output.progress, options.output.quiet, terminal),
                           terminal);
  const Run run{options, scenario, context.stop, progress};
  const std::time_t started = wall_clock();
  Findings findings;
  const auto target = chosen_target(options.target, context.environment);
  Result<Measurement> measured = measure_target(run, target, findings);
  progress.finish();
  if (!measured.ok()) {
    if (measured.error().kind != ErrorKind::interrupted) return fail(measured.error());
    measured = nothing_measured(scenario);
  }
  const Report report = report_of(run, context, measured.value(), findings, started);
  return finish(report, options.output, started);
}

}  // namespace

int run_command(const RunOptions& options, const Context& context) {
  const Loaded loaded = load(options.scenario, options.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  const Scenario& scenario = std::get<Scenario>(loaded);
  if (const Status enough = check_descriptors(descriptors_needed(scenario)); !enough.ok()) {
    return fail(enough.error());
  }
  return run_scenario(options, context, scenario);
}

}  // namespace poolgauge::cli
