// One deployment under load against a real PostgreSQL.
#include "app/measure.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/bench.h"
#include "app/part_choice.h"
#include "app/part_meeting.h"
#include "app/simulate.h"
#include "app/sqlite_world.h"
#include "app/surroundings.h"

namespace poolgauge::app {

namespace {

/// Setup and load; the scenario learns of a pooler that nobody named. `set_up`: whether the
/// teardown has to follow, whatever came of the load.
Result<Measurement> load_bench(Bench& bench, const RunRequest& options, Scenario& scenario,
                               bool& set_up) {
  if (const Status opened = bench.open(scenario); !opened.ok()) return opened.error();
  scenario = bench.as_met(scenario);
  if (const Status ready = bench.prepare(scenario); !ready.ok()) return ready.error();
  set_up = true;
  return bench.measure(scenario, options.seed);
}

/// What an interrupted setup says of its own teardown is in the error's hint.
Measurement interrupted_before(const Scenario& scenario, const Error& error) {
  Measurement measured = nothing_measured(scenario);
  if (!error.hint.empty()) measured.notes.push_back(error.hint);
  return measured;
}

Report live_run_report(const RunRequest& options, const std::string& label,
                       const Scenario& scenario, const Context& context,
                       const Measurement& measured, const Bench& bench,
                       const std::optional<PartMeeting>& meeting, std::time_t started) {
  RunFacts facts;
  facts.pool_options = options_of_pools(scenario.deployment);
  facts.tool_version = context.tool_version;
  facts.command = "run";
  facts.command_line = context.command_line;
  facts.started_at = iso_time(started);
  facts.label = label;
  facts.commit = commit_under_test(context.environment);
  facts.machine = machine_facts();
  facts.seed = options.seed;
  facts.interrupted = context.stop.requested();
  facts.target_died = bench.died();
  facts.target_last_words = bench.last_words();
  facts.target = bench.facts();
  facts.guards = bench.guard_log();
  if (!meeting) return make_report(scenario, measured, facts);
  facts.part = meeting->facts();
  Measurement noted = measured;
  const std::vector<std::string> notes = meeting->notes();
  noted.notes.insert(noted.notes.end(), notes.begin(), notes.end());
  return make_report(scenario, noted, facts);
}

/// A part's own scenario: the leading part runs the setup and the teardown for all.
Status become_part(const RunRequest& options, const Targets& targets, Scenario& scenario) {
  const RunPart part = *options.parts.part;
  if (const Status fits = check_parts(scenario, part); !fits.ok()) return fits;
  if (!targets.primary) {
    return usage_error("all parts of a run need the same server, but no target was given",
                       "name it with --target");
  }
  if (!part.leads()) {
    scenario.setup.clear();
    scenario.teardown.clear();
  }
  return success();
}

}  // namespace

Result<Report> measure_scenario(const RunRequest& options, const std::string& label,
                                const Context& context, const Scenario& asked,
                                ProgressSink& progress, std::time_t started,
                                const std::function<void(const Report&)>& early) {
  Result<std::unique_ptr<World>> sqlite = sqlite_world(options, context, asked, progress, true);
  if (!sqlite.ok()) return sqlite.error();
  if (World* world = sqlite.value().get()) {
    return measure_in(*world, options, label, context, asked, started, early);
  }
  Scenario scenario = asked;
  const RunPart share = options.parts.part.value_or(RunPart{});
  const Status enough = check_descriptors_for(scenario, share);
  if (!enough.ok()) return enough.error();
  Result<Targets> targets = chosen_targets(options.target, context.environment, scenario);
  if (!targets.ok()) return targets.error();
  std::optional<PartMeeting> meeting;
  if (options.parts.part) {
    const Status part = become_part(options, targets.value(), scenario);
    if (!part.ok()) return part.error();
    const RunPrint print =
        print_of(asked.sha256, asked.resolved_json, options.seed, context.tool_version);
    meeting.emplace(options.parts, print, context.stop, progress);
  }
  Bench bench(options, context.stop, progress, std::move(targets).value());
  if (meeting) bench.meets_others(*meeting);
  bench.let_goals_end_runs();
  bool set_up = false;
  Result<Measurement> measured = load_bench(bench, options, scenario, set_up);
  if (!measured.ok() && measured.error().kind == ErrorKind::interrupted) {
    measured = interrupted_before(scenario, measured.error());
  }
  const auto report = [&] {
    return live_run_report(options, label, scenario, context, measured.value(), bench, meeting,
                           started);
  };
  if (measured.ok() && early) early(report());
  const std::vector<std::string> troubles =
      set_up ? bench.tidy_up(scenario) : std::vector<std::string>{};
  bench.close();
  progress.finish();
  if (!measured.ok()) return measured.error();
  std::vector<std::string>& notes = measured.value().notes;
  notes.insert(notes.end(), troubles.begin(), troubles.end());
  const std::string race = meeting ? "" : race_pointer(scenario, measured.value());
  if (!race.empty()) notes.push_back(race);
  return report();
}

}  // namespace poolgauge::app
