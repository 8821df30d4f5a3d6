// Sizing a pool in its own words: whatever the kind, the pool then has that size.
#include <catch2/catch.hpp>

#include "poolgauge/pool_sizing.h"

using namespace poolgauge;

TEST_CASE("Every kind with a limit of its own can be sized, and then has that size") {
  for (const KindInfo* kind : pool_kinds()) {
    INFO(kind->name);
    const auto options = sizing_options(kind->name);
    const bool sizeless =
        kind->name == "none" || kind->name == "fixed" || kind->name == "sqlalchemy-null";
    REQUIRE(options.has_value() == !sizeless);
    if (!options) continue;
    PoolSpec spec;
    spec.kind = kind->name;
    for (const std::int64_t total : {1, 7, 60}) {
      const std::int64_t kept = (total + 1) / 2;
      const PoolSpec sized = with_size(spec, kept, total);
      CHECK(pool_limit(sized, 1000) == total);
      CHECK_FALSE(check_options(sized));
      if (options->closes_at_return) CHECK(pool_permanent_size(sized) == kept);
    }
  }
}

TEST_CASE("Times go under the kind's own names, and only where it has them") {
  const PoolSettings settings{4, 10, std::chrono::seconds(2), std::chrono::minutes(30), true};
  const NamedOptions hikari = named_options("hikari", settings);
  REQUIRE(hikari.size() == 4);
  CHECK(hikari[0] == std::pair<std::string, OptionValue>("minimumIdle", std::int64_t{4}));
  CHECK(hikari[1] == std::pair<std::string, OptionValue>("maximumPoolSize", std::int64_t{10}));
  CHECK(hikari[2].first == "connectionTimeout");
  const NamedOptions pgx = named_options("pgx", settings);
  CHECK(pgx.size() == 3);  // its wait is the caller's context's
  const NamedOptions alchemy = named_options("sqlalchemy", settings);
  CHECK(alchemy[1] == std::pair<std::string, OptionValue>("max_overflow", std::int64_t{6}));
  CHECK(alchemy.back() == std::pair<std::string, OptionValue>("pre_ping", true));
}

TEST_CASE("Rails' old name for the size does not stay beside the new one") {
  PoolSpec rails;
  rails.kind = "rails";
  rails.set("pool", std::int64_t{5});
  CHECK(pool_limit(with_size(rails, 9, 9), 100) == 9);
}
