// Reading SHOW tables by their columns' names: releases add columns.
#include "pg/target/pooler_console.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "pg/conninfo/conninfo.h"
#include "pg/session/ask.h"

namespace poolgauge {
namespace {

using Row = std::vector<std::string>;

std::uint64_t console_number(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

std::uint64_t console_number(const ControlReply& reply, const Row& row, std::string_view column) {
  return console_number(field_of(reply, row, column));
}

std::uint32_t gauge(const ControlReply& reply, const Row& row, std::string_view column) {
  return static_cast<std::uint32_t>(console_number(reply, row, column));
}

Error refused(const ControlReply& reply) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target, "PgBouncer's admin console refused: " + reply.complaint.message,
               "add the user to PgBouncer's admin_users or stats_users"};
}

std::string setting(const PoolerInfo& info, std::string_view name) {
  for (const auto& [key, value] : info.config) {
    if (key == name) return value;
  }
  return "";
}

/// "PgBouncer 1.18.0" -> "1.18.0".
std::string version_of(const ControlReply& reply) {
  if (reply.rows.empty() || reply.rows[0].empty()) return "";
  const std::string& text = reply.rows[0][0];
  const std::size_t space = text.find(' ');
  return space == std::string::npos ? text : text.substr(space + 1, text.find(' ', space + 1));
}

}  // namespace

std::string shown_setting(const std::string& name, const std::string& value) {
  const bool may_hold_password = name == "auth_ldap_options";
  return may_hold_password && !value.empty() ? "(not shown)" : value;
}

Result<PoolerConsole> PoolerConsole::open(const std::string& conninfo, const StopFlag& stop) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection) return connection.error();
  return PoolerConsole(std::move(connection).value());
}

Result<PoolerInfo> PoolerConsole::info(const std::string& database) {
  PoolerInfo info;
  const ControlReply version = show("VERSION");
  if (!version.ok()) return refused(version);
  info.version = version_of(version);
  const ControlReply config = show("CONFIG");
  if (!config.ok()) return refused(config);
  for (const Row& row : config.rows) {
    const std::string key = field_of(config, row, "key");
    info.config.emplace_back(key, shown_setting(key, field_of(config, row, "value")));
  }
  info.pool_mode = setting(info, "pool_mode");
  info.pool_size = static_cast<std::int64_t>(console_number(setting(info, "default_pool_size")));
  info.reserve_pool_size =
      static_cast<std::int64_t>(console_number(setting(info, "reserve_pool_size")));
  info.max_client_conn =
      static_cast<std::int64_t>(console_number(setting(info, "max_client_conn")));
  info.max_prepared_statements =
      static_cast<std::int64_t>(console_number(setting(info, "max_prepared_statements")));
  const ControlReply databases = show("DATABASES");
  if (!databases.ok()) return refused(databases);
  for (const Row& row : databases.rows) {
    if (field_of(databases, row, "name") != database) continue;
    info.pool_size = static_cast<std::int64_t>(console_number(databases, row, "pool_size"));
    const std::string mode = field_of(databases, row, "pool_mode");
    if (!mode.empty()) info.pool_mode = mode;
  }
  const ControlReply lists = show("LISTS");
  for (const Row& row : lists.rows) {
    if (row.size() == 2 && row[0] == "used_clients") {
      info.clients = static_cast<std::int64_t>(console_number(row[1]));
    }
  }
  return info;
}

Result<PoolerSample> PoolerConsole::pools(const std::string& database) {
  const ControlReply reply = show("POOLS");
  if (!reply.ok()) return refused(reply);
  PoolerSample sum;
  for (const Row& row : reply.rows) {
    if (field_of(reply, row, "database") != database) continue;
    sum.sv_active += gauge(reply, row, "sv_active");
    sum.sv_idle += gauge(reply, row, "sv_idle");
    sum.sv_used += gauge(reply, row, "sv_used");
    sum.sv_tested += gauge(reply, row, "sv_tested");
    sum.sv_login += gauge(reply, row, "sv_login");
    sum.cl_active += gauge(reply, row, "cl_active");
    sum.cl_waiting += gauge(reply, row, "cl_waiting");
    const double wait_s = static_cast<double>(console_number(reply, row, "maxwait")) +
                          static_cast<double>(console_number(reply, row, "maxwait_us")) / 1e6;
    sum.maxwait_s = std::max(sum.maxwait_s, wait_s);
  }
  return sum;
}

Result<PoolerTotals> PoolerConsole::totals(const std::string& database) {
  const ControlReply reply = show("STATS");
  if (!reply.ok()) return refused(reply);
  PoolerTotals totals;
  for (const Row& row : reply.rows) {
    if (field_of(reply, row, "database") != database) continue;
    totals.transactions += console_number(reply, row, "total_xact_count");
    totals.queries += console_number(reply, row, "total_query_count");
    totals.wait_us += console_number(reply, row, "total_wait_time");
    totals.transaction_us += console_number(reply, row, "total_xact_time");
    totals.query_us += console_number(reply, row, "total_query_time");
  }
  return totals;
}

std::string console_of(const std::string& conninfo) {
  std::string console;
  for (const ConninfoOption& option :
       parse_conninfo(conninfo).value_or(std::vector<ConninfoOption>{})) {
    if (option.name != "dbname") console += conninfo_pair(option.name, option.value) + " ";
  }
  return console + "dbname=pgbouncer";
}

}  // namespace poolgauge
