// Texts in, values out.
#include "pg/observe/observe_read.h"

#include <cstdlib>

#include "base/visible_text.h"

namespace poolgauge {
namespace {

constexpr std::size_t kMostName = 100;  // bytes of what a client calls itself

double number_in(const std::string& text, double otherwise) {
  return text.empty() ? otherwise : std::strtod(text.c_str(), nullptr);
}

std::int64_t whole_in(const std::string& text) {
  return std::strtoll(text.c_str(), nullptr, 10);
}

std::string named_in(const ObserveNames& names, char kind, const std::string& oid) {
  const auto found = names.find(kind + oid);
  return found == names.end() ? oid : found->second;
}

ObserveWait wait_of(const std::string& type) {
  if (type.empty()) return ObserveWait::none;
  if (type == "Lock") return ObserveWait::lock;
  if (type == "LWLock" || type == "BufferPin") return ObserveWait::internal;
  if (type == "IO") return ObserveWait::io;
  return type == "Client" ? ObserveWait::client : ObserveWait::other;
}

}  // namespace

const char* observe_facts_sql() {
  return "SELECT current_setting('max_connections'), "
         "current_setting('superuser_reserved_connections'), "
         "coalesce(current_setting('reserved_connections', true), '0'), pg_is_in_recovery(), "
         "current_setting('track_activities'), extract(epoch FROM pg_postmaster_start_time()), "
         "pg_backend_pid(), (SELECT count(*) FROM pg_catalog.pg_prepared_xacts), current_user, "
         "current_database(), pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')";
}

const char* observe_names_sql() {
  return "SELECT 'd', oid, datname FROM pg_catalog.pg_database UNION ALL "
         "SELECT 'r', oid, rolname FROM pg_catalog.pg_roles";
}

// The function below the view pg_stat_activity: it spares the server two joins in each look. The
// clock is read once, before the sessions are.
const char* observe_look_sql() {
  return "WITH c AS MATERIALIZED (SELECT clock_timestamp() AS at) "
         "SELECT s.datid, s.usesysid, s.application_name, host(s.client_addr), s.pid, s.state, "
         "s.wait_event_type, s.wait_event, extract(epoch FROM c.at - s.backend_start), "
         "extract(epoch FROM c.at - s.xact_start), extract(epoch FROM c.at - s.state_change), "
         "extract(epoch FROM clock_timestamp() - statement_timestamp()) "
         "FROM c CROSS JOIN pg_catalog.pg_stat_get_activity(NULL::integer) s "
         "WHERE s.backend_type = 'client backend' AND s.datid IS NOT NULL "
         "AND s.usesysid IS NOT NULL AND s.pid <> pg_backend_pid()";
}

const char* observe_counters_sql(bool has_times) {
  return has_times ? "SELECT datname, xact_commit + xact_rollback, active_time, "
                     "idle_in_transaction_time, sessions, coalesce(stats_reset::text, 'never'), "
                     "extract(epoch FROM clock_timestamp() - stats_reset) "
                     "FROM pg_catalog.pg_stat_database WHERE datid <> 0 AND datname IS NOT NULL"
                   : "SELECT datname, xact_commit + xact_rollback, NULL, NULL, NULL, "
                     "coalesce(stats_reset::text, 'never'), "
                     "extract(epoch FROM clock_timestamp() - stats_reset) "
                     "FROM pg_catalog.pg_stat_database WHERE datid <> 0 AND datname IS NOT NULL";
}

ObserveIdentity read_facts(const ObserveRow& row, ObserveServer& server) {
  server.max_connections = whole_in(row[0]);
  server.reserved = whole_in(row[1]) + whole_in(row[2]);
  server.standby = row[3] == "t";
  server.tracks = row[4] == "on";
  server.prepared_transactions = whole_in(row[7]);
  server.role = row[8];
  server.database = row[9];
  return {row[5], whole_in(row[6]), row[10] == "t"};
}

bool has_names(const ObserveRow& row, const ObserveNames& names) {
  return names.contains("d" + row[0]) && names.contains("r" + row[1]);
}

ObserveKey key_of(const ObserveRow& row, const ObserveNames& names) {
  return {named_in(names, 'd', row[0]), named_in(names, 'r', row[1]), shortened(row[2], kMostName),
          row[3]};
}

std::optional<ObserveSession> session_of(const ObserveRow& row) {
  const std::string& state = row[5];
  if (state.empty()) return std::nullopt;
  ObserveSession session;
  session.pid = whole_in(row[4]);
  if (state == "active" || state == "fastpath function call") {
    session.state = ObserveState::active;
  } else if (state.starts_with("idle in transaction")) {
    session.state = ObserveState::idle_in_transaction;
  } else {
    session.state = state == "idle" ? ObserveState::idle : ObserveState::hidden;
  }
  session.wait = wait_of(row[6]);
  session.backend_age_s = number_in(row[8], kNoAge);
  session.xact_age_s = number_in(row[9], kNoAge);
  session.state_age_s = number_in(row[10], kNoAge);
  return session;
}

double cost_of(const ObserveRow& row) {
  return number_in(row[11], 0);
}

std::optional<ObserveCounters> counters_of(const ObserveRow& row) {
  if (row[0].empty() || row[1].empty()) return std::nullopt;
  constexpr double kMs = 1e-3;
  ObserveCounters counters;
  counters.database = row[0];
  counters.transactions = number_in(row[1], 0);
  if (!row[2].empty()) counters.active_s = number_in(row[2], 0) * kMs;
  if (!row[3].empty()) counters.idle_in_transaction_s = number_in(row[3], 0) * kMs;
  if (!row[4].empty()) counters.sessions = number_in(row[4], 0);
  counters.reset_at = row[5];
  if (!row[6].empty()) counters.counted_for_s = number_in(row[6], 0);
  return counters;
}

}  // namespace poolgauge
