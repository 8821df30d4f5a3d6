// Facts that hold for every pool, in thousands of random timelines through the real driver.
#include "keeper_pool.h"
#include "pool_storm.h"
#include "random_pools.h"
#include "static_pool.h"

namespace poolgauge {
namespace {

using namespace test;

constexpr std::uint64_t kSeeds = 300;  // of each storm; 20,000 were run when it was last changed

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

/// What the budget announces for so many clients; a pooler's servers are not ours.
std::optional<std::int64_t> budget_of(const PoolSpec& spec, const StormPlan& plan) {
  if (find_kind(spec.kind)->is_pooler) return std::nullopt;
  return pool_capacity(spec, plan.clients);
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

void weather(const std::string& kind, const std::string& variant, std::uint64_t seeds,
             Duration task_time = Duration{0}, bool fallback = false) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Rng rng(seed, 77);
    PoolSpec spec = random_options(kind, variant, rng);
    if (fallback) spec.set("fallback", std::string("direct"));
    StormPlan plan = random_plan(rng);
    plan.task_time = task_time;
    plan.most = budget_of(spec, plan);
    Storm storm(make_policy(spec, seed), spec, plan, seed);
    const std::string trouble = storm.run();
    INFO("seed " << seed << ": " << describe(spec, plan));
    REQUIRE(trouble == "");
  }
}

TEST_CASE("SQLAlchemy's threaded pool keeps the facts in any storm", "[storm]") {
  weather("sqlalchemy", "", kSeeds);
}
TEST_CASE("SQLAlchemy's asyncio pool on Python 3.11 does, too", "[storm]") {
  weather("sqlalchemy-async", "3.11", kSeeds);
}
TEST_CASE("SQLAlchemy's asyncio pool on Python 3.12 does, too", "[storm]") {
  weather("sqlalchemy-async", "3.12", kSeeds);
}
TEST_CASE("asyncio pools of a slow application do, too", "[storm]") {
  weather("sqlalchemy-async", "3.11", kSeeds / 2, 110us);
  weather("sqlalchemy-async", "3.12", kSeeds / 2, 3ms);
}
TEST_CASE("psycopg's pool does, too", "[storm]") {
  weather("psycopg", "", kSeeds);
}
TEST_CASE("psycopg's null pool does, too", "[storm]") {
  weather("psycopg-null", "", kSeeds);
}
TEST_CASE("no pool at all does, too", "[storm]") {
  weather("none", "", kSeeds / 2);
}
TEST_CASE("every kind does, with any options that its rules allow", "[storm]") {
  for (const KindInfo* kind : pool_kinds()) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Rng rng(seed, 79);
      const PoolSpec spec = seed == 1 ? PoolSpec{kind->name, {}} : random_pool(*kind, rng);
      REQUIRE(check_options(spec) == std::nullopt);
      StormPlan plan = random_plan(rng);
      plan.most = budget_of(spec, plan);
      Storm storm(make_policy(spec, seed), spec, plan, seed);
      INFO("seed " << seed << ": " << describe(spec, plan));
      const std::string trouble = storm.run();
      REQUIRE(trouble == "");
    }
  }
}

TEST_CASE("pools that watch, abandon and connect late do, too", "[storm]") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
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
  weather("pgx", "", kSeeds);
}
TEST_CASE("database/sql does, too", "[storm]") {
  weather("database-sql", "", kSeeds);
}
TEST_CASE("a pool that sizes itself does, too", "[storm]") {
  weather("adaptive", "", kSeeds);
}
TEST_CASE("pools that fall back to direct connections do, too", "[storm]") {
  weather("sqlalchemy", "", kSeeds, Duration{0}, true);
  weather("sqlalchemy-async", "3.11", kSeeds / 2, Duration{0}, true);
  weather("sqlalchemy-async", "3.12", kSeeds / 2, 110us, true);
  weather("pgx", "", kSeeds / 2, Duration{0}, true);
  weather("database-sql", "", kSeeds / 2, Duration{0}, true);
  weather("adaptive", "", kSeeds, Duration{0}, true);
}

// Each abandoned connect lives on: many deadlines shorter than a connect were as many sockets.
TEST_CASE("callers more impatient than a connect stay within the budget", "[storm]") {
  const auto impatient = [](const PoolSpec& spec, std::uint64_t seed) {
    StormPlan plan;
    plan.clients = 1 + static_cast<std::uint32_t>(seed % 9);
    plan.rounds = 30;
    plan.gives_up = 1;
    plan.connect = Duration{1'500'000'000};
    plan.rest = Duration{3'000'000};
    plan.most = budget_of(spec, plan);
    REQUIRE(plan.most);
    Storm storm(make_policy(spec, seed), spec, plan, seed);
    INFO("seed " << seed << ": " << describe(spec, plan));
    REQUIRE(storm.run() == "");
  };
  for (std::uint64_t seed = 1; seed <= kSeeds / 4; ++seed) {
    for (const char* kind : {"none", "sqlalchemy-null", "psycopg-null"}) {
      impatient(PoolSpec{kind, {}}, seed);
    }
    for (const char* kind : {"sqlalchemy", "asyncpg", "database-sql", "node-postgres"}) {
      Rng rng(seed, 81);
      PoolSpec spec = random_pool(*find_kind(kind), rng);
      impatient(spec, seed);
      spec.set("fallback", std::string("direct"));
      impatient(spec, seed);
    }
  }
}

TEST_CASE("asyncpg's pool does, too", "[storm]") {
  weather("asyncpg", "", kSeeds);
}
TEST_CASE("pg-pool does, too", "[storm]") {
  weather("node-postgres", "", kSeeds);
}
TEST_CASE("Prisma's pool and PgBouncer do, too", "[storm]") {
  for (const char* kind : {"prisma", "pgbouncer"}) weather(kind, "", kSeeds);
}

TEST_CASE("HikariCP does, too", "[storm]") {
  weather("hikari", "", kSeeds);
}
TEST_CASE("Rails 7.0's pool does, too", "[storm]") {
  weather("rails", "7.0", kSeeds);
}
TEST_CASE("Rails' later pools, which connect at the first statement, do, too", "[storm]") {
  weather("rails", "lazy", kSeeds);
}

TEST_CASE("one connection shared by all does, too", "[storm]") {
  for (std::uint64_t seed = 1; seed <= kSeeds / 2; ++seed) {
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
