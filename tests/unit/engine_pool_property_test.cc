// Facts that hold for every pool, in thousands of random timelines through the real driver.
#include "keeper_pool.h"
#include "policy/static_pool.h"
#include "pool_storm.h"
#include "random_pools.h"

namespace poolgauge {
namespace {

using namespace test;

std::int64_t pick(Rng& rng, std::int64_t low, std::int64_t high) {
  return rng.uniform_int(low, high);
}

PoolSpec random_queue_pool(const std::string& kind, const std::string& python, Rng& rng) {
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

PoolSpec random_psycopg_pool(const std::string& kind, Rng& rng) {
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

void random_pgx(PoolSpec& spec, Rng& rng) {
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

void random_database_sql(PoolSpec& spec, Rng& rng) {
  spec.set("MaxOpenConns", pick(rng, -1, 6));
  spec.set("MaxIdleConns", pick(rng, -1, 6));
  if (pick(rng, 0, 1) == 0) spec.set("ConnMaxLifetime", some_ms(rng, 0, 60));
  if (pick(rng, 0, 1) == 0) spec.set("ConnMaxIdleTime", some_ms(rng, 0, 40));
  if (pick(rng, 0, 1) == 0) spec.set("driver", std::string("pgx"));
}

void random_adaptive(PoolSpec& spec, Rng& rng) {
  const std::int64_t least = pick(rng, 1, 4);
  spec.set("min_size", least);
  spec.set("max_size", least + pick(rng, 0, 6));
  spec.set("target_utilization", pick(rng, 1, 100));
  spec.set("interval", some_ms(rng, 1, 40));
  spec.set("shrink_after", pick(rng, 1, 3));
  spec.set("timeout", pick(rng, 0, 3) == 0 ? Duration{0} : some_ms(rng, 1, 50));
}

void random_hikari(PoolSpec& spec, Rng& rng) {
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

void random_rails(PoolSpec& spec, Rng& rng) {
  spec.set("max_connections", pick(rng, 0, 4) == 0 ? std::int64_t{-1} : pick(rng, 1, 6));
  spec.set("checkout_timeout", some_ms(rng, 0, 50));
  spec.set("idle_timeout", some_ms(rng, 0, 40));
  spec.set("reaping_frequency", some_ms(rng, 1, 60));
  spec.set("version", std::string("7.0"));
}

OptionValue random_value(const OptionInfo& option, Rng& rng) {
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
PoolSpec random_pool(const KindInfo& kind, Rng& rng) {
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

StormPlan random_plan(Rng& rng) {
  StormPlan plan;
  const bool slow = pick(rng, 0, 7) == 0;  // where pools care about seconds
  plan.clients = static_cast<std::uint32_t>(pick(rng, 1, 14));
  plan.rounds = static_cast<int>(pick(rng, 2, 12));
  // Some storms are calm in one way or another, so that rules meet each other undisturbed.
  for (double* chance : {&plan.gives_up, &plan.loses, &plan.discards, &plan.leaves_open,
                         &plan.connect_fails, &plan.exchange_fails, &plan.lightning, &plan.works}) {
    if (pick(rng, 0, 1) == 0) *chance = 0;
  }
  for (Duration* length : {&plan.connect, &plan.exchange, &plan.hold, &plan.rest}) {
    const std::int64_t kind = pick(rng, 0, 3);
    if (kind == 0) *length = Duration{0};
    if (kind == 1) *length *= 4;
    if (slow && kind == 2) *length *= 100;
  }
  if (pick(rng, 0, 3) == 0) plan.ends = Duration{pick(rng, 0, 200) * 1'000'000};
  return plan;
}

std::string describe(const PoolSpec& spec, const StormPlan& plan) {
  std::string text = spec.kind + " clients " + std::to_string(plan.clients);
  for (const auto& [name, value] : spec.options) {
    text += " " + name + " ";
    if (const auto* number = std::get_if<std::int64_t>(&value)) text += std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&value)) text += *flag ? "yes" : "no";
    if (const auto* name_of = std::get_if<std::string>(&value)) text += *name_of;
    if (const auto* time = std::get_if<Duration>(&value)) text += std::to_string(to_ms(*time));
  }
  return text;
}

void weather(const std::string& kind, const std::string& python, std::uint64_t seeds,
             Duration task_time = Duration{0}, bool fallback = false) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Rng rng(seed, 77);
    PoolSpec spec;
    spec.kind = kind;
    if (kind.starts_with("sqlalchemy")) spec = random_queue_pool(kind, python, rng);
    if (kind.starts_with("psycopg")) spec = random_psycopg_pool(kind, rng);
    if (kind == "asyncpg") spec = random_asyncpg(rng);
    if (kind == "node-postgres") spec = random_pg_pool(rng);
    if (kind == "prisma") spec = random_prisma(rng);
    if (kind == "pgx") random_pgx(spec, rng);
    if (kind == "database-sql") random_database_sql(spec, rng);
    if (kind == "adaptive") random_adaptive(spec, rng);
    if (fallback) spec.set("fallback", std::string("direct"));
    if (kind == "hikari") random_hikari(spec, rng);
    if (kind == "rails") random_rails(spec, rng);
    if (kind == "pgbouncer") spec = random_pgbouncer(rng);
    StormPlan plan = random_plan(rng);
    plan.task_time = task_time;
    Storm storm(make_policy(spec, seed), spec, plan, seed);
    const std::string trouble = storm.run();
    INFO("seed " << seed << ": " << describe(spec, plan));
    REQUIRE(trouble == "");
  }
}

TEST_CASE("SQLAlchemy's threaded pool keeps the facts in any storm", "[storm]") {
  weather("sqlalchemy", "", 1500);
}
TEST_CASE("SQLAlchemy's asyncio pool on Python 3.11 does, too", "[storm]") {
  weather("sqlalchemy-async", "3.11", 1500);
}
TEST_CASE("SQLAlchemy's asyncio pool on Python 3.12 does, too", "[storm]") {
  weather("sqlalchemy-async", "3.12", 1500);
}
TEST_CASE("asyncio pools of a slow application do, too", "[storm]") {
  weather("sqlalchemy-async", "3.11", 500, 110us);
  weather("sqlalchemy-async", "3.12", 500, 3ms);
}
TEST_CASE("psycopg's pool does, too", "[storm]") {
  weather("psycopg", "", 1500);
}
TEST_CASE("psycopg's null pool does, too", "[storm]") {
  weather("psycopg-null", "", 1500);
}
TEST_CASE("no pool at all does, too", "[storm]") {
  weather("none", "", 500);
}
TEST_CASE("every kind does, with any options that its rules allow", "[storm]") {
  for (const KindInfo* kind : pool_kinds()) {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
      Rng rng(seed, 79);
      const PoolSpec spec = seed == 1 ? PoolSpec{kind->name, {}} : random_pool(*kind, rng);
      REQUIRE(check_options(spec) == std::nullopt);
      const StormPlan plan = random_plan(rng);
      Storm storm(make_policy(spec, seed), spec, plan, seed);
      INFO("seed " << seed << ": " << describe(spec, plan));
      const std::string trouble = storm.run();
      REQUIRE(trouble == "");
    }
  }
}

TEST_CASE("pools that watch, abandon and connect late do, too", "[storm]") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Rng rng(seed, 80);
    KeeperPool::Ways ways;
    ways.most = pick(rng, 1, 5);
    ways.lazy = pick(rng, 0, 2) == 0;
    ways.watches = pick(rng, 0, 1) == 0;
    ways.abandons = pick(rng, 0, 1) == 0;
    const DriverHabits::Reset resets[] = {DriverHabits::Reset::rollback,
                                          DriverHabits::Reset::reset_query,
                                          DriverHabits::Reset::discard_all};
    ways.reset = resets[pick(rng, 0, 2)];
    PoolSpec spec;
    spec.kind = "none";  // no options, no limit of its own
    const StormPlan plan = random_plan(rng);
    Storm storm(std::make_unique<KeeperPool>(ways), spec, plan, seed);
    const std::string trouble = storm.run();
    INFO("seed " << seed << " lazy " << ways.lazy << " watches " << ways.watches << " abandons "
                 << ways.abandons);
    REQUIRE(trouble == "");
  }
}
TEST_CASE("pgxpool does, too", "[storm]") {
  weather("pgx", "", 1500);
}
TEST_CASE("database/sql does, too", "[storm]") {
  weather("database-sql", "", 1500);
}
TEST_CASE("a pool that sizes itself does, too", "[storm]") {
  weather("adaptive", "", 1500);
}
TEST_CASE("pools that fall back to direct connections do, too", "[storm]") {
  weather("sqlalchemy", "", 1000, Duration{0}, true);
  weather("sqlalchemy-async", "3.11", 500, Duration{0}, true);
  weather("sqlalchemy-async", "3.12", 500, 110us, true);
  weather("pgx", "", 500, Duration{0}, true);
  weather("database-sql", "", 500, Duration{0}, true);
  weather("adaptive", "", 1000, Duration{0}, true);
}

TEST_CASE("asyncpg's pool does, too", "[storm]") {
  weather("asyncpg", "", 1500);
}
TEST_CASE("pg-pool does, too", "[storm]") {
  weather("node-postgres", "", 1500);
}
TEST_CASE("Prisma's pool and PgBouncer do, too", "[storm]") {
  for (const char* kind : {"prisma", "pgbouncer"}) weather(kind, "", 1000);
}

TEST_CASE("HikariCP does, too", "[storm]") {
  weather("hikari", "", 1500);
}
TEST_CASE("Rails 7.0's pool does, too", "[storm]") {
  weather("rails", "", 1000);
}

TEST_CASE("one connection shared by all does, too", "[storm]") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Rng rng(seed, 78);
    PoolSpec spec;
    spec.kind = "none";  // no options, no limit of its own
    const StormPlan plan = random_plan(rng);
    Storm storm(std::make_unique<StaticPool>(), spec, plan, seed);
    INFO("seed " << seed);
    REQUIRE(storm.run() == "");
  }
}

}  // namespace

}  // namespace poolgauge
