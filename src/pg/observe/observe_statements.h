// pg_stat_statements for `observe`: which statements ran in the window, and how often.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pg/session/control_connection.h"

namespace poolgauge {

/// One statement of one role over the window; its constants are $1, $2, ...
struct ObservedStatement {
  std::string role, text;
  double calls = 0, rows = 0;
};

/// Reads the view at both ends of a window: no table, and nothing is prepared.
class StatementCounts {
 public:
  /// False where the extension is missing in this database, or not readable: then the other calls
  /// do nothing.
  bool begin(ControlConnection& connection);
  /// What was called since begin(), most calls first. Empty after a reset.
  std::vector<ObservedStatement> end(ControlConnection& connection);

 private:
  /// By role and queryid.
  using Counts = std::map<std::pair<std::string, std::string>, ObservedStatement>;
  Counts read(ControlConnection& connection);
  std::string view_;
  bool has_toplevel_ = false;
  Counts before_;
};

}  // namespace poolgauge
