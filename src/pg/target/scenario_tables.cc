// One question for each name.
#include "pg/target/scenario_tables.h"

#include <cstdlib>

#include <fmt/format.h>

#include "pg/session/ask.h"
#include "pg/session/control_connection.h"

namespace poolgauge {
namespace {

// {0}: the name as a literal.
constexpr const char* kTable = R"sql(
SELECT c.oid::regclass::text, c.reltuples, pg_catalog.pg_total_relation_size(c.oid),
       s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL
         OR EXISTS (SELECT FROM pg_catalog.pg_stats t
                    WHERE t.schemaname = n.nspname AND t.tablename = c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
WHERE c.oid = pg_catalog.to_regclass({0}) AND c.relkind IN ('r', 'p')
)sql";
constexpr const char* kTruncate =
    "SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass({0}), 'TRUNCATE')";
constexpr const char* kTemporary =
    "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')";

Error lost_error(const ControlReply& reply) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target, "the scenario's tables were not seen: " + reply.complaint.message,
               ""};
}

bool is_gone(const ControlReply& reply) {
  return reply.ending == ControlReply::Ending::interrupted ||
         reply.ending == ControlReply::Ending::lost;
}

}  // namespace

Result<TablesFound> look_at_tables(const std::string& conninfo, const TablesWanted& wanted,
                                   const StopFlag& stop) {
  TablesFound found;
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop);
  if (!opened) return opened.error();
  ControlConnection& connection = opened.value();
  if (wanted.gently) {
    connection.run(
        "SET default_transaction_read_only = on; SET statement_timeout = '3s'; "
        "SET lock_timeout = '200ms'");
  }
  for (const std::string& name : wanted.named) {
    const ControlReply reply = ask(connection, fmt::format(kTable, quoted_literal(name)), 4);
    if (is_gone(reply)) return lost_error(reply);
    if (!reply.ok() || reply.rows.empty()) continue;
    const std::vector<std::string>& row = reply.rows[0];
    found.tables.push_back({row[0], std::strtod(row[1].c_str(), nullptr),
                            std::strtod(row[2].c_str(), nullptr), row[3] == "t"});
  }
  for (const std::string& name : wanted.truncated) {
    const ControlReply reply = ask(connection, fmt::format(kTruncate, quoted_literal(name)), 1);
    if (is_gone(reply)) return lost_error(reply);
    if (!reply.ok() || reply.rows.empty() || reply.rows[0][0] != "f") continue;
    found.forbidden.push_back({"TRUNCATE", "permission denied for table " + name});
  }
  if (!wanted.temporary) return found;
  const ControlReply reply = ask(connection, kTemporary, 1);
  if (is_gone(reply)) return lost_error(reply);
  if (reply.ok() && !reply.rows.empty() && reply.rows[0][0] == "f") {
    found.forbidden.push_back({"CREATE TEMPORARY TABLE", "permission denied for this database"});
  }
  return found;
}

}  // namespace poolgauge
