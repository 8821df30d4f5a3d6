// One row for each kind that has a size.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge {

namespace {

struct Row {
  std::string_view kind;
  SizingOptions options;
};

const std::array<Row, 12>& rows() {
  static const std::array<Row, 12> all = {{
      {"sqlalchemy", {"pool_size", "max_overflow", "", "timeout", "recycle", "pre_ping", true}},
      {"sqlalchemy-async",
       {"pool_size", "max_overflow", "", "timeout", "recycle", "pre_ping", true}},
      {"psycopg", {"min_size", "", "max_size", "timeout", "max_lifetime", "", false}},
      {"psycopg-null", {"", "", "max_size", "timeout", "", "", false}},
      {"hikari",
       {"minimumIdle", "", "maximumPoolSize", "connectionTimeout", "maxLifetime", "", false}},
      {"asyncpg", {"min_size", "", "max_size", "timeout", "", "", false}},
      {"node-postgres",
       {"min", "", "max", "connectionTimeoutMillis", "maxLifetimeSeconds", "", false}},
      {"pgx", {"pool_min_conns", "", "pool_max_conns", "", "pool_max_conn_lifetime", "", false}},
      {"database-sql", {"MaxIdleConns", "", "MaxOpenConns", "", "ConnMaxLifetime", "", true}},
      {"rails",
       {"min_connections", "", "max_connections", "checkout_timeout", "max_age", "", false}},
      {"prisma", {"", "", "connection_limit", "pool_timeout", "", "", false}},
      {"adaptive", {"min_size", "", "max_size", "timeout", "", "", false}},
  }};
  return all;
}

const SizingOptions& options_of(std::string_view kind) {
  for (const Row& row : rows()) {
    if (row.kind == kind) return row.options;
  }
  check_failed("a kind with a size", "sizing a pool that has no size", __FILE__, __LINE__);
}

/// Unless the kind has no such option.
void append(NamedOptions& all, const std::string& name, OptionValue value) {
  if (!name.empty()) all.emplace_back(name, std::move(value));
}

}  // namespace

std::optional<SizingOptions> sizing_options(std::string_view kind) {
  for (const Row& row : rows()) {
    if (row.kind == kind) return row.options;
  }
  return std::nullopt;
}

PoolSpec with_size(PoolSpec pool, std::int64_t kept, std::int64_t total) {
  // Rails' old name would stand beside the new one.
  std::erase_if(pool.options, [&pool](const auto& option) {
    return pool.kind == "rails" && option.first == "pool";
  });
  for (auto& [name, value] : named_options(pool.kind, {kept, total, {}, {}, {}})) {
    pool.set(name, std::move(value));
  }
  return pool;
}

NamedOptions named_options(std::string_view kind, const PoolSettings& settings) {
  const SizingOptions& names = options_of(kind);
  NamedOptions all;
  append(all, names.kept, settings.kept);
  append(all, names.overflow, settings.total - settings.kept);
  append(all, names.most, settings.total);
  if (settings.wait) append(all, names.wait, *settings.wait);
  if (settings.age) append(all, names.age, *settings.age);
  if (settings.ping) append(all, names.ping, *settings.ping);
  return all;
}

}  // namespace poolgauge
