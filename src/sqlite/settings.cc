// From a scenario's words to what each connection does.
#include "sqlite/settings.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace poolgauge::sqlite {

namespace {

/// Of names given twice the later value counts, in the earlier place.
void put(Pragmas& pragmas, const std::string& name, const std::string& value) {
  const auto same = std::find_if(pragmas.begin(), pragmas.end(),
                                 [&name](const auto& each) { return each.first == name; });
  if (same != pragmas.end()) {
    same->second = value;
  } else {
    pragmas.emplace_back(name, value);
  }
}

}  // namespace

Settings settings_of(const Scenario& scenario, Place place) {
  Settings settings;
  settings.place = std::move(place);
  if (!scenario.sqlite) return settings;
  for (const Preset& preset : presets()) {
    if (preset.name != scenario.sqlite->preset) continue;
    settings.pragmas = preset.pragmas;
    settings.habits = preset.habits;
  }
  for (const auto& [name, value] : scenario.sqlite->pragmas) put(settings.pragmas, name, value);
  std::erase_if(settings.pragmas, [&settings](const auto& pragma) {
    if (pragma.first != "busy_timeout") return false;
    const long long ms = std::strtoll(pragma.second.c_str(), nullptr, 10);
    settings.busy_timeout = std::chrono::milliseconds(ms);
    return true;
  });
  return settings;
}

}  // namespace poolgauge::sqlite
