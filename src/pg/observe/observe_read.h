// Looks at a live server's sessions and counters for `observe`: one connection, SELECT only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pg/session/control_connection.h"
#include "poolgauge/observe.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

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

// PgBouncer's console for `observe`: SHOW only.

class ObserveConsole {
 public:
  /// The error (kind target, usage or interrupted) is that of a console that cannot be reached, is
  /// none, or refuses this user. `connect`: for the whole connect, in place of the string's limit.
  static Result<ObserveConsole> open(const std::string& conninfo, const StopFlag& stop,
                                     std::optional<Duration> connect = {});

  /// SHOW POOLS, and with `stats` SHOW STATS. The first look also has the pools' sizes.
  Result<ObservePoolerLook> look(double t_s, bool stats);
  /// False once it answers no more.
  bool usable() const { return connection_.usable(); }

 private:
  explicit ObserveConsole(ControlConnection connection) : connection_(std::move(connection)) {}
  ControlReply show(const char* what) { return connection_.run(std::string("SHOW ") + what); }
  ControlConnection connection_;
  bool knows_sizes_ = false;
};

// The queries of `observe`, and their rows as values.

/// A row of a reply; NULL is an empty text.
using ObserveRow = std::vector<std::string>;

/// What the server is: 11 columns, one row.
const char* observe_facts_sql();
inline constexpr std::size_t kObserveFacts = 11;
/// Names of databases and roles: kind ("d" or "r"), oid, name.
const char* observe_names_sql();
/// All sessions of clients but ours: 12 columns.
const char* observe_look_sql();
inline constexpr std::size_t kObserveLook = 12;
/// pg_stat_database: 7 columns. Before 14 there are no times.
const char* observe_counters_sql(bool has_times);
inline constexpr std::size_t kObserveCounters = 7;

/// Names by "d" or "r" followed by the oid.
using ObserveNames = std::map<std::string, std::string, std::less<>>;

/// Fills all but the version and the address. `started`: when the server was started, as it says.
struct ObserveIdentity {
  std::string started;
  std::int64_t pid = 0;
  bool may_see = false;
};
ObserveIdentity read_facts(const ObserveRow& row, ObserveServer& server);

/// False: a database or role that has no name here yet.
bool has_names(const ObserveRow& row, const ObserveNames& names);
ObserveKey key_of(const ObserveRow& row, const ObserveNames& names);
/// Nothing for a session that is only starting. The group is not set.
std::optional<ObserveSession> session_of(const ObserveRow& row);
/// How long the server had worked for the look when it came to this row, in seconds.
double cost_of(const ObserveRow& row);
std::optional<ObserveCounters> counters_of(const ObserveRow& row);

// Looks at a live server's sessions and counters for `observe`: one connection, SELECT only.

struct ObserveWishes {
  Duration length = std::chrono::minutes(5);
  Duration interval = std::chrono::milliseconds(100);  ///< between looks, ± half of it at random
  Duration batch = std::chrono::seconds(5);            ///< between two readings of the counters
  std::uint64_t seed = 1;                              ///< of the jitter
  bool statements = false;                             ///< read pg_stat_statements at both ends
  std::string console = {};                            ///< PgBouncer's; empty: none
  std::function<void(const ObserveServer&)> met;       ///< once, before the first look
  std::function<void(double elapsed_s)> progress;      ///< after each look; may be empty
};

struct ObserveEnd {
  ObserveServer server;
  ObserveCost cost;
  bool interrupted = false;
  std::vector<ObservedStatement> statements;  ///< of the target's database
  std::string lost;         ///< why it ended early: the server did not come back; empty: it did not
  std::string no_counters;  ///< why counters are missing; empty: none is
  std::string no_console;   ///< the same of PgBouncer's console
};

/// Watches until `length` is over or `stop` is requested. A connection that is lost is opened
/// again for up to 30 s; the sink is told of the gap. Looks are taken less often where they would
/// cost more than 0.5 % of a core, there or here. The error (kind target, usage or interrupted) is
/// that of a server that cannot be reached or whose sessions this role may not see.
Result<ObserveEnd> watch_sessions(const std::string& conninfo, const ObserveWishes& wishes,
                                  const StopFlag& stop, ObserveSink& sink);

}  // namespace poolgauge
