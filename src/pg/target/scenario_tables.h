// The tables that a scenario names, as the server has them.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/doctor.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Names are identifiers as SQL has them, found through the role's own search_path.
struct TablesWanted {
  std::vector<std::string> named;
  std::vector<std::string> truncated;  ///< need the right to TRUNCATE
  bool temporary = false;              ///< temporary tables are created
  bool gently = false;                 ///< as StatementChecks has it
};

struct TablesFound {
  std::vector<DoctorScenario::Table> tables;
  std::vector<DoctorScenario::Trouble> forbidden;
};

/// What does not exist is omitted. An error (kind target or interrupted): the server cannot be
/// reached, or does not answer.
Result<TablesFound> look_at_tables(const std::string& conninfo, const TablesWanted& wanted,
                                   const StopFlag& stop);

}  // namespace poolgauge
