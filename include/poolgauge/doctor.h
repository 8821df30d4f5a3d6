// `doctor`: the state of a server before a load, and what it means for connection pools.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/terminal_style.h"

namespace poolgauge {

/// One query to the server. Any role may run it; what the role may not see is missing from the
/// result, or the query fails.
struct DoctorQuery {
  std::string_view id;       ///< "B1": the first check that reads it
  int from = 13, until = 0;  ///< major versions; until 0: every later one
  bool twice = false;        ///< counters: queried again at the end
  std::string_view sql;
};

/// The result of a query, or why there is none.
struct DoctorAnswer {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< NULL is an empty text
  std::string unknown;                         ///< why there is no result; empty: there is one
  bool no_right = false;                       ///< the role lacks a right
};
/// By the query's id. A query that this version of the server does not have is absent.
using DoctorAnswers = std::map<std::string, DoctorAnswer, std::less<>>;

/// One connect in its parts, in milliseconds.
struct DoctorConnect {
  double tcp_ms = 0, tls_ms = 0, login_ms = 0;
  double total_ms() const { return tcp_ms + tls_ms + login_ms; }
};

/// What the scenario's own statements and files meet on the server. Nothing of it was executed.
struct DoctorScenario {
  struct Trouble {
    std::string where;    ///< `request "a" step "b"`
    std::string message;  ///< the server's words
  };
  struct Table {
    std::string name;
    double rows = 0;  ///< estimated by the server; below 0: never counted
    double bytes = 0;
    bool analyzed = false;
  };
  std::string trouble;  ///< why the scenario was not compared with the server; empty: it was
  std::vector<Trouble> unprepared;  ///< statements that the server does not accept
  std::vector<Trouble> missing;     ///< statements that name what does not exist
  std::vector<Trouble> forbidden;   ///< what the role has no permission for
  bool rights_seen = false;         ///< permissions were looked at
  std::vector<std::string>
      changes;  ///< what data.setup or data.teardown would do to others' objects
  std::vector<std::string> sharing;  ///< signs that others use the server
  std::vector<Table> tables;         ///< that it names and the server has
};

/// Everything that was read. What is absent was not requested, or could not be measured.
struct DoctorFacts {
  int version_num = 0;         ///< 150008; 0: no server was asked
  std::string server_version;  ///< "15.8"
  std::string address, role, database;
  bool over_socket = false, over_loopback = false;
  DoctorAnswers first, second;  ///< second: of queries that run twice
  double between_s = 0;         ///< between the two readings of the counters
  std::vector<double> active;   ///< others' running statements in each sample; empty: not seen
  /// The process numbers: at the start-up, then in two transactions in a row.
  std::int64_t startup_pid = 0, first_pid = 0, second_pid = 0;
  std::vector<double> round_trips_ms;
  std::vector<DoctorConnect> connects;
  std::string connect_trouble;           ///< why there are fewer than were tried
  std::optional<double> server_ahead_s;  ///< its clock against ours
  std::optional<std::int64_t> open_files, ports, processors;  ///< of this machine
  bool pooler_asked = false;
  DoctorAnswers pooler, pooler_later;      ///< by what was shown: "POOLS"
  std::vector<DoctorAnswer> pool_looks;    ///< SHOW POOLS, several times
  std::string pooler_trouble;              ///< why the console gave no answer
  bool pooler_refuses = false;             ///< it runs, but does not answer this role
  std::optional<DoctorScenario> scenario;  ///< absent without one
};

/// What the user said about the planned deployment; what is absent is not judged.
struct DoctorPlan {
  std::optional<std::int64_t> connections;  ///< the whole fleet may open
  std::string arithmetic;                   ///< how that was computed
  std::optional<std::int64_t> per_instance;
  std::int64_t instances = 1;
  double surge = 0.25;  ///< instances that start before old ones stop in a deployment
  std::optional<std::int64_t> cores;
  std::optional<double> memory_mib;
  std::optional<double> deadline_s;
  std::optional<double> longest_hold_s, longest_transaction_s;  ///< of requests in a transaction
  std::optional<double> statement_s;  ///< of the slowest statement, as far as the scenario says
  std::optional<double> pool_age_s;   ///< for which the pool may keep a connection unused
  // Of the scenario; false without one.
  bool writes = false, reads_standby = false, prepares = false, transactions = false;
  std::optional<double> gap_s;   ///< between bursts
  std::optional<double> load_s;  ///< how long the load lasts
  bool has_setup = false;
  // What the load will be allowed to do.
  bool shared = false, may_replace = false;
  std::int64_t today = 0;           ///< days since 1970
  std::vector<std::string> tables;  ///< that the scenario names, without their schemas
  bool names_table(std::string_view qualified) const;
};

enum class DoctorLevel : std::uint8_t { ok, note, warn, stop, unknown };

/// The result of one check.
struct DoctorFinding {
  std::string id;     ///< "B1"
  std::string title;  ///< what was checked
  DoctorLevel level = DoctorLevel::ok;
  std::string seen, limit, source, why, cure;
  std::vector<std::pair<std::string, std::string>> figures;
  std::vector<std::string> queries;  ///< ids
};

/// A group of checks: "B", "available slots".
struct DoctorGroup {
  char letter = 'A';
  std::string_view title;
};

enum class DoctorVerdict : std::uint8_t { healthy, warning, unhealthy };

struct Diagnosed {
  std::vector<DoctorFinding> findings;  ///< in the order of their ids
  std::string server_version, address, role, database;
  std::size_t count(DoctorLevel level) const;
  /// Every check is unknown: that is not healthy.
  bool saw_nothing() const;
  DoctorVerdict verdict() const;
};

/// What no check can find out by itself.
struct DoctorRun {
  std::string tool_version, command_line, started_at;
  int exit_code = 0;
};

std::string_view name_of(DoctorLevel level);
std::string_view name_of(DoctorVerdict verdict);

std::string to_terminal(const Diagnosed& diagnosed, const TerminalStyle& style);
std::string to_markdown(const Diagnosed& diagnosed);
std::string to_json(const Diagnosed& diagnosed, const DoctorRun& run);
std::string to_junit(const Diagnosed& diagnosed, const DoctorRun& run);

}  // namespace poolgauge
