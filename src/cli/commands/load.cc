// Loading a scenario with its overrides, or saying why not.
#include "cli/commands/load.h"

#include <utility>
#include <vector>

#include "cli/commands/scenario_files.h"
#include "cli/shell/messages.h"

namespace poolgauge::cli {

namespace {

Loaded loaded_or_reported(ScenarioResult result) {
  if (const auto* diagnostics = std::get_if<std::vector<Diagnostic>>(&result)) {
    return fail(*diagnostics);
  }
  return std::get<Scenario>(std::move(result));
}

}  // namespace

Loaded load(const std::string& typed, const FlagValues& flags, const Environment& environment,
            const std::vector<Override>& more) {
  const Result<std::string> file = find_scenario(typed, scenario_directories());
  if (!file.ok()) return fail(file.error());
  Result<std::vector<Override>> overrides = overrides_of(flags, environment);
  if (!overrides.ok()) return fail(overrides.error());
  overrides.value().insert(overrides.value().end(), more.begin(), more.end());
  return loaded_or_reported(load_scenario(file.value(), overrides.value()));
}

Loaded load_text(const std::string& text, const std::string& file, const FlagValues& flags,
                 const Environment& environment) {
  const Result<std::vector<Override>> overrides = overrides_of(flags, environment);
  if (!overrides.ok()) return fail(overrides.error());
  return loaded_or_reported(parse_scenario(text, file, overrides.value()));
}

void say_flags(const Scenario& scenario, bool quiet) {
  if (!quiet && !scenario.flags_note.empty()) print_err("note: " + scenario.flags_note + "\n");
}

}  // namespace poolgauge::cli
