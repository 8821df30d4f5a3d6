// Loading a scenario with its overrides, or saying why not.
#include "app/load.h"

#include "files/report_set.h"

namespace poolgauge::app {

namespace {

OrFailure<Scenario> loaded_or_failed(ScenarioResult result) {
  if (auto* diagnostics = std::get_if<std::vector<Diagnostic>>(&result)) {
    return Failure{Error{}, std::move(*diagnostics)};
  }
  return std::get<Scenario>(std::move(result));
}

}  // namespace

OrFailure<Scenario> typed_scenario(const std::string& typed, const FlagValues& flags,
                                   const Environment& environment,
                                   const std::vector<Override>& more) {
  const Result<std::string> file = find_scenario(typed, scenario_directories());
  if (!file.ok()) return file.error();
  Result<std::vector<Override>> overrides = overrides_of(flags, environment);
  if (!overrides.ok()) return overrides.error();
  overrides.value().insert(overrides.value().end(), more.begin(), more.end());
  return loaded_or_failed(load_scenario(file.value(), overrides.value()));
}

OrFailure<Scenario> scenario_from_text(const std::string& text, const std::string& file,
                                       const FlagValues& flags, const Environment& environment) {
  const Result<std::vector<Override>> overrides = overrides_of(flags, environment);
  if (!overrides.ok()) return overrides.error();
  return loaded_or_failed(parse_scenario(text, file, overrides.value()));
}

std::string flags_line(const Scenario& scenario) {
  return scenario.flags_note.empty() ? "" : "note: " + scenario.flags_note + "\n";
}

}  // namespace poolgauge::app
