// Random options for kinds of pools, where every rule of theirs can come to bear within a storm.
#pragma once

#include <algorithm>
#include <string>

#include "base/rng.h"
#include "poolgauge/policies.h"

namespace poolgauge::test {

inline std::int64_t pick(Rng& rng, std::int64_t low, std::int64_t high) {
  return rng.uniform_int(low, high);
}

inline Duration some_ms(Rng& rng, std::int64_t low, std::int64_t high) {
  return Duration{rng.uniform_int(low, high) * 1'000'000};
}

inline PoolSpec random_asyncpg(Rng& rng) {
  PoolSpec spec;
  spec.kind = "asyncpg";
  const std::int64_t most = rng.uniform_int(1, 6);
  spec.set("max_size", most);
  spec.set("min_size", rng.uniform_int(0, most));
  spec.set("max_queries", rng.uniform_int(0, 3) == 0 ? rng.uniform_int(1, 9) : std::int64_t{50000});
  spec.set("max_inactive_connection_lifetime", some_ms(rng, 0, 40));
  const std::int64_t limit = rng.uniform_int(0, 3);
  if (limit > 0) spec.set("timeout", limit == 1 ? Duration{0} : some_ms(rng, 1, 50));
  spec.set("python", std::string(rng.uniform_int(0, 1) == 0 ? "3.11" : "3.12"));
  return spec;
}

inline PoolSpec random_pg_pool(Rng& rng) {
  PoolSpec spec;
  spec.kind = "node-postgres";
  spec.set("max", rng.uniform_int(1, 6));
  spec.set("min", rng.uniform_int(0, 4));
  spec.set("idleTimeoutMillis", some_ms(rng, 0, 40));
  if (rng.uniform_int(0, 2) != 0) spec.set("connectionTimeoutMillis", some_ms(rng, 0, 50));
  if (rng.uniform_int(0, 2) == 0) spec.set("maxUses", rng.uniform_int(1, 5));
  if (rng.uniform_int(0, 2) == 0) spec.set("maxLifetimeSeconds", some_ms(rng, 1, 80));
  return spec;
}

inline PoolSpec random_prisma(Rng& rng) {
  PoolSpec spec;
  spec.kind = "prisma";
  spec.set("connection_limit", rng.uniform_int(1, 6));
  spec.set("pool_timeout", some_ms(rng, 0, 50));
  return spec;
}

// Session mode has a server for each client here: none of them ever leaves.
inline PoolSpec random_pgbouncer(Rng& rng) {
  PoolSpec spec;
  spec.kind = "pgbouncer";
  const char* const modes[] = {"session", "transaction", "statement"};
  const std::int64_t mode = rng.uniform_int(0, 2);
  spec.set("pool_mode", std::string(modes[mode]));
  spec.set("pool_size", mode == 0 ? std::int64_t{14} : rng.uniform_int(1, 5));
  spec.set("min_pool_size", rng.uniform_int(0, 3));
  spec.set("reserve_pool_size", rng.uniform_int(0, 2));
  spec.set("reserve_pool_timeout", some_ms(rng, 0, 60));
  if (mode != 0) spec.set("max_db_connections", rng.uniform_int(0, 3));
  spec.set("query_wait_timeout", Duration{0});
  spec.set("server_idle_timeout", some_ms(rng, 0, 400));
  spec.set("server_lifetime", some_ms(rng, 0, 600));
  spec.set("server_check_delay", some_ms(rng, 0, 200));
  spec.set("server_reset_query_always", rng.uniform_int(0, 1) == 0);
  spec.set("server_login_retry", some_ms(rng, 0, 100));
  spec.set("server_connect_timeout", some_ms(rng, 0, 300));
  spec.set("server_round_robin", rng.uniform_int(0, 1) == 0);
  return spec;
}

inline PoolSpec random_queue_pool(const std::string& kind, const std::string& python, Rng& rng) {
  PoolSpec spec;
  spec.kind = kind;
  if (!python.empty()) spec.set("python", python);
  spec.set("pool_size", pick(rng, 0, 5));
  spec.set("max_overflow", pick(rng, -1, 5));
  const std::int64_t timeout_ms = pick(rng, 0, 3) == 0 ? 0 : pick(rng, 1, 50);
  spec.set("timeout", Duration{timeout_ms * 1'000'000});
  if (pick(rng, 0, 2) == 0) spec.set("recycle", Duration{pick(rng, 0, 80) * 1'000'000});
  spec.set("pre_ping", pick(rng, 0, 1) == 0);
  spec.set("use_lifo", pick(rng, 0, 1) == 0);
  const char* const resets[] = {"rollback", "commit", "none"};
  spec.set("reset_on_return", std::string(resets[pick(rng, 0, 2)]));
  spec.set("version", std::string(pick(rng, 0, 3) == 0 ? "1.4" : "2.0"));
  if (check_options(spec)) spec.set("max_overflow", std::int64_t{1});
  return spec;
}

inline PoolSpec random_psycopg_pool(const std::string& kind, Rng& rng) {
  PoolSpec spec;
  spec.kind = kind;
  const bool keeps = kind == "psycopg";
  const std::int64_t least = keeps ? pick(rng, 0, 4) : 0;
  spec.set("min_size", least);
  spec.set("max_size",
           keeps ? std::max<std::int64_t>(1, least + pick(rng, 0, 4)) : pick(rng, 0, 5));
  const std::int64_t timeout_ms = pick(rng, 0, 5) == 0 ? 0 : pick(rng, 1, 50);
  spec.set("timeout", Duration{timeout_ms * 1'000'000});
  if (pick(rng, 0, 2) == 0) spec.set("max_waiting", pick(rng, 1, 5));
  if (pick(rng, 0, 2) == 0) spec.set("max_lifetime", Duration{pick(rng, 0, 80) * 1'000'000});
  if (pick(rng, 0, 1) == 0) spec.set("max_idle", Duration{pick(rng, 1, 50) * 1'000'000});
  if (pick(rng, 0, 2) == 0) spec.set("reconnect_timeout", Duration{pick(rng, 0, 60) * 1'000'000});
  spec.set("num_workers", pick(rng, 1, 4));
  spec.set("check", pick(rng, 0, 1) == 0);
  spec.set("version", std::string(pick(rng, 0, 3) == 0 ? "3.1" : "3.2"));
  if (check_options(spec)) spec.set("check", false);
  return spec;
}

inline void random_pgx(PoolSpec& spec, Rng& rng) {
  spec.set("pool_max_conns", pick(rng, 1, 6));
  if (pick(rng, 0, 1) == 0) spec.set("pool_min_conns", pick(rng, 0, 8));
  if (pick(rng, 0, 1) == 0) spec.set("pool_min_idle_conns", pick(rng, 0, 4));
  if (pick(rng, 0, 1) == 0) spec.set("pool_max_conn_lifetime", some_ms(rng, 0, 60));
  if (pick(rng, 0, 2) == 0) spec.set("pool_max_conn_lifetime_jitter", some_ms(rng, 0, 3000));
  if (pick(rng, 0, 1) == 0) spec.set("pool_max_conn_idle_time", some_ms(rng, 0, 40));
  if (pick(rng, 0, 2) == 0) spec.set("pool_ping_timeout", some_ms(rng, 0, 2));
  spec.set("pool_health_check_period", some_ms(rng, 1, 2000));
  if (pick(rng, 0, 3) == 0) spec.set("version", std::string("5.9"));
}

inline void random_database_sql(PoolSpec& spec, Rng& rng) {
  spec.set("MaxOpenConns", pick(rng, -1, 6));
  spec.set("MaxIdleConns", pick(rng, -1, 6));
  if (pick(rng, 0, 1) == 0) spec.set("ConnMaxLifetime", some_ms(rng, 0, 60));
  if (pick(rng, 0, 1) == 0) spec.set("ConnMaxIdleTime", some_ms(rng, 0, 40));
  if (pick(rng, 0, 1) == 0) spec.set("driver", std::string("pgx"));
}

inline void random_adaptive(PoolSpec& spec, Rng& rng) {
  const std::int64_t least = pick(rng, 1, 4);
  spec.set("min_size", least);
  spec.set("max_size", least + pick(rng, 0, 6));
  spec.set("target_utilization", pick(rng, 1, 100));
  spec.set("interval", some_ms(rng, 1, 40));
  spec.set("shrink_after", pick(rng, 1, 3));
  spec.set("timeout", pick(rng, 0, 3) == 0 ? Duration{0} : some_ms(rng, 1, 50));
}

inline void random_hikari(PoolSpec& spec, Rng& rng) {
  spec.set("maximumPoolSize", pick(rng, 1, 6));
  if (pick(rng, 0, 1) == 0) spec.set("minimumIdle", pick(rng, 0, 6));
  spec.set("connectionTimeout", some_ms(rng, 250, 400));
  // What the library would replace by its defaults is left to them.
  if (pick(rng, 0, 2) == 0) spec.set("maxLifetime", Duration{30'000'000'000});
  if (pick(rng, 0, 2) == 0) spec.set("idleTimeout", Duration{10'000'000'000});
  const std::int64_t start = pick(rng, 0, 2);
  if (start == 0) spec.set("initializationFailTimeout", Duration{-1});
  if (start == 1) spec.set("initializationFailTimeout", Duration{0});
  spec.set("aliveBypassWindowMs", some_ms(rng, 0, 40));
  spec.set("housekeepingPeriodMs", some_ms(rng, 10, 100));
  spec.set("called_first", pick(rng, 0, 2) * 50);
  const char* const versions[] = {"7.0", "6.0", "5.1", "5.0"};
  spec.set("version", std::string(versions[pick(rng, 0, 3)]));
}

inline std::string random_lazy_rails(Rng& rng) {
  const char* const versions[] = {"8.1", "8.1", "8.0", "7.2", "7.1"};
  return versions[pick(rng, 0, 4)];
}

// 7.0 connects at checkout, later ones at the first statement; 8.1 maintains its connections.
inline void random_rails(PoolSpec& spec, const std::string& variant, Rng& rng) {
  spec.set("max_connections", pick(rng, 0, 4) == 0 ? std::int64_t{-1} : pick(rng, 1, 6));
  spec.set("checkout_timeout", some_ms(rng, 0, 50));
  spec.set("idle_timeout", some_ms(rng, 0, 40));
  spec.set("reaping_frequency", some_ms(rng, 1, 60));
  const std::string version = variant == "lazy" ? random_lazy_rails(rng) : variant;
  spec.set("version", version);
  if (version != "8.1") return;
  const std::int64_t most = spec.integer("max_connections");
  spec.set("min_connections", pick(rng, 0, most < 0 ? 4 : most));
  if (pick(rng, 0, 1) == 0) spec.set("max_age", some_ms(rng, 0, 80));
  if (pick(rng, 0, 1) == 0) spec.set("keepalive", some_ms(rng, 0, 40));
}

inline OptionValue random_value(const OptionInfo& option, Rng& rng) {
  switch (option.type) {
    case OptionType::boolean: return pick(rng, 0, 1) == 0;
    case OptionType::choice: {
      const auto last = static_cast<std::int64_t>(option.choices.size()) - 1;
      return option.choices[static_cast<std::size_t>(pick(rng, 0, last))];
    }
    case OptionType::duration: return Duration{pick(rng, 0, 80) * 1'000'000};
    case OptionType::integer: break;
  }
  const std::int64_t low = std::min(std::max<std::int64_t>(option.min_value, 0), option.max_value);
  return pick(rng, low, std::min(option.max_value, low + 5));
}

/// Any kind, also those that nobody has thought of yet: small numbers, short times, and what its
/// own rules refuse is thrown again.
inline PoolSpec random_pool(const KindInfo& kind, Rng& rng) {
  PoolSpec spec;
  for (int attempt = 0; attempt < 50; ++attempt) {
    spec = PoolSpec{};
    spec.kind = kind.name;
    for (const OptionInfo& option : kind.options) {
      const bool small = option.type == OptionType::integer || pick(rng, 0, 2) > 0;
      if (small && attempt < 40) spec.set(option.name, random_value(option, rng));
    }
    if (!check_options(spec)) break;
  }
  return spec;
}

/// Options that suit this kind; `variant`: of Python where the pool depends on it, or of Rails.
inline PoolSpec random_options(const std::string& kind, const std::string& variant, Rng& rng) {
  if (kind.starts_with("sqlalchemy")) return random_queue_pool(kind, variant, rng);
  if (kind.starts_with("psycopg")) return random_psycopg_pool(kind, rng);
  if (kind == "asyncpg") return random_asyncpg(rng);
  if (kind == "node-postgres") return random_pg_pool(rng);
  if (kind == "prisma") return random_prisma(rng);
  if (kind == "pgbouncer") return random_pgbouncer(rng);
  PoolSpec spec;
  spec.kind = kind;
  if (kind == "pgx") random_pgx(spec, rng);
  if (kind == "database-sql") random_database_sql(spec, rng);
  if (kind == "adaptive") random_adaptive(spec, rng);
  if (kind == "hikari") random_hikari(spec, rng);
  if (kind == "rails") random_rails(spec, variant, rng);
  return spec;
}

}  // namespace poolgauge::test
