// Which policy a vector's pool is, and its parameters in that library's own units.
#include "vectors/make_pool.h"

#include "poolgauge/policies.h"
#include "static_pool.h"

namespace poolgauge::vectors {

namespace {

// A bare number of a duration is in the library's unit; null and false switch things off.
OptionValue value_of(const OptionInfo& info, const Json& value) {
  switch (info.type) {
    case OptionType::integer: return value.get<std::int64_t>();
    case OptionType::boolean:
      // 0 and 1 where the library writes them so (pgbouncer.ini)
      return value.is_number() ? value.get<int>() != 0 : value.get<bool>();
    case OptionType::duration: {
      const double number = value.get<double>();
      if (number < 0) return Duration{-1};
      return from_s(number * to_s(info.bare_unit));
    }
    case OptionType::choice: break;
  }
  if (value.is_null() || value == false) return std::string("none");
  if (value == true) return std::string("rollback");
  return value.get<std::string>();
}

std::string set_parameters(const Json& vector, PoolSpec& spec) {
  const KindInfo* kind = find_kind(spec.kind);
  for (const auto& [name, value] : vector["params"].items()) {
    const OptionInfo* known = nullptr;
    for (const OptionInfo& info : kind->options) {
      if (info.name == name) known = &info;
    }
    if (known == nullptr) return "unknown parameter " + name;
    const bool is_default = value.is_null() && known->type != OptionType::choice;
    if (!is_default) spec.set(name, value_of(*known, value));
  }
  return "";
}

/// A vector's name of a pool and the kind that follows it.
struct Name {
  std::string_view pool, kind;
};
constexpr Name kNames[] = {
    {"sqlalchemy.QueuePool", "sqlalchemy"},
    {"sqlalchemy.AsyncAdaptedQueuePool", "sqlalchemy-async"},
    {"sqlalchemy.NullPool", "sqlalchemy-null"},
    {"psycopg_pool.ConnectionPool", "psycopg"},
    {"psycopg_pool.AsyncConnectionPool", "psycopg"},
    {"psycopg_pool.NullConnectionPool", "psycopg-null"},
    {"hikaricp", "hikari"},
    {"HikariCP", "hikari"},
    {"asyncpg.Pool", "asyncpg"},
    {"node-pg-pool", "node-postgres"},
    {"pg-pool", "node-postgres"},
    {"pgxpool", "pgx"},
    {"go.database/sql", "database-sql"},
    {"prisma", "prisma"},
};

std::string kind_of(const std::string& pool) {
  for (const Name& name : kNames) {
    if (name.pool == pool) return std::string(name.kind);
  }
  if (pool.starts_with("pgbouncer.")) return "pgbouncer";
  if (pool.starts_with("rails") || pool.starts_with("activerecord")) return "rails";
  return "";
}

/// True when every release the vector applies to begins so; false without a list.
bool only_for(const Json& vector, std::string_view release) {
  if (!vector.contains("versions")) return false;
  for (const Json& version : vector["versions"]) {
    if (!version.get<std::string>().starts_with(release)) return false;
  }
  return true;
}

/// What a vector says besides its parameters: of which release, under which Python, in which mode.
void set_surroundings(const Json& vector, PoolSpec& spec) {
  const std::string pool = vector["pool"].get<std::string>();
  if (spec.kind == "sqlalchemy-async") {
    const std::string python = vector["env"].value("python_wait_for", "3.11");
    spec.set("python", python == "3.12" ? python : "3.11");
  }
  if (spec.kind.starts_with("sqlalchemy") && only_for(vector, "1.4")) {
    spec.set("version", std::string("1.4"));
  }
  if (spec.kind.starts_with("psycopg") && only_for(vector, "3.1")) {
    spec.set("version", std::string("3.1"));
  }
  if (spec.kind == "hikari" && only_for(vector, "5.0")) spec.set("version", std::string("5.0"));
  if (spec.kind == "hikari") spec.set("called_first", std::int64_t{0});  // who runs wins
  if (spec.kind == "pgbouncer") spec.set("pool_mode", pool.substr(pool.find('.') + 1));
}

}  // namespace

MadePool make_pool(const Json& vector) {
  const std::string pool = vector["pool"].get<std::string>();
  if (pool == "sqlalchemy.StaticPool") return {std::make_unique<StaticPool>(), ""};
  PoolSpec spec;
  spec.kind = kind_of(pool);
  if (find_kind(spec.kind) == nullptr) return {nullptr, "unknown pool"};
  set_surroundings(vector, spec);
  const std::string trouble = set_parameters(vector, spec);
  if (!trouble.empty()) return {nullptr, trouble};
  return {make_policy(spec), ""};
}

}  // namespace poolgauge::vectors
