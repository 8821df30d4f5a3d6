// What is in the database, who else uses it, and the files that set it up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/session/control_connection.h"
#include "poolgauge/doctor.h"
#include "poolgauge/import.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// A thing by its kind ("table", "schema", "function", …) and its name as SQL has it.
struct NamedObject {
  std::string kind, name;
};

/// Of each: whether it exists and was not made by this program. A kind that cannot be looked up
/// counts as one that exists. Errors: the server cannot be reached, or a stop request.
Result<std::vector<bool>> exist_and_are_foreign(const std::string& conninfo,
                                                const std::vector<NamedObject>& objects,
                                                const StopFlag& stop);

/// Leaves this program's mark on each, as its comment, where it has none: tables, views, sequences
/// and schemas. What cannot be marked is left as it is.
void mark_as_ours(const std::string& conninfo, const std::vector<NamedObject>& objects,
                  const StopFlag& stop);

// Who else uses a server that is about to be loaded, and what our sessions there may be told.

/// What one connection saw.
struct OtherUsers {
  std::string host, database;
  std::string options;           ///< libpq's `options` of the connection, whatever gave them
  std::int64_t others = 0;       ///< sessions of other users, by user and application
  std::int64_t busy_others = 0;  ///< of these: changed their state within the last minute
  std::int64_t sessions = 0;     ///< of anybody but us
  bool sees_all = true;
  double foreign_per_s = 0;  ///< transactions in our database during a second, not ours
  /// Settings that end our sessions when this program vanishes, as "-c name=value"; empty through
  /// a pooler, or where the server has none of them.
  std::string leave_nothing;
};

/// A second is waited for only where somebody else is connected. A server that does not answer the
/// question has no others. Errors: the server cannot be reached, or a stop request. `in_parts`:
/// other parts of this run are not others; while they are connected, transactions cannot be told
/// apart.
Result<OtherUsers> look_for_others(const std::string& conninfo, bool through_pooler,
                                   const StopFlag& stop, bool in_parts = false);

// The tables that a scenario names, as the server has them.

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

// Runs a scenario's setup and teardown files, statement by statement, stopping at the first error.

/// Runs data.setup as `psql -v ON_ERROR_STOP=1` would, all files on one connection. The error is
/// "file:line:column: statement N of M: the server's words" (kind usage; kind target when the
/// connection, a permission or the server's resources are at fault; kind interrupted after a stop
/// request, which also cancels the running statement). A statement may last as long as it needs
/// while the server answers others; a silent server is given up within about 8 s. What a failed
/// setup has left is removed by data.teardown, which a second stop request ends; trouble in that is
/// added to the error's hint. Files with a statement that cannot be run here (also of the teardown)
/// are refused before anything is sent. `shared_sessions`: as run_teardown has it.
Status run_setup(const std::string& conninfo, const Scenario& scenario, const StopFlag& stop,
                 bool shared_sessions = false);

/// Runs data.teardown on a fresh connection, every file even if one fails; returns a sentence for
/// each that failed. It does not wait for locks longer than 10 s, nor for one statement longer
/// than 60 s, nor for a silent server longer than 6 s (4 s to connect). `stop` ends it: give a flag
/// of its own, so that it is done after the request that ended the load. `shared_sessions`: the
/// server's sessions are handed from client to client by a pooler, so no limit is set there; one
/// statement is then canceled after 60 s, locks included.
std::vector<std::string> run_teardown(const std::string& conninfo,
                                      const std::vector<SqlFile>& files, const StopFlag& stop,
                                      bool shared_sessions = false);

/// A sentence for each file with a statement whose effect stays in the session that ran it, for
/// where sessions are shared.
std::vector<std::string> session_state_notes(const std::vector<SqlFile>& files);

// Reading pg_stat_statements, with the types of the statements' parameters.

/// The statements of the target's own database, most calls first. Nothing is executed but queries
/// on catalogs and on keys: least, greatest, a few of them. Each statement is only parsed, to learn
/// its types.
Result<ServerStatements> read_statement_statistics(const std::string& conninfo,
                                                   const StopFlag& stop);

/// The types of the parameters, the sizes of the tables and their keys, of statements that were
/// read elsewhere: the target has the same tables.
Result<ServerStatements> describe_statements(const std::string& conninfo, const StopFlag& stop,
                                             ServerStatements server);

}  // namespace poolgauge
