// SQLite's world, and what it does not have.
#include "app/sqlite_world.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "app/bench.h"
#include "app/safety_check.h"
#include "app/surroundings.h"
#include "app/trials.h"
#include "assess/goals.h"
#include "policy/kind.h"
#include "scenario/read/resolve.h"
#include "sqlite/database.h"
#include "sqlite/live_run.h"

namespace poolgauge::app {

namespace {

using sqlite::Place;

class SqliteWorld final : public World {
 public:
  SqliteWorld(const RunRequest& request, std::optional<Place> place, std::string named_by,
              const Context& context, ProgressSink& progress, bool goals_end_runs)
      : request_(request),
        place_(std::move(place)),
        named_by_(std::move(named_by)),
        stop_(context.stop),
        progress_(progress),
        goals_end_runs_(goals_end_runs) {}
  ~SqliteWorld() override { progress_.finish(); }

  Status open(const Scenario& widest) override {
    const Result<Scenario> here = sqlite::adapted(widest);
    if (!here.ok()) return here.error();
    if (place_ && !place_->memory) {
      const Status allowed = check_writes_allowed(here.value(), request_.safety);
      if (!allowed.ok()) return allowed;
    }
    progress_.phase("opening " + address());
    auto opened = sqlite::Database::open(place_, here.value(), stop_);
    if (!opened.ok()) return opened.error();
    database_ = std::move(opened).value();
    const std::string there = database_->tables();
    if (place_ && !here.value().setup.empty() && !there.empty() && !request_.safety.allow_setup) {
      return Error{
          ErrorKind::target,
          fmt::format("{} has tables ({}), and data.setup may change them", address(), there),
          "use another file, or allow it with --allow-setup"};
    }
    return success();
  }
  Scenario as_met(const Scenario& scenario) const override {
    Result<Scenario> here = sqlite::adapted(scenario);
    if (!here.ok()) return scenario;
    Scenario met = std::move(here).value();
    met.resolved_json = resolved(met);
    return met;
  }
  /// As many as anybody wants: there is no server that counts them.
  ServerSlots server_slots() const override { return {kMostConnections, 0, 0, 0}; }
  std::optional<ServerSlots> slots() const override { return server_slots(); }
  std::vector<ConnectionLimit> server_limits() const override { return {}; }
  Status prepare(const Scenario& scenario) override {
    if (!scenario.setup.empty()) progress_.phase("running the setup files");
    return database_->prepare(as_met(scenario), stop_);
  }
  Result<Measurement> measure(const Scenario& scenario, std::uint64_t seed) override {
    const Scenario here = as_met(scenario);
    if (const Status enough = check_descriptors_for(here); !enough.ok()) return enough.error();
    sqlite::RunOptions live;
    live.seed = seed;
    live.threads = request_.threads;
    live.on_progress = [this](const Progress& progress) { progress_.update(progress); };
    live.paused = progress_.pause_request();
    if (goals_end_runs_) live.ends_early = ends_early_by(here);
    Result<Measurement> measured = sqlite::run_live(here, database_->settings(), live, stop_);
    if (!measured.ok()) return measured;
    std::vector<std::string>& notes = measured.value().notes;
    notes.insert(notes.end(), database_->notes().begin(), database_->notes().end());
    return measured;
  }
  std::vector<std::string> close(const Scenario& scenario) override {
    if (!database_) return {};
    std::vector<std::string> troubles = database_->tear_down(as_met(scenario), stop_);
    pragmas_ = database_->pragmas();
    database_.reset();
    progress_.finish();
    for (const std::string& trouble : troubles) {
      progress_.trouble(Error{ErrorKind::target, trouble, ""});
    }
    return troubles;
  }
  TargetFacts facts() const override {
    TargetFacts facts;
    facts.kind = "sqlite";
    facts.address = address();
    facts.server_version = sqlite::Database::version();
    facts.named_by = named_by_;
    facts.over_socket = true;
    facts.settings = database_ ? database_->pragmas() : pragmas_;
    return facts;
  }
  bool died() const override { return false; }
  bool simulated() const override { return false; }

 private:
  std::string address() const { return place_ ? place_->url() : "a throwaway SQLite database"; }

  const RunRequest& request_;
  std::optional<Place> place_;  // nullopt: a throwaway file
  std::string named_by_;
  const StopFlag& stop_;
  ProgressSink& progress_;
  bool goals_end_runs_;
  std::unique_ptr<sqlite::Database> database_;
  std::vector<std::pair<std::string, std::string>> pragmas_;  // when it was closed
};

/// What only a server has.
Status check_request(const RunRequest& request) {
  const SafetyOptions& safety = request.safety;
  const std::pair<bool, const char*> options[] = {
      {request.parts.part.has_value(), "--part"},
      {request.target.replica.has_value(), "--replica-target"},
      {safety.shared, "--shared"},
      {safety.budget.has_value(), "--budget"},
      {safety.ramp.has_value(), "--ramp"},
      {!safety.guards.empty(), "--guard"},
      {!safety.stop_guards.empty(), "--guard-stop"},
      {!safety.guard_query.empty(), "--guard-query"},
      {!safety.guard_http.empty(), "--guard-http"},
      {!safety.stop_file.empty(), "--stop-file"}};
  for (const auto& [given, name] : options) {
    if (given) return usage_error(std::string(name) + " does not apply to SQLite", "remove it");
  }
  return success();
}

}  // namespace

Status check_for_postgresql(const Scenario& scenario) {
  for (const RequestSpec& request : scenario.requests) {
    const bool locks = request.transaction == TransactionMode::immediate ||
                       request.transaction == TransactionMode::exclusive;
    if (locks) {
      return usage_error(
          "request " + request.name + ": immediate and exclusive transactions are SQLite's",
          "set \"transaction\": true to run it on PostgreSQL");
    }
    for (const Step& step : request.steps) {
      if (step.kind != StepKind::sql || !step.sql.text.empty()) continue;
      return usage_error(
          "request " + request.name + ", step " + step.name + ": there is SQL for SQLite only",
          "add \"postgresql\" to its \"sql\", or give a target such as sqlite:///dev.db");
    }
  }
  return success();
}

bool on_sqlite(const TargetOptions& target, const Environment& environment,
               const Scenario& scenario) {
  const TargetChoice choice = named_target(target, environment);
  if (choice.conninfo) return sqlite::is_sqlite_url(*choice.conninfo);
  return !target.embedded && scenario.sqlite.has_value();
}

void set_sqlite(ServerProfile& profile, const Scenario& scenario) {
  if (!scenario.sqlite) return;
  const sqlite::Settings settings = sqlite::settings_of(scenario, {});
  SqliteModel& model = profile.sqlite.emplace();
  model.busy_timeout = settings.busy_timeout;
  model.looks_every_ms = settings.habits.looks_every_ms;
  model.begins_at_first_write = settings.habits.begins_at_first_write;
  model.begins_immediately = settings.habits.begins_immediately;
  for (const auto& [name, value] : settings.pragmas) {
    if (name == "journal_mode") model.log = value == "wal";
  }
  // No network and no server process: a call is its own time. Opening a file takes 0.1 ms.
  profile.round_trip = profile.begin_delay = profile.connect_delay = Duration{0};
  profile.begin_work = std::chrono::microseconds(1);
  profile.connect_work = std::chrono::microseconds(100);
}

Result<std::unique_ptr<World>> sqlite_world(const RunRequest& request, const Context& context,
                                            const Scenario& scenario, ProgressSink& progress,
                                            bool goals_end_runs) {
  if (!on_sqlite(request.target, context.environment, scenario)) return std::unique_ptr<World>();
  const TargetChoice choice = named_target(request.target, context.environment);
  const bool by_url = choice.conninfo.has_value();
  if (const Status fits = check_request(request); !fits.ok()) return fits.error();
  std::optional<Place> place;
  if (by_url) {
    Result<Place> parsed = sqlite::parse_url(*choice.conninfo);
    if (!parsed.ok()) return parsed.error();
    place = std::move(parsed).value();
  }
  if (const Result<Scenario> here = sqlite::adapted(scenario); !here.ok()) return here.error();
  return std::unique_ptr<World>(std::make_unique<SqliteWorld>(
      request, place, by_url ? choice.source : "", context, progress, goals_end_runs));
}

Result<Report> measure_in(World& world, const RunRequest& request, const std::string& label,
                          const Context& context, const Scenario& scenario, std::time_t started,
                          const std::function<void(const Report&)>& early) {
  Status ready = world.open(scenario);
  const Scenario met = world.as_met(scenario);
  const bool opened = ready.ok();
  if (opened) ready = world.prepare(met);
  Result<Measurement> measured =
      ready.ok() ? world.measure(met, request.seed) : Result<Measurement>(ready.error());
  if (!measured.ok() && measured.error().kind == ErrorKind::interrupted) {
    measured = nothing_measured(met);
  }
  const auto report = [&] {
    Report made = trial_report(met, measured.value(), world, context, request.seed, started);
    made.command = "run";
    made.label = label;
    return made;
  };
  if (measured.ok() && early) early(report());
  const std::vector<std::string> troubles = opened ? world.close(met) : std::vector<std::string>{};
  if (!measured.ok()) return measured.error();
  std::vector<std::string>& notes = measured.value().notes;
  notes.insert(notes.end(), troubles.begin(), troubles.end());
  return report();
}

}  // namespace poolgauge::app
