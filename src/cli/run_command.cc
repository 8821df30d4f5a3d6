// `run`: one deployment under load against a real PostgreSQL.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "advise/goals.h"
#include "cli/built_in.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/finish.h"
#include "cli/load.h"
#include "cli/measure.h"
#include "cli/messages.h"
#include "cli/outputs.h"
#include "cli/progress_line.h"
#include "cli/replica.h"
#include "cli/surroundings.h"
#include "cli/terminal.h"
#include "cli/wall_clock.h"
#include "pg/budget.h"
#include "pg/descriptors.h"
#include "pg/pool_places.h"
#include "pg/replica.h"
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

/// Where the load goes.
struct Servers {
  Database primary;
  Replica replica;
  ServerAddresses addresses() const { return {primary.conninfo(), replica.conninfo()}; }
};

/// Our own connections on each server.
std::int64_t probes_of(const Run& run) {
  return run.options.no_probe ? 0 : 1;
}

Status check_room(const Run& run, const Servers& servers) {
  if (const auto& between = servers.primary.pooler()) {
    return check_pooler_budget(run.scenario.deployment, run.scenario.max_clients(), probes_of(run),
                               servers.primary.info(), between->info, between->started);
  }
  const Status primary =
      check_room(run.scenario, PoolTarget::primary, servers.primary.info(), probes_of(run));
  if (!primary.ok() || !servers.replica.used()) return primary;
  Status replica =
      check_room(run.scenario, PoolTarget::replica, servers.replica.info(), probes_of(run));
  if (replica.ok()) return replica;
  const Error& error = replica.error();
  return Error{error.kind, "on the replica: " + error.message, error.hint};
}

/// Everything that can be known to fail before the load begins.
Status check_load(const Run& run, const Servers& servers) {
  if (servers.replica.used()) {
    run.progress.phase("waiting for the replica");
    const Status caught_up =
        wait_caught_up(servers.primary.conninfo(), servers.replica.conninfo(), run.stop);
    if (!caught_up.ok()) return caught_up;
  }
  const Status roles = check_pools(run.scenario, servers.addresses(), probes_of(run), run.stop);
  if (!roles.ok()) return roles;
  run.progress.phase("checking the statements");
  return check_pool_statements(run.scenario, servers.addresses(), run.stop);
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

Result<Measurement> put_load(const Run& run, const Servers& servers) {
  if (const Status good = check_load(run, servers); !good.ok()) return good.error();
  const auto& between = servers.primary.pooler();
  LiveOptions live;
  live.seed = run.options.seed;
  live.threads = run.options.threads;
  live.probe_server = !run.options.no_probe;
  live.replica_conninfo = servers.replica.conninfo();
  live.ends_early = ends_early_by(run.scenario);
  live.on_progress = [&run](const Progress& progress) { run.progress.update(progress); };
  if (between) watch_pooler(live, *between, servers.primary);
  const std::string& conninfo = between ? between->conninfo : servers.primary.conninfo();
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
Result<Measurement> put_load_through(const Run& run, const Servers& servers) {
  const Database::Between& between = *servers.primary.pooler();
  const FittedScenario fitted = fit_to_pooler(run.scenario, between.info);
  const Run through{run.options, fitted.scenario, run.stop, run.progress};
  Result<Measurement> measured = put_load(through, servers);
  if (measured.ok()) add_pooler_notes(measured.value(), between, fitted.notes);
  return measured;
}

/// Setup, load, teardown: whatever happens in between, the teardown follows a setup that ran.
Result<Measurement> measure(const Run& run, const Servers& servers) {
  const Database& database = servers.primary;
  if (const Status room = check_room(run, servers); !room.ok()) return room.error();
  if (!run.scenario.setup.empty()) run.progress.phase("setting up the data");
  const Status setup = run_setup(database.conninfo(), run.scenario, run.stop);
  if (!setup.ok()) return setup.error();
  Result<Measurement> measured =
      database.pooler() ? put_load_through(run, servers) : put_load(run, servers);
  if (run.scenario.teardown.empty()) return measured;
  run.progress.phase("removing the data");
  for (const std::string& trouble : run_teardown(database.conninfo(), run.scenario.teardown)) {
    run.progress.finish();
    print_err("poolgauge: " + trouble + "\n");
    if (measured.ok()) measured.value().notes.push_back(trouble);
  }
  return measured;
}

/// Which servers are meant; nothing: the embedded one, and its own replica.
struct Targets {
  std::optional<std::string> primary;
  std::optional<std::string> replica;
};

Result<Servers> open_servers(const Run& run, const Targets& targets) {
  Result<Database> primary = Database::open(targets.primary, run.scenario, run.stop, run.progress);
  if (!primary.ok()) return primary.error();
  Result<Replica> replica =
      Replica::open(targets.replica, run.scenario, primary.value(), run.stop, run.progress);
  if (!replica.ok()) return replica.error();
  return Servers{std::move(primary).value(), std::move(replica).value()};
}

void close_servers(const Run& run, const Targets& targets, Servers& servers) {
  if (!targets.primary) run.progress.phase("stopping PostgreSQL");
  const Status replica = servers.replica.close();
  const Status primary = servers.primary.close();
  run.progress.finish();
  for (const Status* closed : {&replica, &primary}) {
    if (!closed->ok()) print_err(error_text(closed->error()));
  }
}

/// Opens the servers, measures, closes them.
Result<Measurement> measure_target(const Run& run, const Targets& targets, Findings& findings) {
  findings.target = facts_before_opening(targets.primary);
  Result<Servers> opened = open_servers(run, targets);
  if (!opened.ok()) return opened.error();
  Servers& servers = opened.value();
  findings.target = servers.primary.facts();
  if (servers.replica.used()) findings.target.replica = servers.replica.facts();
  Result<Measurement> measured = measure(run, servers);
  findings.target_died = measured.ok() && lost_the_server(measured.value()) &&
                         (servers.primary.died() || servers.replica.died());
  close_servers(run, targets, servers);
  return measured;
}

/// For a run that was interrupted before its load began.
Measurement nothing_measured(const Scenario& scenario) {
  Measurement measured;
  measured.partial = true;
  measured.steps.resize(scenario.step_count());
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    PoolMeasurement pool;
    pool.name = deployment.pool_at(i).name;
    pool.processes = deployment.fleet();
    pool.capacity = fleet_capacity(deployment, scenario.max_clients(), {i}).value_or(-1);
    measured.pools.push_back(pool);
  }
  measured.notes.push_back("Interrupted before the load began: nothing was measured.");
  return measured;
}

Report report_of(const Run& run, const Context& context, const Measurement& measured,
                 const Findings& findings, std::time_t started) {
  RunFacts facts;
  facts.pool_options = options_of_pools(run.scenario.deployment);
  facts.tool_version = std::string(tool_version());
  facts.command = "run";
  facts.command_line = context.command_line;
  facts.started_at = iso_time(started);
  facts.label = run.options.output.label;
  facts.commit = commit_under_test(context.environment);
  facts.machine = machine_facts();
  facts.seed = run.options.seed;
  facts.interrupted = run.stop.requested();
  facts.target_died = findings.target_died;
  facts.target = findings.target;
  return make_report(run.scenario, measured, facts);
}

}  // namespace

Result<Report> measure_scenario(const RunOptions& options, const Context& context,
                                const Scenario& scenario, ProgressPrinter& progress,
                                std::time_t started) {
  if (const Status enough = check_descriptors(descriptors_needed(scenario)); !enough.ok()) {
    return enough.error();
  }
  const Run run{options, scenario, context.stop, progress};
  Findings findings;
  Targets targets{chosen_target(options.target, context.environment), std::nullopt};
  auto replica = chosen_replica(options.target, context.environment, targets.primary, scenario);
  if (!replica.ok()) return replica.error();
  targets.replica = std::move(replica).value();
  Result<Measurement> measured = measure_target(run, targets, findings);
  progress.finish();
  if (!measured.ok()) {
    if (measured.error().kind != ErrorKind::interrupted) return measured.error();
    measured = nothing_measured(scenario);
  }
  return report_of(run, context, measured.value(), findings, started);
}

int run_command(const RunOptions& options, const Context& context) {
  const Loaded loaded = load(options.scenario, options.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  if (const Status checked = check_outputs(options.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  const Terminal terminal = inspect_terminal(2, options.output.no_color);
  ProgressPrinter progress(progress_mode(options.output.progress, options.output.quiet, terminal),
                           terminal);
  const std::time_t started = wall_clock();
  const Result<Report> report =
      measure_scenario(options, context, std::get<Scenario>(loaded), progress, started);
  return report.ok() ? finish(report.value(), options.output, started) : fail(report.error());
}

}  // namespace poolgauge::cli
