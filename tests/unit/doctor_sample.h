// A server that nothing is wrong with, as `doctor` reads it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "doctor/checks.h"

namespace poolgauge::doctor {

using Rows = std::vector<std::vector<std::string>>;

inline DoctorAnswer answer_of(std::vector<std::string> columns, Rows rows) {
  return {std::move(columns), std::move(rows), "", false};
}

/// Replaces one value of an answer.
inline void put(DoctorAnswers& answers, const std::string& id, const std::string& column,
                const std::string& value, std::size_t row = 0) {
  DoctorAnswer& answer = answers.at(id);
  for (std::size_t i = 0; i < answer.columns.size(); ++i) {
    if (answer.columns[i] == column) answer.rows.at(row).at(i) = value;
  }
}

/// Replaces the setting of that name, or adds it.
inline void put_setting(DoctorAnswers& answers, const std::string& id, const std::string& name,
                        const std::string& value) {
  for (std::vector<std::string>& row : answers.at(id).rows) {
    if (row[0] != name) continue;
    row[1] = value;
    return;
  }
  std::vector<std::string> row(answers.at(id).columns.size());
  row[0] = name;
  row[1] = value;
  answers.at(id).rows.push_back(row);
}

inline Rows fine_timeouts() {
  return {
      {"statement_timeout", "30000", "ms"},  {"lock_timeout", "0", "ms"},
      {"deadlock_timeout", "1000", "ms"},    {"idle_in_transaction_session_timeout", "60000", "ms"},
      {"idle_session_timeout", "0", "ms"},   {"transaction_timeout", "0", "ms"},
      {"tcp_keepalives_idle", "60", "s"},    {"client_connection_check_interval", "0", "ms"},
      {"authentication_timeout", "60", "s"}, {"password_encryption", "scram-sha-256", ""},
      {"scram_iterations", "4096", ""},      {"ssl", "on", ""}};
}

inline Rows fine_settings() {
  return {{"fsync", "on", "on"},
          {"full_page_writes", "on", "on"},
          {"synchronous_commit", "on", "on"},
          {"log_statement", "none", "none"},
          {"log_min_duration_statement", "-1", "-1"},
          {"log_duration", "off", "off"},
          {"log_connections", "off", "off"},
          {"shared_preload_libraries", "pg_stat_statements", ""},
          {"shared_buffers", "262144", "16384"},
          {"work_mem", "4096", "4096"},
          {"hash_mem_multiplier", "2", "2"},
          {"effective_cache_size", "786432", "524288"},
          {"random_page_cost", "1.1", "4"},
          {"debug_assertions", "off", "off"},
          {"jit", "off", "on"},
          {"track_io_timing", "on", "off"},
          {"huge_pages", "try", "try"},
          {"huge_pages_status", "on", "unknown"},
          {"autovacuum", "on", "on"},
          {"max_parallel_workers_per_gather", "0", "2"}};
}

inline void add_server(DoctorAnswers& a) {
  a["A2"] = answer_of({"families", "aurora"}, {{"", "f"}});
  a["A3"] = answer_of({"pid"}, {{"4711"}});
  a["A4"] = answer_of({"sees_all", "superuser"}, {{"t", "f"}});
  a["A5"] = answer_of({"standby", "read_only"}, {{"f", "off"}});
  a["A6"] = answer_of({"name", "setting"}, {{"track_activities", "on"}, {"track_counts", "on"}});
  a["A7"] = answer_of({"schema", "loaded"}, {{"public", "t"}});
  a["A7b"] = answer_of({"dealloc"}, {{"7"}});
  a["A8"] = answer_of({"up_s", "statistics_s"}, {{"86400", "80000"}});
  a["B1"] = answer_of({"max_connections", "superuser_reserved", "reserved", "clients"},
                      {{"100", "3", "0", "10"}});
  a["B2"] = answer_of({"rolname", "rolconnlimit", "rolsuper", "in_use"}, {{"app", "-1", "f", "4"}});
  a["B3"] = answer_of({"datname", "datconnlimit", "in_use"}, {{"app", "-1", "4"}});
  a["B6"] = answer_of({"application_name", "sessions"}, {{"psql", "1"}});
  a["B8"] = answer_of({"locks", "capacity"}, {{"12", "6400"}});
  a["B9"] = answer_of(
      {"usename", "application_name", "client_addr", "sessions", "idle", "youngest_idle_s"},
      {{"app", "web", "", "10", "4", "1"}});
  a["C0"] = answer_of({"database", "role", "name", "value"}, {});
  a["C1"] = answer_of({"name", "setting", "unit"}, fine_timeouts());
  DoctorAnswer settings = answer_of({"name", "setting", "unit", "boot_val", "pending_restart"}, {});
  for (const auto& row : fine_settings()) {
    settings.rows.push_back({row[0], row[1], "", row[2], "f"});
  }
  a["F1"] = settings;
  a["F4"] = answer_of({"database_bytes"}, {{"8000000"}});
  a["F9"] = answer_of({"name", "setting"}, {});
  a["F10"] = answer_of({"fingerprint", "settings"}, {{"0123456789abcdef0123", "300"}});
  a["G3"] = answer_of({"ssl", "version", "cipher"}, {{"t", "TLSv1.3", "AES"}});
}

inline void add_activity(DoctorAnswers& a) {
  a["D1"] = answer_of({"active", "not_visible"}, {{"0", "0"}});
  a["D2"] = answer_of({"oldest_xact_s", "oldest_statement_s"}, {{"1", "0.5"}});
  a["D3"] =
      answer_of({"pid", "application_name", "usename", "since_s", "relation_locks", "tables"}, {});
  a["D4"] = answer_of({"pid", "application_name", "since_s", "blocked_by"}, {});
  a["D5"] = answer_of({"what", "on_what", "phase"}, {});
  a["D5b"] = answer_of({"what", "on_what", "phase"}, {});
  a["D6"] = answer_of({"datname", "xid_age", "multixact_age", "freeze_max_age"},
                      {{"app", "1000000", "1", "200000000"}});
  a["D7b"] = answer_of({"timed", "requested"}, {{"50", "3"}});
  a["D8"] = answer_of({"blks_hit", "blks_read", "xact_commit", "xact_rollback", "deadlocks",
                       "temp_files", "stats_reset"},
                      {{"1000", "10", "500", "5", "0", "0", ""}});
  a["D10"] = answer_of({"sessions", "abandoned", "fatal", "killed"}, {{"100", "0", "0", "0"}});
  a["D11"] = answer_of({"holder", "name", "xids", "since_s"}, {{"session", "web", "20", "1"}});
  a["D12"] = answer_of({"wal_buffers_full"}, {{"40"}});
  a["D13b"] = answer_of({"fsyncs"}, {{"0"}});
  a["E1"] = answer_of({"standby", "names", "commit_level", "candidates", "connected"},
                      {{"f", "", "on", "0", "0"}});
  a["E2"] = answer_of({"application_name", "state", "sync_state", "replay_lag_s", "behind_bytes"},
                      {{"standby", "streaming", "async", "0.01", "100"}});
  a["E3"] = answer_of({"slot_name", "slot_type", "active", "wal_status"},
                      {{"s1", "physical", "t", "reserved"}});
  a["E4"] = answer_of({"standby", "behind_s", "caught_up", "max_delay", "feedback"},
                      {{"t", "1", "f", "30s", "off"}});
  a["E5"] = answer_of({"mode", "archived_count", "failed_count", "no_command", "failing"},
                      {{"on", "9", "0", "f", "f"}});
}

inline void add_pooler(DoctorFacts& facts) {
  facts.pooler_asked = true;
  facts.pooler["VERSION"] = answer_of({"version"}, {{"PgBouncer 1.25.2"}});
  facts.pooler["CONFIG"] = answer_of({"key", "value"}, {{"pool_mode", "transaction"},
                                                        {"max_client_conn", "100"},
                                                        {"max_prepared_statements", "200"},
                                                        {"query_wait_timeout", "5"},
                                                        {"server_idle_timeout", "600"},
                                                        {"server_lifetime", "3600"},
                                                        {"min_pool_size", "0"},
                                                        {"default_pool_size", "20"},
                                                        {"application_name_add_host", "1"}});
  facts.pooler["DATABASES"] =
      answer_of({"name", "pool_size", "reserve_pool_size", "max_connections", "pool_mode"},
                {{"app", "20", "0", "0", ""}});
  facts.pooler["POOLS"] = answer_of({"database", "user", "cl_active", "cl_waiting", "sv_active",
                                     "sv_idle", "maxwait", "maxwait_us", "pool_mode"},
                                    {{"app", "web", "10", "0", "5", "5", "0", "0", "transaction"},
                                     {"pgbouncer", "pgbouncer", "1", "0", "0", "0", "0", "0", ""}});
  facts.pooler["STATS"] = answer_of(
      {"database", "total_xact_count", "total_server_assignment_count", "total_wait_time"},
      {{"app", "1000", "1000", "5000"}});
  facts.pooler_later["STATS"] = facts.pooler["STATS"];
  facts.pool_looks.assign(10, facts.pooler["POOLS"]);
}

inline DoctorFacts fine_facts() {
  DoctorFacts facts;
  facts.version_num = 170'006;
  facts.server_version = "17.6";
  facts.address = "db.example:5432/app";
  facts.role = "app";
  facts.database = "app";
  add_server(facts.first);
  add_activity(facts.first);
  for (const DoctorQuery& query : queries()) {
    if (query.twice && facts.first.contains(query.id)) {
      facts.second[std::string(query.id)] = facts.first.at(std::string(query.id));
    }
  }
  facts.between_s = 2;
  facts.active.assign(10, 0);
  facts.startup_pid = facts.first_pid = facts.second_pid = 4711;
  facts.round_trips_ms.assign(50, 0.2);
  facts.connects.assign(5, {0.1, 1.0, 4.0});
  facts.server_ahead_s = 0.001;
  facts.open_files = 4096;
  facts.ports = 28'232;
  facts.processors = 2;
  add_pooler(facts);
  facts.scenario.emplace();
  facts.scenario->rights_seen = true;
  facts.scenario->tables = {{"app.orders", 1000, 1'000'000, true}};
  return facts;
}

/// Everything that can be asked for, so that each check has something to judge.
inline DoctorPlan fine_plan() {
  DoctorPlan plan;
  plan.connections = 40;
  plan.per_instance = 20;
  plan.instances = 2;
  plan.arithmetic = "2 instances × 2 processes × (5 + 5)";
  plan.cores = 8;
  plan.memory_mib = 16'384;
  plan.deadline_s = 10;
  plan.longest_hold_s = 0.5;
  plan.longest_transaction_s = 1;
  plan.statement_s = 0.01;
  plan.pool_age_s = 3600;
  plan.gap_s = 30;
  plan.load_s = 60;
  plan.has_setup = true;
  plan.today = 20'454;  // 2026-01-01
  return plan;
}

}  // namespace poolgauge::doctor
