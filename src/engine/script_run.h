// What a user keeps for pgbench scripts, and what their commands do with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "engine/backend.h"
#include "poolgauge/scenario.h"
#include "poolgauge/script.h"

namespace poolgauge {

/// The variables of one user by index, in addition to their texts; empty where no script is run.
struct ScriptState {
  /// Variables that scripts set are unset, and bind as NULL; pgbench's own have their values.
  void begin(const Scenario& scenario, std::uint64_t seed, std::int64_t client,
             std::vector<std::string>& texts);
  /// For the next exchange.
  Capture* begin_capture(std::vector<std::string>& texts) {
    capture = Capture{&texts, -1};
    return &capture;
  }
  std::vector<ScriptValue> values;
  Capture capture;
};

/// How many lines to go further than the next; `problem`: what could not be done.
struct LineResult {
  std::uint32_t ahead = 0;
  const char* problem = nullptr;
};
LineResult run_script_line(const ScriptLine& line, ScriptState& state,
                           std::vector<std::string>& texts, Rng& rng);

/// Stores the row that a step captures; false: there was none, or there were several. A model of
/// a server has no rows: its columns are null.
bool keep_results(const Step& step, ScriptState& state, std::vector<std::string>& texts);

/// The duration of \sleep :variable; nullopt if it is not a number. Negative values are zero.
std::optional<Duration> script_sleep(const Step& step, const ScriptState& state,
                                     const std::vector<std::string>& texts);

}  // namespace poolgauge
