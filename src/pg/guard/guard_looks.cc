// One statement for all gauges: a look must not cost more than what it protects.
#include "pg/guard/guard_looks.h"

#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "pg/session/ask.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr Duration kConnect = std::chrono::seconds(3);
constexpr Duration kAnswer = std::chrono::seconds(2);

// {ours}: a condition on application_name. {waits}: since when a session waits for its lock. Only
// direct waits: who waits for somebody that waits for us is counted with the first of them.
constexpr const char* kGuardLook = R"sql(
WITH a AS MATERIALIZED (
  SELECT pid, state, wait_event_type, query_start, {ours} AS ours,
         backend_type = 'client backend'
           OR backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL AS client
  FROM pg_catalog.pg_stat_activity),
blocked AS (
  SELECT pg_catalog.clock_timestamp() - {waits} AS since FROM a
  WHERE NOT ours AND client AND wait_event_type = 'Lock'
    AND EXISTS (SELECT FROM a o WHERE o.ours AND o.pid = ANY (pg_catalog.pg_blocking_pids(a.pid))))
SELECT pg_catalog.current_setting('max_connections')::int
         - pg_catalog.current_setting('superuser_reserved_connections')::int
         - coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int
         - (SELECT count(*) FROM a WHERE client),
       (SELECT count(*) FROM a WHERE client AND NOT ours AND state = 'active'),
       (SELECT count(*) FROM blocked),
       (SELECT coalesce(max(extract(epoch FROM since)), 0) FROM blocked),
       (SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)
        FROM pg_catalog.pg_stat_replication),
       (SELECT xact_commit + xact_rollback FROM pg_catalog.pg_stat_database
        WHERE datname = pg_catalog.current_database())
)sql";
constexpr std::size_t kColumns = 6;

constexpr const char* kSight = R"sql(
SELECT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage'),
       (SELECT count(*) FROM pg_catalog.pg_stat_replication),
       pg_catalog.current_setting('max_connections')::int
         - pg_catalog.current_setting('superuser_reserved_connections')::int
         - coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int,
       pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.quote_literal(nullif(pg_catalog.current_setting('application_name'), '')),
       pg_catalog.quote_literal({load})
)sql";

Error look_error(const ControlReply& reply) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target, "a check of the guards failed: " + reply.complaint.message, ""};
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

double gauge_number(const std::string& text) {
  if (text == "t") return 1;
  return std::strtod(text.c_str(), nullptr);
}

}  // namespace

Result<GuardReader> GuardReader::open(const std::string& conninfo, const std::string& load_name,
                                      const StopFlag& stop) {
  const ControlLimits limits{kConnect, kAnswer, false, kConnect};
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop, limits);
  if (!connection) return connection.error();
  GuardReader reader(std::move(connection).value());
  if (const Status ready = reader.prepare(load_name); !ready.ok()) return ready.error();
  return reader;
}

Status GuardReader::prepare(const std::string& load_name) {
  const std::string sight = replaced(kSight, "{load}", "'" + load_name + "'");  // our own letters
  const ControlReply seen = poolgauge::ask(connection_, sight, 6, 1);
  if (!seen.ok()) return look_error(seen);
  const std::vector<std::string>& row = seen.rows[0];
  sight_.others = row[0] == "t";
  sight_.standbys = sight_.others && gauge_number(row[1]) > 0;
  sight_.slots = static_cast<std::int64_t>(gauge_number(row[2]));
  constexpr double kHasWaitStart = 140'000;
  const bool wait_start = gauge_number(row[3]) >= kHasWaitStart;
  // A name in the connection string is the load's, too.
  const std::string& own = row[4];
  std::string ours = fmt::format(
      "coalesce(application_name IN ({0}, 'poolgauge', 'poolgauge-probe', 'poolgauge-guard') "
      "OR application_name LIKE {0} || '-%' OR application_name LIKE 'poolgauge-part %'",
      row[5]);
  if (!own.empty()) ours += " OR application_name = " + own;
  ours += ", false)";
  const char* const waits = wait_start
                                ? "coalesce((SELECT min(l.waitstart) FROM pg_catalog.pg_locks l "
                                  "WHERE l.pid = a.pid AND NOT l.granted), query_start)"
                                : "query_start";
  look_ = replaced(replaced(kGuardLook, "{ours}", ours), "{waits}", waits);
  const ControlReply set = connection_.run(
      "SET application_name = 'poolgauge-guard'; SET statement_timeout = '900ms'; "
      "SET lock_timeout = '500ms'; SET default_transaction_read_only = on");
  return set.ok() ? success() : Status(look_error(set));
}

Result<GuardLook> GuardReader::look() {
  const ControlReply reply = poolgauge::ask(connection_, look_, kColumns, 1);
  if (!reply.ok()) return look_error(reply);
  const std::vector<std::string>& row = reply.rows[0];
  GuardLook look;
  const auto put = [&look](Gauge gauge, double value) {
    look[static_cast<std::size_t>(gauge)] = value;
  };
  put(Gauge::free_slots, gauge_number(row[0]));
  traffic_ = {to_s(monotonic_now() - TimePoint{}), gauge_number(row[1]), gauge_number(row[5]), 0};
  if (!sight_.others) return look;
  put(Gauge::others_active, gauge_number(row[1]));
  put(Gauge::others_blocked, gauge_number(row[2]));
  put(Gauge::others_blocked_s, gauge_number(row[3]));
  if (sight_.standbys) put(Gauge::replay_lag_s, gauge_number(row[4]));
  return look;
}

Result<double> GuardReader::ask(const std::string& query) {
  const ControlReply reply = poolgauge::ask(connection_, query, 1);
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  if (!reply.ok()) {
    return Error{ErrorKind::target, "the query failed: " + reply.complaint.message, ""};
  }
  return reply.rows.empty() ? 0.0 : gauge_number(reply.rows[0][0]);
}

}  // namespace poolgauge
