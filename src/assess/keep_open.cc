// One line for each kind of pool.
#include "assess/keep_open.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <variant>

namespace poolgauge {
namespace {

/// Connections of one process.
std::int64_t total_of(const Figures& f) {
  const std::int64_t all = f.capacity >= 0 ? f.capacity : static_cast<std::int64_t>(f.peak_open);
  const auto processes = static_cast<std::int64_t>(std::max(1U, f.processes));
  return std::max<std::int64_t>(1, (all + processes - 1) / processes);
}

std::int64_t integer(const Figures& f, std::string_view option, std::int64_t otherwise) {
  for (const auto& [name, value] : f.pool_options) {
    if (name != option) continue;
    if (const auto* found = std::get_if<std::int64_t>(&value)) return *found;
  }
  return otherwise;
}

bool queue_pool(const Figures& f) {
  return f.pool_kind == "sqlalchemy" || f.pool_kind == "sqlalchemy-async";
}

}  // namespace

std::string keep_open_option(const Figures& f) {
  const std::int64_t n = total_of(f);
  if (queue_pool(f)) return fmt::format("pool_size {}, max_overflow 0", n);
  if (f.pool_kind == "hikari") return fmt::format("minimumIdle {}", n);
  if (f.pool_kind == "pgx") return fmt::format("pool_min_conns {}", n);
  if (f.pool_kind == "database-sql") return fmt::format("SetMaxIdleConns({})", n);
  if (f.pool_kind == "rails") return fmt::format("min_connections {}", n);
  if (f.pool_kind == "node-postgres") return fmt::format("min {}, idleTimeoutMillis 0", n);
  if (f.pool_kind == "prisma") return "a first query on each";
  return fmt::format("min_size {}", n);
}

std::string keep_open_cure(const Figures& f) {
  const std::int64_t n = total_of(f);
  const std::string option = keep_open_option(f);
  if (queue_pool(f)) {
    if (integer(f, "max_overflow", 10) == 0) {
      return "raise recycle: connections are closed because of their age, not their number";
    }
    return fmt::format(
        "set pool_size = {} and max_overflow = 0: the same {} connections, which "
        "then stay open",
        n, n);
  }
  if (f.pool_kind == "hikari") {
    const std::int64_t idle = integer(f, "minimumIdle", -1);
    if (idle < 0 || idle >= n) {
      return "raise maxLifetime (30 minutes by default): connections are closed because of their "
             "age";
    }
    return fmt::format("set minimumIdle = {} (the same as maximumPoolSize): they then stay open",
                       n);
  }
  if (f.pool_kind == "asyncpg") {
    return fmt::format(
        "set max_inactive_connection_lifetime = 0 and leave max_queries at 50000: "
        "the {} connections then stay open",
        n);
  }
  if (f.pool_kind == "psycopg") {
    return fmt::format(
        "set min_size = {} (the same as max_size), and raise max_lifetime and "
        "max_idle",
        n);
  }
  if (f.pool_kind == "node-postgres") {
    return fmt::format(
        "set idleTimeoutMillis = 0 and leave maxUses and maxLifetimeSeconds off: the "
        "{} connections then stay open",
        n);
  }
  if (f.pool_kind == "pgx") {
    return fmt::format(
        "set pool_min_conns = {} (the same as pool_max_conns), and raise "
        "pool_max_conn_idle_time and pool_max_conn_lifetime",
        n);
  }
  if (f.pool_kind == "database-sql") {
    const std::int64_t idle = integer(f, "MaxIdleConns", 2);
    if (idle >= n) return "raise ConnMaxLifetime and ConnMaxIdleTime, or leave them off";
    return fmt::format("call SetMaxIdleConns({}), the same as SetMaxOpenConns: it keeps {} now", n,
                       idle);
  }
  if (f.pool_kind == "rails") {
    return fmt::format("set idle_timeout = 0, and min_connections = {} (8.1)", n);
  }
  if (f.pool_kind == "none" || f.pool_kind.ends_with("-null")) {
    return "keep connections open in a pool instead of connecting for every request";
  }
  return "keep the connections open: " + option;
}

}  // namespace poolgauge
