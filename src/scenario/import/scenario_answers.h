// What `scenario new` needs to know of an application, and the scenario made of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/diagnostic.h"
#include "poolgauge/result.h"

namespace poolgauge {

/// The answers as typed; empty where nothing was said.
struct ScenarioAnswers {
  std::string pool;                     ///< a pool kind
  std::string users;                    ///< virtual users, or
  std::string rate;                     ///< requests per second
  std::string think;                    ///< between two requests of a user
  std::string processes;                ///< of the application
  std::vector<std::string> statements;  ///< of one request, in order
  std::string hold;                     ///< time of other work, with the connection kept
  std::string pause;                    ///< the same with the connection released
  std::vector<std::string> goals;

  /// Whether nothing was said.
  bool empty() const;
};

// Each returns the answer as the scenario needs it, or an error whose message says why the question
// is repeated.
Result<std::string> checked_pool(const std::string& typed);
Result<std::string> checked_users(const std::string& typed);
Result<std::string> checked_rate(const std::string& typed);
Result<std::string> checked_processes(const std::string& typed);
Result<std::string> checked_time(const std::string& typed);
Result<std::string> checked_statement(const std::string& typed);
/// Also takes "p95 < 300ms", which becomes "p95(latency) < 300ms".
Result<std::string> checked_goal(const std::string& typed);

/// The defaults: users, not a rate, and no other work.
const ScenarioAnswers& usual_answers();

/// The answers with each value checked and what is missing filled in. The error names the flag.
Result<ScenarioAnswers> complete(ScenarioAnswers answers);

/// A scenario file that runs as it stands; `answers` are complete.
std::string scenario_text(const std::string& name, const ScenarioAnswers& answers);

}  // namespace poolgauge
