// One short run, and the file that spares the next one.
#include "app/measure.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <variant>

#include "app/bench.h"
#include "app/model.h"
#include "app/sqlite_world.h"
#include "app/trials.h"
#include "app/world.h"
#include "files/files.h"
#include "scenario/files.h"

namespace poolgauge::app {

namespace {

constexpr const char* kCommand = "calibrate";

/// What is there, if it is what it should be.
std::optional<Report> cached(const std::string& path, const Scenario& scenario,
                             ProgressSink& progress) {
  const Result<std::string> text = read_file(path);
  if (!text.ok() || text.value().empty()) return std::nullopt;
  Result<Report> report = report_from_json(text.value(), path);
  const bool good = report.ok() && report.value().command == kCommand &&
                    report.value().scenario_sha256 == scenario.sha256 &&
                    report.value().requests.completed > 0;
  if (good) return std::move(report).value();
  progress.trouble(usage_error(path + " is not a --calibrate report; measuring again"));
  return std::nullopt;
}

/// Whether it could be kept.
bool keep_costs(const std::string& path, const Report& report) {
  Result<PendingFile> file = PendingFile::write(path, to_json(report));
  return file.ok() && file.value().publish_over(path) == PendingFile::Publish::done;
}

std::string first_failure(const Report& report) {
  if (report.failures.empty()) return "none finished in time";
  const FailureCount& failure = report.failures.front();
  return failure.example.empty() ? std::string(name_of(failure.failure)) : failure.example;
}

Result<Report> measure_costs(World& world, std::uint64_t seed, const Context& context,
                             const Scenario& alone, ProgressSink& progress) {
  const std::time_t started = context.wall_clock();
  if (const Status opened = world.open(alone); !opened.ok()) return opened.error();
  if (const Status ready = world.prepare(alone); !ready.ok()) return ready.error();
  progress.phase("measuring statement costs");
  const Result<Measurement> measured = world.measure(alone, seed);
  std::optional<Report> report;
  if (measured.ok()) {
    report = trial_report(alone, measured.value(), world, context, seed, started);
  }
  world.close(alone);
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

}  // namespace

std::string cost_file(const Environment& environment, const Scenario& scenario,
                      const std::string& version, const std::string& target) {
  const std::string directory = cache_directory(environment);
  if (directory.empty()) return "";
  std::string all = version + '\0' + scenario.sha256 + '\0' + target;
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

Result<Report> measured_costs(const RunRequest& run, const Context& context,
                              const Scenario& scenario, ProgressSink& progress) {
  const Scenario alone = cost_scenario(scenario);
  const auto chosen = chosen_world(run, {}, 0, false, context, alone, progress);
  if (!chosen.ok()) return chosen.error();
  const std::string place = chosen.value()->facts().address;
  const std::string path = cost_file(context.environment, scenario, context.tool_version, place);
  std::optional<LockedFile> lock;
  if (!path.empty() && make_directory(parent_of(path)).ok()) {
    Result<LockedFile> taken = LockedFile::take(path, context.stop);
    if (taken.ok()) lock.emplace(std::move(taken).value());
  }
  if (lock) {
    if (auto report = cached(path, scenario, progress)) {
      progress.note(fmt::format("poolgauge: statement costs of {}, measured on {} at {}: {}\n",
                                scenario.name, place, report->started_at, path));
      return *report;
    }
  }
  Result<Report> report = measure_costs(*chosen.value(), run.seed, context, alone, progress);
  if (!report.ok()) return report.error();
  const bool kept = lock && keep_costs(path, report.value());
  progress.note(fmt::format("poolgauge: statement costs of {}, measured on {}: {}\n", scenario.name,
                            place,
                            kept ? "saved in " + path : "not saved: no writable cache directory"));
  return report;
}

Result<Model> model_of(const RunRequest& run, const CostOptions& costs, unsigned cores,
                       const Context& context, const Scenario& scenario, ProgressSink& progress) {
  const ModelWishes wishes{costs, cores, [&](const Scenario& measured) {
                             return measured_costs(run, context, measured, progress);
                           }};
  return make_model(wishes, context.stop, scenario);
}

Result<std::unique_ptr<World>> chosen_world(const RunRequest& run, const CostOptions& costs,
                                            unsigned cores, bool simulated, const Context& context,
                                            const Scenario& scenario, ProgressSink& progress) {
  if (simulated) {
    Result<Model> model = model_of(run, costs, cores, context, scenario, progress);
    if (!model.ok()) return model.error();
    return simulated_world(model.value().profile, context.stop, model.value().facts);
  }
  Result<std::unique_ptr<World>> sqlite = sqlite_world(run, context, scenario, progress);
  if (!sqlite.ok() || sqlite.value() != nullptr) return sqlite;
  Result<Targets> targets = chosen_targets(run.target, context.environment, scenario);
  if (!targets.ok()) return targets.error();
  return live_world(run, std::move(targets).value(), context.stop, progress);
}

}  // namespace poolgauge::app
