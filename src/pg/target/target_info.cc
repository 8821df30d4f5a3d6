// Reads limits and settings with doctor's own queries, which every role may run.
#include "pg/target/target_info.h"

#include <string_view>

#include <fmt/core.h>

#include "base/visible_text.h"
#include "doctor/slots.h"
#include "pg/conninfo/conninfo.h"
#include "pg/doctor/doctor_read.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"

namespace poolgauge {
namespace {

constexpr std::size_t kMostVersion = 100;  // bytes

// pg_settings leaves out what the role may not see. {0}: doctor's F10, all settings that are not of
// our own session and name no place.
constexpr const char* kSettingsQuery = R"sql(
SELECT name, current_setting(name) FROM pg_settings
WHERE name IN ('shared_buffers', 'work_mem', 'fsync', 'synchronous_commit', 'max_wal_size', 'jit',
               'shared_preload_libraries', 'max_connections', 'effective_cache_size',
               'max_parallel_workers_per_gather', 'autovacuum', 'full_page_writes',
               'default_transaction_isolation', 'idle_in_transaction_session_timeout',
               'statement_timeout', 'log_statement', 'log_min_duration_statement',
               'random_page_cost', 'hash_mem_multiplier', 'huge_pages', 'io_method', 'wal_level',
               'checkpoint_timeout', 'track_io_timing', 'debug_assertions', 'data_checksums')
UNION ALL SELECT 'settings_fingerprint', substr(f.fingerprint, 1, 16) FROM ({0}) AS f
ORDER BY 1
)sql";
// In one string with what follows, so that a pooler in transaction mode gives both to the same
// server connection, and the setting ends with it.
constexpr const char* kCatalogOnly = "SET LOCAL search_path = pg_catalog;";

/// What doctor asks to know who serves us, as whom, and how many slots there are.
std::vector<DoctorQuery> limits_queries() {
  std::vector<DoctorQuery> queries;
  for (const std::string_view id : {"A3", "A5", "B1", "B2", "B3"}) {
    queries.push_back(*doctor::find_query(id));
  }
  return queries;
}

/// "15.8 (Debian 15.8-0+deb12u1)" -> "15.8".
std::string first_word(const std::string& text) {
  return text.substr(0, text.find(' '));
}

Error query_error(const ControlReply& reply, const std::string& conninfo) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target,
               fmt::format("cannot read the server's limits at {}\n  {}",
                           scrub(describe(conninfo), conninfo), reply.complaint.message),
               "the target must be a PostgreSQL server, directly or through a pooler"};
}

/// The reply as one that says nothing of what was asked.
ControlReply unexpected(ControlReply reply) {
  reply.ending = ControlReply::Ending::failed;
  reply.complaint = {};
  reply.complaint.message = "unexpected answer from the server: no max_connections in it";
  return reply;
}

Error old_error(const std::string& conninfo, int version) {
  const bool two_parts = version < 100'000;  // up to 9.6
  const std::string name = two_parts ? fmt::format("{}.{}", version / 10'000, version / 100 % 100)
                                     : std::to_string(version / 10'000);
  return Error{ErrorKind::target,
               fmt::format("the server at {} is PostgreSQL {}, older than PostgreSQL {}",
                           scrub(describe(conninfo), conninfo), name, doctor::kOldestMajor),
               "upgrade the server, or use --embedded"};
}

Error console_error(const std::string& conninfo) {
  return Error{ErrorKind::target,
               fmt::format("{} is PgBouncer's admin console, not a database",
                           scrub(describe(conninfo), conninfo)),
               "use the name of a database behind it (dbname=...)"};
}

}  // namespace

doctor::SlotLimits TargetInfo::slots() const {
  doctor::SlotLimits slots;
  slots.server = {max_connections - reserved_connections, in_use};
  if (superuser) return slots;
  if (role_limit >= 0) slots.role = doctor::Slots{role_limit, role_in_use};
  if (database_limit >= 0) slots.database = doctor::Slots{database_limit, database_in_use};
  return slots;
}

Result<TargetInfo> read_target_info(const std::string& conninfo, const StopFlag& stop,
                                    const ControlLimits& patience) {
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, patience);
  if (!opened) return opened.error();
  ControlConnection& connection = opened.value();
  if (is_pooler_console(connection)) return console_error(conninfo);
  const int version = PQserverVersion(connection.raw());
  if (version > 0 && version < doctor::kOldestMajor * 10'000) return old_error(conninfo, version);
  constexpr std::size_t kAnswerColumns = 4;
  const std::vector<DoctorQuery> queries = limits_queries();
  const ControlReply limits =
      ask(connection, kCatalogOnly + together_sql(queries), kAnswerColumns, queries.size());
  if (!limits.ok()) return query_error(limits, conninfo);
  const std::string settings_sql = fmt::format(kSettingsQuery, doctor::find_query("F10")->sql);
  const ControlReply settings = ask(connection, kCatalogOnly + settings_sql, 2);
  if (!settings.ok()) return query_error(settings, conninfo);

  DoctorFacts facts;
  facts.first = answers_together(queries, limits);
  TargetInfo info;
  const auto text_of = [](const char* text) { return std::string(text != nullptr ? text : ""); };
  PGconn* const raw = connection.raw();
  info.server_version =
      shortened(first_word(text_of(PQparameterStatus(raw, "server_version"))), kMostVersion);
  const doctor::Row server = doctor::first_row(facts.first, "B1");
  const doctor::Row role = doctor::first_row(facts.first, "B2");
  const doctor::Row database = doctor::first_row(facts.first, "B3");
  if (!server.number("max_connections") || !doctor::first_row(facts.first, "A3").number("pid")) {
    return query_error(unexpected(limits), conninfo);
  }
  info.max_connections = server.whole("max_connections");
  info.reserved_connections = server.whole("superuser_reserved") + server.whole("reserved");
  info.in_use = server.whole("clients");
  info.role_limit = static_cast<std::int64_t>(role.number_or("rolconnlimit", -1));
  info.role_in_use = role.whole("in_use");
  info.database_limit = static_cast<std::int64_t>(database.number_or("datconnlimit", -1));
  info.database_in_use = database.whole("in_use");
  info.role = text_of(PQuser(raw));
  info.database = text_of(PQdb(raw));
  info.superuser = role.flag("rolsuper");
  info.in_recovery = doctor::first_row(facts.first, "A5").flag("standby");
  facts.startup_pid = PQbackendPID(raw);
  facts.first_pid = doctor::first_row(facts.first, "A3").whole("pid");
  facts.second_pid = facts.first_pid;
  info.through_pooler = doctor::is_through_pooler(facts);
  for (const std::vector<std::string>& pair : settings.rows) {
    info.settings.emplace_back(shortened(pair[0]), shortened(pair[1]));
  }
  return info;
}

}  // namespace poolgauge
