// How an application's connections to SQLite are set up.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "poolgauge/scenario.h"
#include "poolgauge/time.h"
#include "sqlite/presets/presets.h"
#include "sqlite/url.h"

namespace poolgauge::sqlite {

/// Names and values in the order in which they are sent.
using Pragmas = std::vector<std::pair<std::string, std::string>>;

struct Settings {
  Place place;
  Pragmas pragmas;
  /// As Python's sqlite3 and better-sqlite3 have it where nobody says otherwise.
  Duration busy_timeout = std::chrono::seconds(5);
  Habits habits;
};

/// The preset's pragmas and then the scenario's own, each name once; busy_timeout is taken out.
Settings settings_of(const Scenario& scenario, Place place);

}  // namespace poolgauge::sqlite
