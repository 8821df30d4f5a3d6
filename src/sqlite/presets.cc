// What libraries and frameworks do with SQLite, and where they say so.
#include <algorithm>

#include "sqlite/settings.h"

namespace poolgauge::sqlite {

namespace {

std::vector<Preset> make_presets() {
  Habits python;
  python.begins_at_first_write = true;
  Habits rails71;
  rails71.looks_every_ms = true;
  Habits rails8 = rails71;
  rails8.begins_immediately = true;
  // Rails: activerecord's sqlite3_adapter.rb, DEFAULT_PRAGMAS and configure_connection.
  const Pragmas rails = {{"foreign_keys", "on"},        {"journal_mode", "wal"},
                         {"synchronous", "normal"},     {"mmap_size", "134217728"},
                         {"journal_size_limit", "67108864"}, {"cache_size", "2000"},
                         {"busy_timeout", "5000"}};
  return {
      {"python", "Python's sqlite3 as it is by default (isolation_level \"\"), which SQLAlchemy uses",
       {{"busy_timeout", "5000"}}, python},
      {"python-autocommit", "Python 3.12's sqlite3 with autocommit=False",
       {{"busy_timeout", "5000"}}, Habits{}},
      {"better-sqlite3", "better-sqlite3 5 to 11: db.transaction(), timeout 5000",
       {{"busy_timeout", "5000"}}, Habits{}},
      {"rails-7.1", "Rails 7.1 and 7.2", rails, rails71},
      {"rails-8", "Rails 8.0: transactions are immediate", rails, rails8},
  };
}

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

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = make_presets();
  return all;
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

Settings settings_of(const Scenario& scenario, Place place) {
  Settings settings;
  settings.place = std::move(place);
  if (!scenario.sqlite) return settings;
  if (const Preset* preset = find_preset(scenario.sqlite->preset)) {
    settings.pragmas = preset->pragmas;
    settings.habits = preset->habits;
  }
  for (const auto& [name, value] : scenario.sqlite->pragmas) put(settings.pragmas, name, value);
  std::erase_if(settings.pragmas, [&settings](const auto& pragma) {
    if (pragma.first != "busy_timeout") return false;
    settings.busy_timeout = std::chrono::milliseconds(std::strtoll(pragma.second.c_str(), nullptr, 10));
    return true;
  });
  return settings;
}

}  // namespace poolgauge::sqlite
