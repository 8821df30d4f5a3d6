// What PgBouncer's console showed, for its checks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/answers.h"

namespace poolgauge::doctor {

/// The rows of SHOW POOLS without the console's own pool.
inline std::vector<Row> pools_of(const DoctorAnswer* answer) {
  std::vector<Row> pools;
  for (const Row& row : rows_of(answer)) {
    if (row.text("database") != "pgbouncer") pools.push_back(row);
  }
  return pools;
}
inline std::vector<Row> pools_of(const DoctorFacts& facts) {
  return pools_of(known(facts.pooler, "POOLS"));
}

/// SHOW CONFIG; nullopt: this version has no such setting.
inline std::optional<std::string> pooler_setting(const DoctorFacts& facts, std::string_view name) {
  const Row row = row_where(facts.pooler, "CONFIG", "key", name);
  if (row.text("key").empty()) return std::nullopt;
  return row.text("value");
}
inline std::optional<double> pooler_number(const DoctorFacts& facts, std::string_view name) {
  return row_where(facts.pooler, "CONFIG", "key", name).number("value");
}

/// SHOW DATABASES' row of a pool's database.
inline Row pooler_database(const DoctorFacts& facts, const Row& pool) {
  return row_where(facts.pooler, "DATABASES", "name", pool.text("database"));
}
/// The server connections that a pool may open, without the reserve.
inline double size_of_pool(const DoctorFacts& facts, const Row& pool) {
  return pooler_database(facts, pool)
      .number("pool_size")
      .value_or(pooler_number(facts, "default_pool_size").value_or(0));
}
inline double clients_of_pool(const Row& pool) {
  return pool.number_or("cl_active", 0) + pool.number_or("cl_waiting", 0);
}
inline double servers_of_pool(const Row& pool) {
  double sum = 0;
  for (const char* const state : {"sv_active", "sv_idle", "sv_used", "sv_tested", "sv_login"}) {
    sum += pool.number_or(state, 0);
  }
  return sum;
}
inline std::string mode_of_pool(const DoctorFacts& facts, const Row& pool) {
  if (!pool.text("pool_mode").empty()) return pool.text("pool_mode");
  const std::string own = pooler_database(facts, pool).text("pool_mode");
  return own.empty() ? pooler_setting(facts, "pool_mode").value_or("") : own;
}
/// What the target's database sets for itself, before it has a pool; empty: nothing.
inline std::string mode_of_ours(const DoctorFacts& facts) {
  if (facts.database == "pgbouncer") return {};  // the console
  return row_where(facts.pooler, "DATABASES", "name", facts.database).text("pool_mode");
}
/// "app/web"
inline std::string name_of_pool(const Row& pool) {
  return named_text(pool.text("database")) + "/" + named_text(pool.text("user"));
}

/// "PgBouncer 1.18.0" as 11800; 0: unknown.
int pooler_version(const DoctorFacts& facts);

/// True if the console gave no answer; the finding then says why.
bool console_is_silent(const Case& c);

}  // namespace poolgauge::doctor
