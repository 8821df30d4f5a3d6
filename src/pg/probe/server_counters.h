// The server's own counters: read before and after the window; the difference is reported.
#pragma once

#include <map>
#include <string>

#include "pg/session/control_connection.h"
#include "poolgauge/measurement.h"

namespace poolgauge {

/// The counters at one instant. What this server or this user's rights do not give is absent.
struct ServerCounters {
  ServerView::Counters database;
  ServerView::Counters checkpoints;
  std::map<std::string, ServerView::Statement> statements;  ///< by user and query id
};

class CounterReader {
 public:
  /// Looks for what this server has. The connection outlives the reader.
  explicit CounterReader(ControlConnection& connection);
  ServerCounters read();

 private:
  ControlConnection& connection_;
  std::string statements_;  ///< the query for pg_stat_statements; empty: it is not there
};

/// Adds what was counted from `before` to `after`. A counter that went backwards was reset: it is
/// omitted.
void add_difference(ServerView& view, const ServerCounters& before, const ServerCounters& after);

}  // namespace poolgauge
