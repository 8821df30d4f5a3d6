// A kind of request of a log as the request of a scenario, and notes on the log.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenario/import/log_requests.h"
#include "scenario/import/server_log.h"
#include "scenario/json.h"

namespace poolgauge {

/// What means NULL in the file of arrivals.
inline constexpr const char* kNullInFile = "\\N";

/// Writes a kind's steps. Its constants that change become variables, each a column of the file of
/// arrivals, where the row of a request has all of its values together.
class LogKindWriter {
 public:
  /// `prefix` begins the names of its variables.
  LogKindWriter(const RequestKind& kind, std::string prefix, bool with_holds);

  Json steps(bool with_boundaries);
  /// Of each column, the place of its values among the kind's constants: RequestKind::values().
  const std::vector<std::size_t>& columns() const { return columns_; }
  const std::vector<std::string>& names() const { return names_; }  ///< of the variables
  /// Temporary tables that the request itself does not drop.
  std::size_t dropped_tables() const { return dropped_tables_; }

 private:
  void add_hold(std::size_t gap, Json& steps);
  void add_drops(Json& steps);
  std::string statement(std::size_t index);
  std::string variable();

  const RequestKind& kind_;
  std::string prefix_;
  bool with_holds_;
  std::size_t place_ = 0;
  std::vector<std::size_t> columns_;
  std::vector<std::string> names_;
  std::map<std::size_t, std::size_t> by_class_;  // the column of each class
  std::size_t dropped_tables_ = 0;
};

// Notes on an imported log: what the scenario omits, and what the log did not contain.

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
