// --pool-size and its like in every kind's own words, and other libraries' names for options.
#include "poolgauge/pool_flags.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace poolgauge;

namespace {

bool has(const KindInfo& kind, const std::string& name) {
  return std::any_of(kind.options.begin(), kind.options.end(),
                     [&name](const OptionInfo& option) { return option.name == name; });
}

std::string by_synonym(const char* kind, const char* name) {
  return option_by_synonym(*find_kind(kind), name).value_or("");
}

}  // namespace

TEST_CASE("Every flag is an option of its kind, or says what comes nearest") {
  for (const KindInfo* kind : pool_kinds()) {
    for (const PoolFlag flag : kPoolFlags) {
      INFO(kind->name << " " << name_of(flag));
      const FlagMeaning meaning = meaning_of(flag, kind->name);
      CHECK(meaning.option.empty() != meaning.nearest.empty());
      if (!meaning.option.empty()) CHECK(has(*kind, meaning.option));
      if (!meaning.kept.empty()) CHECK(has(*kind, meaning.kept));
    }
  }
}

TEST_CASE("A flag means the library's own option") {
  CHECK(meaning_of(PoolFlag::size, "hikari").option == "maximumPoolSize");
  CHECK(meaning_of(PoolFlag::size, "psycopg").option == "max_size");
  CHECK(meaning_of(PoolFlag::size, "psycopg").kept == "min_size");
  CHECK(meaning_of(PoolFlag::size, "prisma").option == "connection_limit");
  CHECK(meaning_of(PoolFlag::size, "prisma", "v7").option == "max");
  CHECK(meaning_of(PoolFlag::timeout, "hikari").option == "connectionTimeout");
  CHECK(meaning_of(PoolFlag::recycle, "hikari").never == "0");
  CHECK(meaning_of(PoolFlag::recycle, "rails").never.empty());
  CHECK(meaning_of(PoolFlag::recycle, "psycopg-null").option == "max_lifetime");
  CHECK(meaning_of(PoolFlag::ping, "psycopg").option == "check");
  CHECK(meaning_of(PoolFlag::overflow, "hikari").nearest.find("maximumPoolSize") !=
        std::string::npos);
  CHECK(meaning_of(PoolFlag::timeout, "pgx").nearest.find("--deadline") != std::string::npos);
}

TEST_CASE("Names of other libraries lead to the kind's own option") {
  for (const char* name : {"pool_size", "maxSize", "max", "maxTotal", "MaxOpenConns", "max_conns",
                           "connection_limit", "maxPoolSize", "pool_max_conns"}) {
    INFO(name);
    CHECK(by_synonym("hikari", name) == "maximumPoolSize");
    CHECK(by_synonym("sqlalchemy", name) == "pool_size");
  }
  CHECK(by_synonym("psycopg", "maximumPoolSize") == "max_size");
  CHECK(by_synonym("psycopg", "testOnBorrow") == "check");
  CHECK(by_synonym("node-postgres", "maxLifetime") == "maxLifetimeSeconds");
  CHECK(by_synonym("database-sql", "minimumIdle") == "MaxIdleConns");
  CHECK(by_synonym("asyncpg", "idleTimeout") == "max_inactive_connection_lifetime");
  CHECK(by_synonym("pgx", "timeout").empty());
  CHECK(by_synonym("none", "max").empty());
  CHECK(by_synonym("hikari", "colour").empty());
}
