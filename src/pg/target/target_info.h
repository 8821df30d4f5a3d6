// What a server reports before the load, and whether it can bear it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/slots.h"
#include "pg/session/control_connection.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

struct TargetInfo {
  std::string server_version;  ///< "15.8"
  std::int64_t max_connections = 0;
  /// superuser_reserved_connections, and reserved_connections where they exist (from 16): kept out
  /// of the budget even if we are a superuser, since administrators need them.
  std::int64_t reserved_connections = 0;
  std::int64_t in_use = 0;  ///< client backends at this moment, our own not counted
  /// CONNECTION LIMIT of our role and of the database, and what they use now; -1: no limit. They
  /// do not bind a superuser.
  std::int64_t role_limit = -1;
  std::int64_t role_in_use = 0;
  std::int64_t database_limit = -1;
  std::int64_t database_in_use = 0;
  std::string role, database;  ///< those we came in as
  bool superuser = false;
  bool in_recovery = false;     ///< a standby: nothing can be written
  bool through_pooler = false;  ///< something between us and the server answers in its name
  std::vector<std::pair<std::string, std::string>> settings;  ///< those visible to us, with units
  /// Every limit that binds our connections, as doctor has them.
  doctor::SlotLimits slots() const;
};

/// One connection, a few queries: those of doctor's B1 to B3 among them. The error is of kind
/// target (or interrupted), with the server's words and the cure.
Result<TargetInfo> read_target_info(const std::string& conninfo, const StopFlag& stop,
                                    const ControlLimits& patience = {});

// Whether a server can still be reached by a new connection.

struct TargetState {
  /// Nothing answers, or what answers is starting up or shutting down.
  bool gone = false;
  /// What a server that is there says to a login that it refuses; empty: it lets us in. One line,
  /// with its SQLSTATE, passwords removed.
  std::string refusal;
};

/// Tries to log in once, waiting `limit` at most; nothing is known when `stop` is requested before.
TargetState state_of_target(const std::string& conninfo, const StopFlag& stop, Duration limit);

// Statements whose effect outlives their transaction in the session that ran them.

/// What the first statement of the text that changes its session is, as "SET" or "CREATE TEMPORARY
/// TABLE"; empty: none does. Told from the first words, so a function that does so is not seen.
std::string session_state_of(std::string_view sql);

// A standby that serves reads: whether it is one, and whether it has caught up.

/// An error unless the server is in recovery, as a standby always is.
Status check_is_replica(const TargetInfo& info, const std::string& conninfo);

/// Waits until the replica has replayed what the primary has written by now: the data of the setup
/// and its roles. The error after 30 s says how far it is behind.
Status wait_caught_up(const std::string& primary, const std::string& replica, const StopFlag& stop);

// Prepares every statement of a scenario before the load, so that mistakes are found early.

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
