// Prepares every statement of a scenario before the load, so that mistakes are found early.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge {

struct StatementChecks {
  std::optional<std::uint32_t> pool;  ///< only the steps that run there, by Deployment::pool_at
  /// Also whether the role may run them: each is planned. Not through a pooler, where the next
  /// message may reach another session. A missing permission makes the error one of kind target.
  bool rights = false;
};

/// Prepares each sql step on one connection; nothing is executed. Run it after the setup, whose
/// tables the statements need. The error (kind usage) holds every statement that failed: scenario,
/// request, step, the server's words, and the line with a caret. A name that is missing after a
/// step of the same request that may have created it is no error here; a simple-protocol step is
/// judged only where the server could prepare it.
Status check_statements(const std::string& conninfo, const Scenario& scenario, const StopFlag& stop,
                        const StatementChecks& checks = {});

}  // namespace poolgauge
