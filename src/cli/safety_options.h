// What a user allows on a server that is not this program's own, and what watches the run there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/time.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

struct SafetyOptions {
  bool allow_writes = false;  ///< steps that may write, data.setup and data.teardown
  bool allow_setup = false;   ///< a setup that drops or replaces what is there
  bool shared = false;        ///< others use the server
  bool yes = false;           ///< ask nothing
  std::optional<Duration> ramp;
  std::optional<std::int64_t> budget;            ///< connections that the pools may open
  std::vector<std::string> guards, stop_guards;  ///< expressions, as typed
  std::string guard_query, guard_http, stop_file;
};

/// The options of every command that loads a server.
void add_safety(CLI::App& command, SafetyOptions& options);
/// --budget: `advise` has one of its own that means the same.
void add_safety_budget(CLI::App& command, SafetyOptions& options);

}  // namespace poolgauge::cli
