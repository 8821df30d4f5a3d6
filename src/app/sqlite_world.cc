// SQLite's world, and what it does not have.
#include "app/sqlite_world.h"

#include <optional>
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
#include "sqlite/fit.h"
#include "sqlite/live_run.h"

namespace poolgauge::app {

namespace {

using sqlite::Place;

class SqliteWorld final : public World {
 public:
  SqliteWorld(const RunRequest& request, std::optional<Place> place, const Context& context,
              ProgressSink& progress, bool goals_end_runs)
      : request_(request),
        place_(std::move(place)),
        facts_(sqlite::facts_of(place_)),
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
    progress_.phase("opening " + facts_.address);
    auto opened = sqlite::Database::open(place_, here.value(), request_.safety.allow_setup, stop_);
    if (!opened.ok()) return opened.error();
    database_ = std::move(opened).value();
    return success();
  }
  Scenario as_met(const Scenario& scenario) const override {
    Result<Scenario> here = sqlite::adapted(scenario);
    if (!here.ok()) return scenario;
    here.value().resolved_json = resolved(here.value());
    return std::move(here).value();
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
    return database_->run(here, live, stop_);
  }
  std::vector<std::string> close(const Scenario& scenario) override {
    if (!database_) return {};
    std::vector<std::string> troubles = database_->tear_down(as_met(scenario), stop_);
    facts_.settings = database_->pragmas();
    database_.reset();
    progress_.finish();
    for (const std::string& trouble : troubles) {
      progress_.trouble(Error{ErrorKind::target, trouble, ""});
    }
    return troubles;
  }
  TargetFacts facts() const override {
    TargetFacts facts = facts_;
    if (database_) facts.settings = database_->pragmas();
    return facts;
  }
  bool died() const override { return false; }
  bool simulated() const override { return false; }
  void named_by(const std::string& setting) { facts_.named_by = setting; }

 private:
  const RunRequest& request_;
  std::optional<Place> place_;  // nullopt: a throwaway file
  TargetFacts facts_;           // with the pragmas that it had when it was closed
  const StopFlag& stop_;
  ProgressSink& progress_;
  bool goals_end_runs_;
  std::unique_ptr<sqlite::Database> database_;
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

Result<std::unique_ptr<World>> sqlite_world(const RunRequest& request, const Context& context,
                                            const Scenario& scenario, ProgressSink& progress,
                                            bool goals_end_runs) {
  const TargetChoice choice = named_target(request.target, context.environment);
  const bool meant = choice.conninfo ? sqlite::is_sqlite_url(*choice.conninfo)
                                     : scenario.sqlite && !request.target.embedded;
  if (!meant) return std::unique_ptr<World>();
  if (const Status fits = check_request(request); !fits.ok()) return fits.error();
  std::optional<Place> place;
  if (choice.conninfo) {
    Result<Place> parsed = sqlite::parse_url(*choice.conninfo);
    if (!parsed.ok()) return parsed.error();
    place = std::move(parsed).value();
  }
  if (const Result<Scenario> here = sqlite::adapted(scenario); !here.ok()) return here.error();
  auto world = std::make_unique<SqliteWorld>(request, place, context, progress, goals_end_runs);
  if (place) world->named_by(choice.source);
  return std::unique_ptr<World>(std::move(world));
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
