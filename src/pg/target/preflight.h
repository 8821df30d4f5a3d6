// Prepares every statement of a scenario before the load, so that mistakes are found early.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge {

struct StatementChecks {
  std::optional<std::uint32_t> pool;  ///< only the steps that run there, by Deployment::pool_at
  /// Also whether the role may run them: each is planned. Not through a pooler, where the next
  /// message may reach another session. A missing permission makes the error one of kind target.
  bool rights = false;
  /// The session is made read-only, with short timeouts, before anything is asked. Not through a
  /// pooler, where settings outlive the session.
  bool gently = false;
};

/// A statement that the server does not accept.
struct StatementTrouble {
  std::string where;    ///< `request "a" step "b"`
  std::string message;  ///< the server's words
  std::string sqlstate;
  bool missing_name = false;  ///< it names what does not exist
};

/// Prepares each sql step on one connection; nothing is executed. Run it after the setup, whose
/// tables the statements need. The error (kind usage) holds every statement that failed: scenario,
/// request, step, the server's words, and the line with a caret. A name that is missing after a
/// step of the same request that may have created it is no error here; a simple-protocol step is
/// judged only where the server could prepare it.
Status check_statements(const std::string& conninfo, const Scenario& scenario, const StopFlag& stop,
                        const StatementChecks& checks = {});

/// The same, as a list. An error: the server cannot be reached, or a stop request.
Result<std::vector<StatementTrouble>> statement_troubles(const std::string& conninfo,
                                                         const Scenario& scenario,
                                                         const StopFlag& stop,
                                                         const StatementChecks& checks);

}  // namespace poolgauge
