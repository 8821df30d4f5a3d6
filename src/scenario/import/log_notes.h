// Notes on an imported log: what the scenario omits, and what the log did not contain.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "scenario/import/log_requests.h"
#include "scenario/import/server_log.h"

namespace poolgauge {

/// How the import went.
struct LogFacts {
  std::size_t requests = 0;  ///< in the log
  std::size_t replayed = 0;
  std::size_t kinds = 0;       ///< that are replayed
  std::size_t all_kinds = 0;   ///< that could be
  std::size_t rare = 0;        ///< requests of rarer kinds
  std::size_t too_long = 0;    ///< requests of too many statements
  std::size_t unwritable = 0;  ///< requests with a statement that cannot be a step
  std::size_t dropped_tables = 0;
  double lasted_s = 0;
  std::set<std::string> changes;  ///< names of the statements that change rows
};

/// Warnings, which begin with "warning: ", first.
std::vector<std::string> log_notes(const LogFacts& facts, const LoggedRequests& logged,
                                   const ServerLog& log);

/// "warning: replaying it changes the target: insert a, update b"; empty: nothing changes.
std::string changes_warning(const std::set<std::string>& changes);

}  // namespace poolgauge
