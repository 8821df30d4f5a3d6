// Opening, loading and closing the database under test.
#include "app/bench.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "app/guard_plan.h"
#include "assess/goals.h"
#include "engine/part_share.h"
#include "engine/trial_watch.h"
#include "pg/session/connect_failure.h"
#include "pg/target/budget.h"
#include "pg/target/existing_objects.h"
#include "pg/target/pool_places.h"
#include "pg/target/target_info.h"
#include "poolgauge/live.h"
#include "scenario/read/resolve.h"
#include "sqlite/fit.h"

namespace poolgauge::app {

namespace {

/// Sockets of the pools, and what the workers and we need beside them.
std::uint64_t descriptors_needed(const Scenario& scenario, RunPart part) {
  constexpr std::int64_t kBesides = 64;
  const Deployment share = share_of(scenario.deployment, part);
  const auto clients = share_of(most_in_flight(scenario), scenario.deployment.fleet(), part);
  const auto capacity = fleet_capacity(share, clients);
  std::int64_t needed = capacity.value_or(0) + kBesides;
  // A pooler that we start has our limit, and a socket for each of its servers besides.
  const auto& pooler = scenario.deployment.pooler;
  if (pooler) needed += pool_capacity(pooler->spec, capacity).value_or(0);
  return static_cast<std::uint64_t>(needed);
}

/// When it is worth asking whether the server is still there: after such failures, and when
/// requests waited at the end and none had ended for a second.
bool may_have_lost_the_server(const Measurement& measured) {
  const bool waited = measured.requests.in_flight > measured.requests.not_started;
  const auto& series = measured.series;
  if (waited && (series.empty() || series.back().completed + series.back().failed == 0)) {
    return true;
  }
  return std::any_of(measured.failures.begin(), measured.failures.end(), [](const auto& failure) {
    return failure.failure == FailureClass::connection_refused ||
           failure.failure == FailureClass::connection_lost ||
           failure.failure == FailureClass::server_shutdown ||
           failure.failure == FailureClass::connect_timeout ||
           failure.failure == FailureClass::authentication;
  });
}

std::string pooler_text(const TargetFacts& facts) {
  return facts.pooler->kind == "pgbouncer" ? "PgBouncer in " + facts.pooler->pool_mode + " mode"
                                           : "a pooler in " + facts.pooler->pool_mode + " mode";
}

constexpr const char* kCounterNote =
    "PgBouncer's wait time excludes clients that were never served; its query and transaction "
    "times include the wait for a server connection.";

constexpr const char* kNoRoomToWatch =
    "The server was not monitored: in session mode, monitoring would occupy one of the pooler's "
    "server connections.";

/// The server behind a pooler that we did not start can only be asked through it. In session mode
/// a session occupies a server connection for the whole run: only where one is free.
bool can_watch_server(const Scenario& scenario, const Database::Between& between) {
  if (between.started || !between.info.keeps_sessions()) return true;
  const PoolSelection pools = pools_on(scenario.deployment, PoolTarget::primary);
  const auto most = fleet_capacity(scenario.deployment, most_in_flight(scenario), pools);
  return most && *most < between.info.pool_size;
}

void watch_pooler(LiveOptions& live, const Scenario& scenario, const Database::Between& between,
                  const Database& database) {
  const bool probes = live.probe_server;
  live.probe_server = probes && can_watch_server(scenario, between);
  live.probe_conninfo = database.conninfo();
  live.probe_through_pooler = !between.started;
  if (probes && !between.console.empty()) {
    live.pooler = PoolerAddress{between.console, between.database};
  }
}

/// What a reader must know of a run through a pooler. `watched`: unless it could not be.
void add_pooler_notes(Measurement& measured, const Scenario& scenario, const Database& database,
                      bool watched) {
  const Database::Between& between = *database.pooler();
  std::vector<std::string> notes;
  if (!between.note.empty()) notes.push_back(between.note);
  if (!between.started) {
    const std::string beyond = beyond_server_note(between.info, database.info());
    if (!beyond.empty()) notes.push_back(beyond);
  }
  if (!measured.pooler.note.empty()) notes.push_back(measured.pooler.note);
  if (watched && !can_watch_server(scenario, between)) notes.emplace_back(kNoRoomToWatch);
  if (measured.pooler.wait_s > 0) notes.emplace_back(kCounterNote);
  measured.notes.insert(measured.notes.end(), notes.begin(), notes.end());
}

}  // namespace

Result<Targets> chosen_targets(const TargetOptions& options, const Environment& environment,
                               const Scenario& scenario) {
  if (const Status fits = sqlite::check_for_postgresql(scenario); !fits.ok()) return fits.error();
  Result<TargetChoice> choice = chosen_target(options, environment);
  if (!choice.ok()) return choice.error();
  Targets targets{choice.value().conninfo, std::nullopt, choice.value()};
  auto replica = chosen_replica(options, environment, targets.primary, scenario);
  if (!replica.ok()) return replica.error();
  targets.replica = std::move(replica).value();
  return targets;
}

Status check_descriptors_for(const Scenario& scenario, RunPart part) {
  return with_load_hint(check_descriptors(descriptors_needed(scenario, part)), scenario);
}

Status Bench::open(const Scenario& scenario) {
  progress_.note_once(target_note(targets_.choice));
  if (const auto rules = guard_rules(options_.safety); !rules.ok()) return rules.error();
  if (targets_.primary) {
    const Status allowed = check_writes_allowed(scenario, options_.safety);
    if (!allowed.ok()) return allowed;
    const Status meant = confirm_target(targets_.choice, options_.safety, progress_, stop_);
    if (!meant.ok()) return meant;
  }
  Result<Database> primary = Database::open(targets_.primary, scenario, stop_, progress_);
  if (!primary.ok()) return primary.error();
  Result<Replica> replica =
      Replica::open(targets_.replica, scenario, primary.value(), stop_, progress_);
  if (!replica.ok()) return replica.error();
  servers_.emplace(Servers{std::move(primary).value(), std::move(replica).value()});
  const auto& between = servers_->primary.pooler();
  if (between && between->noticed) {
    progress_.phase("the target is " + pooler_text(servers_->primary.facts()));
  }
  if (between) {
    const Status fits = check_pooler_mode(scenario, between->info, PoolTarget::primary);
    if (!fits.ok()) return fits;
  }
  return targets_.primary ? look_around(scenario) : success();
}

Scenario Bench::as_met(const Scenario& scenario) const {
  const auto& between = servers_->primary.pooler();
  if (!between || !between->noticed) return scenario;
  Scenario met = scenario;
  met.deployment.pooler = as_deployed(between->info, scenario.deployment);
  met.resolved_json = resolved(met);
  return met;
}

Status Bench::check_room(const Scenario& scenario) const {
  const Servers& servers = *servers_;
  if (const auto& between = servers.primary.pooler()) {
    const Status room =
        check_pooler_budget(scenario.deployment, most_in_flight(scenario),
                            between->started ? watchers() : pooler_watchers(),
                            servers.primary.info(), between->info, between->started);
    if (!room.ok()) return with_load_hint(room, scenario);
  } else {
    // What may be used comes first: a size that only fits the slots would be refused as well.
    const Status half = check_shared_budget(scenario, most_in_flight(scenario), watchers(),
                                            servers.primary.info(), safety());
    if (!half.ok()) return half;
    const Status room =
        poolgauge::check_room(scenario, PoolTarget::primary, servers.primary.info(), watchers());
    if (!room.ok()) return room;
  }
  // Of a pooler before the replica no limit is known.
  if (!servers.replica.used() || servers.replica.info().through_pooler) return success();
  Status replica =
      poolgauge::check_room(scenario, PoolTarget::replica, servers.replica.info(), probes());
  if (replica.ok()) return replica;
  const Error& error = replica.error();
  return Error{error.kind, "on the replica: " + error.message, error.hint};
}

/// Setup and teardown reach the server itself where the pooler is one of our own.
bool Bench::shared_sessions() const {
  const auto& between = servers_->primary.pooler();
  return between && !between->started && !between->info.keeps_sessions();
}

Status Bench::prepare(const Scenario& scenario) {
  if (meeting_ != nullptr) {
    const Status joined = meeting_->join(servers_->primary.conninfo(), shared_sessions());
    if (!joined.ok()) return joined;
  }
  if (!leads()) return meeting_->await_setup();
  if (const Status room = check_room(scenario); !room.ok()) return room;
  if (!scenario.setup.empty()) progress_.phase("running the setup files");
  const Status set_up = run_setup(servers_->primary.conninfo(), scenario, stop_, shared_sessions());
  if (!set_up.ok()) return explained(set_up.error());
  if (targets_.primary) mark_as_ours(servers_->primary.conninfo(), to_mark_, stop_);
  return success();
}

/// Everything that can be known to fail before the load begins.
Status Bench::check_load(const Scenario& scenario) const {
  const ServerAddresses addresses{servers_->primary.conninfo(), servers_->replica.conninfo()};
  if (servers_->replica.used()) {
    progress_.phase("waiting for the replica to catch up");
    const Status caught_up = wait_caught_up(addresses.primary, addresses.replica, stop_);
    if (!caught_up.ok()) return caught_up;
  }
  const Status roles = check_pools(scenario, addresses, watchers(), stop_);
  if (!roles.ok()) return roles;
  progress_.phase("checking the statements");
  const Database& primary = servers_->primary;
  const bool rights = targets_.primary && !primary.pooler() && !primary.info().superuser;
  return check_pool_statements(scenario, addresses, stop_, rights);
}

Result<Measurement> Bench::put_load(const Scenario& scenario, LiveOptions live) const {
  if (const Status good = check_load(scenario); !good.ok()) return good.error();
  const auto& between = servers_->primary.pooler();
  live.threads = options_.threads;
  live.probe_server = !options_.no_probe;
  live.replica_conninfo = servers_->replica.conninfo();
  live.replica_through_pooler = servers_->replica.pooler().has_value();
  if (goals_end_runs_) live.ends_early = ends_early_by(scenario);
  live.on_progress = [this](const Progress& progress) { progress_.update(progress); };
  if (between) watch_pooler(live, scenario, *between, servers_->primary);
  const std::string& conninfo = between ? between->conninfo : servers_->primary.conninfo();
  if (const Status part = make_part_of(scenario, live); !part.ok()) return part.error();
  Result<Measurement> measured = run_live(scenario, conninfo, live, stop_);
  const bool stopped_too = live.relay != nullptr && live.relay->elsewhere.load();
  if (stopped_too && live.guard_log->stopped_by.empty()) {
    live.guard_log->stopped_by = meeting_->lost_its_leader()
                                     ? "part 1, which watched the guards, is gone"
                                     : "a guard ended the run of another part";
  }
  return measured;
}

/// A part of a run starts with the others; one of them watches the server for all.
Status Bench::make_part_of(const Scenario& scenario, LiveOptions& live) const {
  if (meeting_ == nullptr) return success();
  live.part = meeting_->part();
  live.load_name = meeting_->load_name();
  live.relay = &meeting_->relay();
  live.ends_early = nullptr;
  if (!leads()) {
    live.probe_server = false;
    live.pooler.reset();
    live.guards = GuardOrders{};
  }
  const Result<TimePoint> start = meeting_->agree_on_start(scenario.warmup + scenario.duration);
  if (!start.ok()) return start.error();
  live.begin = start.value();
  return success();
}

/// What the scenario must do without behind poolers, it does without.
FittedScenario Bench::fitted(const Scenario& scenario) const {
  FittedScenario fitted{scenario, {}, false};
  if (const auto& between = servers_->primary.pooler()) {
    fitted = fit_to_pooler(scenario, between->info);
  }
  if (const auto& between = servers_->replica.pooler()) {
    FittedScenario both = fit_to_pooler(fitted.scenario, between->info, PoolTarget::replica);
    for (const std::string& note : both.notes) fitted.notes.push_back("On the replica: " + note);
    fitted.scenario = std::move(both.scenario);
  }
  if (!shared_sessions()) return fitted;
  for (const auto* files : {&scenario.setup, &scenario.teardown}) {
    for (std::string& note : session_state_notes(*files)) fitted.notes.push_back(std::move(note));
  }
  return fitted;
}

Result<Measurement> Bench::put_load_through(const Scenario& scenario, std::uint64_t seed) {
  FittedScenario fit = fitted(scenario);
  unprepared_ = fit.unprepared;
  LiveOptions live;
  live.seed = seed;
  if (const Status safe = keep_safe(fit, live); !safe.ok()) return safe.error();
  Result<Measurement> measured = put_load(fit.scenario, std::move(live));
  if (!measured.ok()) return measured;
  std::vector<std::string>& notes = measured.value().notes;
  notes.insert(notes.end(), fit.notes.begin(), fit.notes.end());
  if (servers_->primary.pooler()) {
    add_pooler_notes(measured.value(), scenario, servers_->primary, !options_.no_probe);
  }
  return measured;
}

Result<Measurement> Bench::measure(const Scenario& scenario, std::uint64_t seed) {
  // A search does not go on where a guard has ended one of its runs.
  if (!guard_log_.stopped_by.empty()) {
    return Error{ErrorKind::guard, guard_log_.stopped_by, "no further run was started"};
  }
  // Of several parts the leading one has checked for all, before any of them opened a pool.
  if (const Status room = leads() ? check_room(scenario) : success(); !room.ok()) {
    return room.error();
  }
  Result<Measurement> measured = put_load_through(scenario, seed);
  if (measured.ok() && !targets_.primary) {
    measured.value().calibration.cores = std::max(1U, std::thread::hardware_concurrency());
    measured.value().calibration.shares_client = true;
  }
  if (!measured.ok()) return explained(measured.error());
  loaded_ = true;
  if (may_have_lost_the_server(measured.value())) look_at_the_end(measured.value());
  return measured;
}

void Bench::look_at_the_end(Measurement& measured) {
  for (const ServerEnd& end : {servers_->primary.end(stop_), servers_->replica.end(stop_)}) {
    died_ = died_ || end.died;
    if (last_words_.empty()) last_words_ = end.last_words;
    if (end.refusal.empty()) continue;
    measured.notes.push_back(
        "The server is running, but it refused a new connection after the load: " + end.refusal);
  }
}

/// The log of a throwaway server goes with it, so what it said last is quoted.
Error Bench::explained(Error error) {
  if (error.kind == ErrorKind::interrupted || servers_->primary.embedded() == nullptr) return error;
  const ServerEnd end = servers_->primary.end(stop_);
  if (end.died && !end.last_words.empty()) {
    error.message += "\n  the throwaway PostgreSQL died; its log ends with: " + end.last_words;
  }
  return error;
}

std::vector<std::string> Bench::tidy_up(const Scenario& scenario) {
  if (meeting_ != nullptr) {
    meeting_->end(leads() && !scenario.teardown.empty());
  }
  if (scenario.teardown.empty()) return {};
  progress_.phase("running the teardown files");
  const StopFlag second(stop_, 2);
  std::vector<std::string> troubles =
      run_teardown(servers_->primary.conninfo(), scenario.teardown, second, shared_sessions());
  for (const std::string& trouble : troubles) {
    progress_.finish();
    progress_.trouble(Error{ErrorKind::target, trouble, ""});
  }
  return troubles;
}

void Bench::close() {
  if (!servers_) return;
  if (!targets_.primary) progress_.phase("stopping PostgreSQL");
  const Status replica = servers_->replica.close(stop_);
  const Status primary = servers_->primary.close(stop_);
  progress_.finish();
  for (const Status* closed : {&replica, &primary}) {
    if (!closed->ok()) progress_.trouble(closed->error());
  }
}

TargetFacts Bench::facts() const {
  TargetFacts facts = servers_ ? servers_->primary.facts() : facts_before_opening(targets_.primary);
  // libpq's own variables have no name of ours.
  const TargetChoice& choice = targets_.choice;
  if (targets_.primary) facts.named_by = choice.source.empty() ? "PG*" : choice.source;
  if (!servers_) return facts;
  if (facts.pooler) facts.pooler->unprepared = unprepared_;
  if (servers_->replica.used()) facts.replica = servers_->replica.facts();
  return facts;
}

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
  measured.notes.push_back("Interrupted before the load started: nothing was measured.");
  return measured;
}

}  // namespace poolgauge::app
