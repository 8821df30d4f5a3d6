// One short run, and the file that spares the next one.
#include "cli/commands/cost_run.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <variant>

#include "app/bench.h"
#include "app/model.h"
#include "app/trial_report.h"
#include "app/world.h"
#include "cli/shell/built_in.h"
#include "cli/shell/files.h"
#include "cli/shell/locked_file.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "pg/conninfo/conninfo.h"
#include "scenario/files.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kCommand = "calibrate";

/// What is there, if it is what it should be.
std::optional<Report> cached(const std::string& path, const Scenario& scenario) {
  const Result<std::string> text = read_file(path);
  if (!text.ok() || text.value().empty()) return std::nullopt;
  Result<Report> report = report_from_json(text.value(), path);
  const bool good = report.ok() && report.value().command == kCommand &&
                    report.value().scenario_sha256 == scenario.sha256 &&
                    report.value().requests.completed > 0;
  if (good) return std::move(report).value();
  print_err("poolgauge: " + path + " is not a --calibrate report; measuring again\n");
  return std::nullopt;
}

/// Whether it could be kept.
bool keep(const std::string& path, const Report& report) {
  Result<PendingFile> file = PendingFile::write(path, to_json(report));
  return file.ok() && file.value().publish_over(path) == PendingFile::Publish::done;
}

std::string first_failure(const Report& report) {
  if (report.failures.empty()) return "none finished in time";
  const FailureCount& failure = report.failures.front();
  return failure.example.empty() ? std::string(name_of(failure.failure)) : failure.example;
}

Result<Report> measure(const RunOptions& run, const Context& context, const Scenario& alone,
                       ProgressSink& progress) {
  const std::time_t started = wall_clock();
  Result<Targets> targets = chosen_targets(run.target, context.environment, alone);
  if (!targets.ok()) return targets.error();
  const auto world = live_world(run, std::move(targets).value(), context.stop, progress);
  if (const Status opened = world->open(alone); !opened.ok()) return opened.error();
  if (const Status ready = world->prepare(alone); !ready.ok()) return ready.error();
  progress.phase("measuring statement costs");
  const Result<Measurement> measured = world->measure(alone, run.seed);
  std::optional<Report> report;
  if (measured.ok()) {
    report = trial_report(alone, measured.value(), *world, context, run.seed, started);
  }
  world->close(alone);
  progress.finish();
  if (!measured.ok()) return measured.error();
  if (context.stop.requested()) {
    return Error{ErrorKind::interrupted, "interrupted while measuring statement costs", ""};
  }
  if (report->requests.completed == 0) {
    return Error{ErrorKind::target, "--calibrate: no request completed: " + first_failure(*report),
                 "run the scenario with poolgauge run to see what fails"};
  }
  report->command = kCommand;
  return *report;
}

/// A cache directory is only used where its path says so from the root.
std::string cache_directory(const Environment& environment) {
  const auto named = environment("XDG_CACHE_HOME");
  if (named && named->starts_with('/')) return *named + "/poolgauge/costs";
  const auto home = environment("HOME");
  if (home && home->starts_with('/')) return *home + "/.cache/poolgauge/costs";
  return "";
}

void say(const RunOptions& run, const std::string& text) {
  if (!run.output.quiet) print_err("poolgauge: " + text + "\n");
}

}  // namespace

std::string cost_file(const Environment& environment, const Scenario& scenario,
                      const std::string& target) {
  const std::string directory = cache_directory(environment);
  if (directory.empty()) return "";
  std::string all = std::string(tool_version()) + '\0' + scenario.sha256 + '\0' + target;
  const auto add = [&all](const std::string& text) {
    all += '\0';
    all += text;
  };
  for (const SqlFile& file : scenario.setup) add(file.content);
  for (const RequestSpec& request : scenario.requests) {
    for (const Include& include : request.includes) add(include.text);
  }
  for (const VariableSpec& variable : scenario.variables) {
    const auto* csv = std::get_if<CsvVariable>(&variable.value);
    for (std::size_t i = 0; csv != nullptr && i < csv->values.size(); ++i) add(csv->values[i]);
  }
  return directory + "/" + sha256(all) + ".json";
}

Result<Report> measured_costs(const RunOptions& run, const Context& context,
                              const Scenario& scenario, ProgressSink& progress) {
  const Scenario alone = cost_scenario(scenario);
  const Result<Targets> targets = chosen_targets(run.target, context.environment, alone);
  if (!targets.ok()) return targets.error();
  const auto& primary = targets.value().primary;
  const std::string place = primary ? describe(*primary) : "embedded";
  const std::string path = cost_file(context.environment, scenario, place);
  std::optional<LockedFile> lock;
  if (!path.empty() && make_directory(parent_of(path)).ok()) {
    Result<LockedFile> taken = LockedFile::take(path, context.stop);
    if (taken.ok()) lock.emplace(std::move(taken).value());
  }
  if (lock) {
    if (auto report = cached(path, scenario)) {
      say(run, fmt::format("statement costs of {}, measured on {} at {}: {}", scenario.name, place,
                           report->started_at, path));
      return *report;
    }
  }
  Result<Report> report = measure(run, context, alone, progress);
  if (!report.ok()) return report.error();
  const bool kept = lock && keep(path, report.value());
  say(run, fmt::format("statement costs of {}, measured on {}: {}", scenario.name, place,
                       kept ? "saved in " + path : "not saved: no writable cache directory"));
  return report;
}

}  // namespace poolgauge::cli
