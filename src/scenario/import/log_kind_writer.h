// A kind of request of a log as the scenario's request.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "scenario/import/log_requests.h"
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

}  // namespace poolgauge
