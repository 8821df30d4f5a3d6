// Flags and environment over the file.
#include <algorithm>

#include "scenario_text.h"

using namespace scenario_test;
using namespace std::chrono_literals;

namespace {

Override flag(const std::string& key, const std::string& value) {
  return {"--" + key, key, value};
}

const std::string kOpen =
    with(R"({ "users": 5, "think": "1s" })", R"({ "rate": 7, "arrivals": "constant" })");
const std::string kBurst =
    with(R"({ "users": 5, "think": "1s" })", R"({ "burst": 9, "every": "3s" })");

template <class T>
T load(const std::string& text, const std::vector<Override>& overrides) {
  const Scenario s = good(text, overrides);
  REQUIRE(std::holds_alternative<T>(s.load));
  return std::get<T>(s.load);
}

Duration think(const ClosedLoad& closed) {
  return std::get<FixedDuration>(closed.think).value;
}

}  // namespace

TEST_CASE("users keep their think time, and any other load is replaced") {
  CHECK(load<ClosedLoad>(kValid, {flag("users", "50")}).users == 50);
  CHECK(think(load<ClosedLoad>(kValid, {flag("users", "50")})) == 1s);
  CHECK(think(load<ClosedLoad>(kValid, {flag("think", "2s")})) == 2s);
  CHECK(think(load<ClosedLoad>(kOpen, {flag("users", "50")})) == 0s);
  CHECK(think(load<ClosedLoad>(kOpen, {flag("users", "50"), flag("think", "2s")})) == 2s);
  CHECK(think(load<ClosedLoad>(kOpen, {flag("think", "2s"), flag("users", "50")})) == 2s);
  const auto drawn = load<ClosedLoad>(kValid, {flag("think", R"({"exponential": "2s"})")});
  CHECK(std::get<ExponentialDuration>(drawn.think).mean == 2s);
}

TEST_CASE("a rate keeps its arrivals, and is poisson when it replaces another load") {
  CHECK_FALSE(load<OpenLoad>(kOpen, {flag("rate", "200")}).poisson);
  CHECK(load<OpenLoad>(kOpen, {flag("rate", "200")}).rate_per_s == 200);
  CHECK(load<OpenLoad>(kValid, {flag("rate", "0.5")}).poisson);
  CHECK_FALSE(load<OpenLoad>(kValid, {flag("rate", "5"), flag("arrivals", "constant")}).poisson);
  CHECK(load<OpenLoad>(kOpen, {flag("arrivals", "poisson")}).rate_per_s == 7);
}

TEST_CASE("a burst comes once unless said otherwise") {
  CHECK(load<BurstLoad>(kValid, {flag("burst", "100")}).every == 0s);
  CHECK(load<BurstLoad>(kValid, {flag("burst", "100"), flag("warmup", "7s")}).once_at == 7s);
  CHECK(complaint(kValid, {flag("burst", "100"), flag("every", "1ns")}).find("100us or more") !=
        std::string::npos);
  CHECK(load<BurstLoad>(kValid, {flag("burst", "100"), flag("every", "1s")}).every == 1s);
  CHECK(load<BurstLoad>(kBurst, {flag("burst", "100")}).every == 3s);
}

TEST_CASE("later overrides win") {
  CHECK(load<ClosedLoad>(kValid, {flag("users", "1"), flag("users", "2")}).users == 2);
  CHECK(load<OpenLoad>(kValid, {{"POOLGAUGE_USERS", "users", "1"}, flag("rate", "2")}).rate_per_s ==
        2);
  // What belonged to the load that was put aside goes with it.
  CHECK(load<OpenLoad>(kValid, {flag("think", "1s"), flag("rate", "2")}).rate_per_s == 2);
}

TEST_CASE("what belongs to another kind of load is refused, naming the flag") {
  CHECK(complaint(kOpen, {flag("think", "1s")}) ==
        "--think\n  applies only to a load with users, but the scenario has a different load; add "
        "--users\n");
  CHECK(complaint(kValid, {flag("rate", "5"), flag("every", "1s")}).find("add --burst") !=
        std::string::npos);
}

TEST_CASE("times, deployment and goals") {
  const Scenario s =
      good(kValid, {flag("duration", "30s"), flag("warmup", "5s"), flag("deadline", "10s"),
                    flag("instances", "2"), flag("processes", "4"),
                    flag("slo", "throughput > 10/s"), flag("slo", "rate(error) <= 1%")});
  CHECK(s.duration == 30s);
  CHECK(s.warmup == 5s);
  CHECK(s.deadline == Duration(10s));
  CHECK(s.deployment.fleet() == 8);
  REQUIRE(s.goals.size() == 3);
  CHECK(s.goals[2].failure == "error");
  CHECK(good(s.resolved_json).resolved_json == s.resolved_json);
}

TEST_CASE("another pool keeps the options it has, and drops the others") {
  const Scenario async = good(kValid, {flag("pool", "sqlalchemy-async")});
  CHECK(async.deployment.pool.kind == "sqlalchemy-async");
  CHECK(async.deployment.pool.integer("pool_size") == 2);
  CHECK(good(kValid, {flag("pool", "fixed")}).deployment.pool.options.empty());
}

TEST_CASE("pool options are read as JSON where they are") {
  const auto pool = [](const std::string& option, const std::string& value) {
    return good(kValid, {{"--x", "option:" + option, value}}).deployment.pool;
  };
  CHECK(pool("pool_size", "4").integer("pool_size") == 4);
  CHECK(pool("timeout", "30s").duration("timeout") == 30s);
  CHECK(pool("timeout", "2").duration("timeout") == 2s);
  CHECK(pool("recycle", "-1").duration("recycle").count() < 0);
  CHECK(pool("pre_ping", "true").boolean("pre_ping"));
  CHECK(pool("version", "1.4").choice("version") == "1.4");
}

TEST_CASE("overrides fill in what the file leaves out") {
  const std::string bare =
      R"({"version": 1, "name": "x", "requests": [{"steps": [{"sql": "SELECT 1"}]}]})";
  const Scenario s = good(bare, {flag("users", "3"),
                                 {"--pool-size", "option:pool_size", "9"},
                                 flag("instances", "2"),
                                 flag("slo", "max(latency) < 1s")});
  CHECK(s.deployment.pool.integer("pool_size") == 9);
  CHECK(s.deployment.instances == 2);
  CHECK(s.goals.size() == 1);
}

TEST_CASE("a bad override names the flag, without a line") {
  CHECK(complaint(kValid, {flag("users", "0")}) ==
        "--users\n  expected a whole number from 1 to 1000000, found 0\n");
  CHECK(complaint(kValid, {flag("users", "many")}) ==
        "--users\n  expected a whole number from 1 to 1000000, found \"many\"\n");
  CHECK(complaint(kValid, {flag("rate", "-5")}) ==
        "--rate\n  expected a number from 0.001 to 1000000, found -5\n");
  CHECK(complaint(kValid, {flag("duration", "30")}) ==
        "--duration\n  expected a unit after the number: ns, us, ms, s, m, h, or d, found \"30\"; "
        "did you mean \"30s\"?\n");
  CHECK(complaint(kValid, {flag("slo", "p95(latncy) < 1s")})
            .find("--slo\n  found \"latncy\"; did you mean") == 0);
  CHECK(complaint(kValid, {flag("pool", "sqlalchmy")}) ==
        "--pool\n  found \"sqlalchmy\"; did you mean \"sqlalchemy\"?\n  expected sqlalchemy, "
        "sqlalchemy-async, sqlalchemy-null, psycopg, psycopg-null, hikari, asyncpg, node-postgres, "
        "pgx, database-sql, rails, prisma, adaptive, none, or fixed\n");
  CHECK(complaint(kValid, {{"--pool-option min_sze", "option:pol_size", "4"}}) ==
        "--pool-option min_sze\n  unknown option for kind \"sqlalchemy\"; did you mean "
        "\"pool_size\"?\n  options of \"sqlalchemy\": pool_size, max_overflow, timeout, recycle, "
        "pre_ping, use_lifo, reset_on_return, version, fallback\n");
  CHECK(complaint(kValid, {flag("pool", "none"), {"--pool-size", "option:pool_size", "4"}}) ==
        "--pool-size\n  unknown option for kind \"none\"\n  kind \"none\" has no options\n  kinds "
        "that have it: sqlalchemy, sqlalchemy-async\n");
  const auto both = mistakes(with("\"20s\"", "\"-1s\""), {flag("users", "0")});
  REQUIRE(both.size() == 2);
  CHECK(both[0].file == "--users");
  CHECK(both[0].line == 0);
  CHECK(both[1].file == "s.json");
  CHECK(both[1].line == 11);
}

TEST_CASE("two flags that set one key to different values are a doubt, a variable is overruled") {
  const Override size{"--pool-size", "option:pool_size", "8"};
  const Override option{"--pool-option pool_size", "option:pool_size", "3"};
  CHECK(complaint(kValid, {size, option}) ==
        "--pool-option pool_size\n  sets this key to 3, but --pool-size sets it to 8; use only one "
        "of them\n");
  CHECK(complaint(kValid, {flag("pool", "hikari"), {"--pool-option kind", "option:kind", "pgx"}})
            .find("--pool-option kind\n  sets this key to \"pgx\", but --pool sets it to") == 0);
  const Override same{"--pool-option pool_size", "option:pool_size", "8"};
  CHECK(good(kValid, {size, same}).deployment.pool.integer("pool_size") == 8);
  const Override variable{"POOLGAUGE_POOL_SIZE", "option:pool_size", "3"};
  CHECK(good(kValid, {variable, size}).deployment.pool.integer("pool_size") == 8);
}

TEST_CASE("a rule between options names the flags that broke it") {
  const std::string text = complaint(kValid, {flag("pool", "psycopg"),
                                              {"--pool-option min_size", "option:min_size", "20"},
                                              {"--pool-option max_size", "option:max_size", "10"}});
  CHECK(text ==
        "--pool-option max_size, --pool-option min_size\n  max_size must be greater or equal than "
        "min_size\n");
}

namespace {

Override pool_flag(const std::string& name, const std::string& value) {
  std::string typed = "--" + name;
  std::replace(typed.begin(), typed.end(), '_', '-');
  return {typed, "pool:" + name, value};
}

}  // namespace

TEST_CASE("the flags of every pool set the kind's own option, and say so once") {
  const Scenario hikari =
      good(kValid,
           {pool_flag("pool_size", "30"), flag("pool", "hikari"), pool_flag("pool_timeout", "2s"),
            pool_flag("pool_recycle", "-1"), pool_flag("max_overflow", "0")});
  CHECK(hikari.deployment.pool.integer("maximumPoolSize") == 30);
  CHECK(hikari.deployment.pool.duration("connectionTimeout") == 2s);
  CHECK(hikari.deployment.pool.duration("maxLifetime") == 0s);
  CHECK(hikari.flags_note ==
        "for pool kind hikari, --pool-size is maximumPoolSize, --pool-timeout is "
        "connectionTimeout, --pool-recycle is maxLifetime");
  const Scenario own = good(kValid, {pool_flag("pool_size", "30"), pool_flag("pre_ping", "true"),
                                     pool_flag("pool_timeout", "2s")});
  CHECK(own.deployment.pool.integer("pool_size") == 30);
  CHECK(own.flags_note.empty());
}

TEST_CASE("a smaller size lowers what is kept, unless that was given, too") {
  const Override kind = flag("pool", "asyncpg");
  const Scenario lowered = good(kValid, {kind, pool_flag("pool_size", "5")});
  CHECK(lowered.deployment.pool.integer("max_size") == 5);
  CHECK(lowered.deployment.pool.integer("min_size") == 5);
  CHECK(lowered.flags_note ==
        "for pool kind asyncpg, --pool-size is max_size, --pool-size lowers min_size to 5");
  const Override least{"--pool-option min_size", "option:min_size", "2"};
  CHECK(good(kValid, {kind, pool_flag("pool_size", "5"), least})
            .deployment.pool.integer("min_size") == 2);
  CHECK(good(kValid, {kind, pool_flag("pool_size", "9"), pool_flag("pool_size", "5")})
            .deployment.pool.integer("min_size") == 5);
  const std::string rails =
      with(R"("kind": "sqlalchemy", "pool_size")", R"("kind": "rails", "pool")");
  CHECK(good(rails, {pool_flag("pool_size", "9")}).deployment.pool.integer("pool") == 9);
}

TEST_CASE("a flag that a kind does not have names what comes nearest") {
  CHECK(complaint(kValid, {flag("pool", "hikari"), pool_flag("max_overflow", "10")}) ==
        "--max-overflow\n  does not apply to pool kind \"hikari\": this pool has no overflow; "
        "maximumPoolSize is its maximum. Use only --pool-size, with the sum of pool size and "
        "overflow\n");
  CHECK(complaint(kValid, {flag("pool", "pgx"), pool_flag("pool_timeout", "5s")})
            .find("--deadline") != std::string::npos);
  CHECK(complaint(kValid, {flag("pool", "none"), pool_flag("pool_size", "5")}).find("--users") !=
        std::string::npos);
  CHECK(good(kValid, {flag("pool", "asyncpg"), pool_flag("pre_ping", "false")}).flags_note.empty());
  const Override option{"--pool-option maximumPoolSize", "option:maximumPoolSize", "20"};
  CHECK(complaint(kValid, {flag("pool", "hikari"), pool_flag("pool_size", "10"), option})
            .find("but --pool-size sets it to") != std::string::npos);
}
