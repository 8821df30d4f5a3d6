// pg_stat_database, pg_stat_bgwriter and its successors, pg_stat_wal, pg_stat_statements.
#include "pg/probe/server_counters.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "base/visible_text.h"
#include "pg/session/ask.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostStatements = 20;
constexpr std::size_t kLongestQuery = 4 * 300;  // bytes of the 300 characters asked for

/// A column and the name it goes by here: the newest server's columns under the oldest's names.
struct Column {
  const char* column;
  const char* name;
};

constexpr Column kDatabase[] = {
    {"xact_commit", "xact_commit"},
    {"xact_rollback", "xact_rollback"},
    {"blks_read", "blks_read"},
    {"blks_hit", "blks_hit"},
    {"tup_returned", "tup_returned"},
    {"tup_fetched", "tup_fetched"},
    {"tup_inserted", "tup_inserted"},
    {"tup_updated", "tup_updated"},
    {"tup_deleted", "tup_deleted"},
    {"conflicts", "conflicts"},
    {"deadlocks", "deadlocks"},
    {"temp_files", "temp_files"},
    {"temp_bytes", "temp_bytes"},
    {"session_time", "session_time_ms"},
    {"active_time", "active_time_ms"},
    {"idle_in_transaction_time", "idle_in_transaction_time_ms"},
    {"sessions", "sessions"},
    {"sessions_abandoned", "sessions_abandoned"},
    {"sessions_fatal", "sessions_fatal"},
    {"sessions_killed", "sessions_killed"},
};
constexpr Column kCheckpoints[] = {
    {"checkpoints_timed", "checkpoints_timed"},   {"num_timed", "checkpoints_timed"},
    {"checkpoints_req", "checkpoints_requested"}, {"num_requested", "checkpoints_requested"},
    {"buffers_checkpoint", "buffers_written"},    {"buffers_written", "buffers_written"},
    {"checkpoint_write_time", "write_time_ms"},   {"write_time", "write_time_ms"},
    {"checkpoint_sync_time", "sync_time_ms"},     {"sync_time", "sync_time_ms"},
};
constexpr Column kWal[] = {
    {"wal_records", "wal_records"},
    {"wal_bytes", "wal_bytes"},
    {"wal_buffers_full", "wal_buffers_full"},
};
constexpr int kHasWal = 140000;
constexpr int kHasCheckpointer = 170000;
constexpr int kHasExecTime = 130000;

double counter_number(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

template <std::size_t N>
void add_columns(ServerView::Counters& into, const ControlReply& reply, const Column (&wanted)[N]) {
  if (!reply.ok() || reply.rows.empty()) return;
  for (const Column& column : wanted) {
    const auto at = std::find(reply.columns.begin(), reply.columns.end(), column.column);
    if (at == reply.columns.end()) continue;
    const auto index = static_cast<std::size_t>(at - reply.columns.begin());
    into.emplace_back(column.name, counter_number(reply.rows[0][index]));
  }
}

void add_differences(ServerView::Counters& into, const ServerView::Counters& before,
                     const ServerView::Counters& after) {
  for (const auto& now : after) {
    const auto same = [&now](const auto& counter) { return counter.first == now.first; };
    const auto known = std::find_if(before.begin(), before.end(), same);
    if (known == before.end() || now.second < known->second) continue;
    const auto sum = std::find_if(into.begin(), into.end(), same);
    if (sum == into.end()) {
      into.emplace_back(now.first, now.second - known->second);
    } else {
      sum->second += now.second - known->second;
    }
  }
}

}  // namespace

CounterReader::CounterReader(ControlConnection& connection) : connection_(connection) {
  const ControlReply schema =
      ask(connection_,
          "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
          "WHERE e.extname = 'pg_stat_statements'",
          1);
  if (!schema.ok() || schema.rows.empty()) return;
  const bool exec = PQserverVersion(connection_.raw()) >= kHasExecTime;
  // Statements that set a password are kept as they were typed.
  statements_ =
      std::string("SELECT userid || '/' || queryid, CASE WHEN query ~* 'password' THEN ") +
      "'(hidden: may contain a password)' ELSE left(query, 300) END, calls, " +
      (exec ? "total_exec_time" : "total_time") + ", rows FROM " +
      quoted_identifier(schema.rows[0][0]) +
      ".pg_stat_statements WHERE queryid IS NOT NULL AND dbid = "
      "(SELECT oid FROM pg_database WHERE datname = current_database())";
}

ServerCounters CounterReader::read() {
  ServerCounters counters;
  const int version = PQserverVersion(connection_.raw());
  add_columns(counters.database,
              connection_.run("SELECT * FROM pg_stat_database WHERE datname = current_database()"),
              kDatabase);
  add_columns(counters.checkpoints,
              connection_.run(version >= kHasCheckpointer ? "SELECT * FROM pg_stat_checkpointer"
                                                          : "SELECT * FROM pg_stat_bgwriter"),
              kCheckpoints);
  if (version >= kHasWal) {
    add_columns(counters.checkpoints, connection_.run("SELECT * FROM pg_stat_wal"), kWal);
  }
  if (statements_.empty()) return counters;
  const ControlReply reply = ask(connection_, statements_, 5);
  if (!reply.ok()) return counters;
  for (const std::vector<std::string>& row : reply.rows) {
    counters.statements[row[0]] = {
        shortened(row[1], kLongestQuery), std::strtoull(row[2].c_str(), nullptr, 10),
        counter_number(row[3]), std::strtoull(row[4].c_str(), nullptr, 10)};
  }
  return counters;
}

void add_difference(ServerView& view, const ServerCounters& before, const ServerCounters& after) {
  add_differences(view.database, before.database, after.database);
  add_differences(view.checkpoints, before.checkpoints, after.checkpoints);
  for (const auto& [key, now] : after.statements) {
    ServerView::Statement ran = now;
    const auto known = before.statements.find(key);
    if (known != before.statements.end()) {
      if (known->second.calls > now.calls) continue;
      ran.calls -= known->second.calls;
      ran.total_ms -= known->second.total_ms;
      ran.rows -= known->second.rows;
    }
    if (ran.calls > 0) view.statements.push_back(ran);
  }
  std::sort(view.statements.begin(), view.statements.end(),
            [](const auto& a, const auto& b) { return a.total_ms > b.total_ms; });
  if (view.statements.size() > kMostStatements) view.statements.resize(kMostStatements);
}

}  // namespace poolgauge
