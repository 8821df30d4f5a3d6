// One deployment under load against a real PostgreSQL.
#include "app/measure.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/bench.h"
#include "app/guard_plan.h"
#include "app/part_choice.h"
#include "app/part_meeting.h"
#include "app/simulate.h"
#include "app/sqlite_world.h"
#include "app/surroundings.h"

namespace poolgauge::app {

namespace {

/// A part that does not lead goes without setup and teardown; its report says that the run has
/// them.
Scenario as_met(const Bench& bench, const Scenario& asked, Scenario scenario) {
  auto setup = std::exchange(scenario.setup, asked.setup);
  auto teardown = std::exchange(scenario.teardown, asked.teardown);
  Scenario met = bench.as_met(scenario);
  met.setup = std::move(setup);
  met.teardown = std::move(teardown);
  return met;
}

/// Setup and load; the scenario learns of a pooler that nobody named. `set_up`: whether the
/// teardown has to follow, whatever came of the load.
Result<Measurement> load_bench(Bench& bench, const RunRequest& options, const Scenario& asked,
                               Scenario& scenario, bool& set_up) {
  if (const Status opened = bench.open(scenario); !opened.ok()) return opened.error();
  scenario = as_met(bench, asked, std::move(scenario));
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

/// What decides when a part loads and when it ends, so that all must have the same.
std::string same_for_all(const SafetyOptions& safety, const std::vector<GuardRule>& rules) {
  std::string text = safety.shared ? "shared" : "";
  if (safety.ramp) text += " ramp " + format_duration(*safety.ramp);
  for (const GuardRule& rule : rules) text += " " + rule.text;
  return text;
}

/// A part's own scenario: the leading part runs the setup and the teardown for all.
Status become_part(const RunRequest& options, const Targets& targets,
                   const std::vector<GuardRule>& rules, Scenario& scenario) {
  const RunPart part = *options.parts.part;
  if (const Status fits = check_parts(scenario, part); !fits.ok()) return fits;
  if (!targets.primary) {
    return usage_error("all parts of a run need the same server, but no target was given",
                       "name it with --target");
  }
  const bool holds = std::any_of(rules.begin(), rules.end(), [](const GuardRule& rule) {
    return rule.action == GuardAction::hold;
  });
  if (holds) {
    return usage_error(
        "guards that hold requests back do not work with --part: part 1 alone watches, and only "
        "its own requests would be held back",
        "use --guard-stop or --stop-file, which stop all parts");
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
  Result<Targets> targets = chosen_targets(options.target, context.environment, scenario);
  if (!targets.ok()) return targets.error();
  std::optional<PartMeeting> meeting;
  if (options.parts.part) {
    const Result<std::vector<GuardRule>> rules = guard_rules(options.safety);
    if (!rules.ok()) return rules.error();
    const Status part = become_part(options, targets.value(), rules.value(), scenario);
    if (!part.ok()) return part.error();
    const RunPrint print =
        print_of(asked.sha256, asked.resolved_json + same_for_all(options.safety, rules.value()),
                 options.seed, context.tool_version);
    meeting.emplace(options.parts, print, context.stop, progress);
    if (options.safety.shared || !rules.value().empty()) meeting->needs_leader();
  }
  const RunPart share = options.parts.part.value_or(RunPart{});
  const Status enough = check_descriptors_for(scenario, share);
  if (!enough.ok()) return enough.error();
  Bench bench(options, context.stop, progress, std::move(targets).value());
  if (meeting) bench.meets_others(*meeting);
  bench.let_goals_end_runs();
  bool set_up = false;
  Result<Measurement> measured = load_bench(bench, options, asked, scenario, set_up);
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
