// Decisions of Go's pools that need one exact order of events, or many draws.
#include <catch2/catch.hpp>
#include <map>

#include "policy/database_sql/database_sql_pool.h"
#include "policy/pgx/pgx_pool.h"
#include "policy_orders.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace test;
using namespace std::chrono_literals;

TEST_CASE("database/sql draws any of those who wait, by its seed", "[policy]") {
  std::map<std::string, int> drawn;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    DatabaseSqlConfig config;
    config.max_open = 1;
    DatabaseSqlPool pool(config, seed);
    OrderLog act;
    for (std::uint32_t w = 0; w < 4; ++w) pool.on_acquire({}, {w, 1}, {w}, act);
    pool.on_opened({}, {0, 1}, act);
    act.take();
    pool.on_release({}, {0, 1}, Condition::clean, act);
    const Orders orders = act.take();
    REQUIRE(orders.size() == 1);
    ++drawn[orders[0]];
  }
  CHECK(drawn.size() == 3);
  for (const auto& [order, times] : drawn) {
    INFO(order);
    CHECK(times > 60);  // of 300 with a third each
  }
}

TEST_CASE("a request that leaves from the middle takes no other with it", "[policy]") {
  DatabaseSqlConfig config;
  config.max_open = 1;
  DatabaseSqlPool pool(config, 1);
  OrderLog act;
  for (std::uint32_t w = 0; w < 5; ++w) pool.on_acquire({}, {w, 1}, {w}, act);
  pool.on_opened({}, {0, 1}, act);
  for (const std::uint32_t w : {1U, 4U, 2U}) pool.on_give_up({}, {w, 1}, act);
  CHECK(pool.counts().waiting == 1);
  act.take();
  pool.on_release({}, {0, 1}, Condition::clean, act);
  CHECK(act.take() == Orders{"grant w3 c1"});
}

TEST_CASE("what comes back inside a transaction is rolled back before it is used", "[policy]") {
  DatabaseSqlPool pool({}, 1);
  OrderLog act;
  pool.on_acquire({}, {0, 1}, {0}, act);
  pool.on_opened({}, {0, 1}, act);
  act.take();
  pool.on_release({}, {0, 1}, Condition::in_transaction, act);
  CHECK(act.take() == Orders{"reset c1"});
  CHECK(pool.counts().idle == 0);
  pool.on_reset({}, {0, 1}, true, act);
  CHECK(pool.counts().idle == 1);
}

TEST_CASE("pgx's stdlib driver pings after a second; two bad ones, then a new one", "[policy]") {
  DatabaseSqlConfig config;
  config.max_idle = 3;
  config.pings_on_reset = true;
  DatabaseSqlPool pool(config, 1);
  OrderLog act;
  TimePoint now{};
  for (std::uint32_t w = 0; w < 3; ++w) pool.on_acquire(now, {w, 1}, {w}, act);
  for (std::uint32_t c = 0; c < 3; ++c) pool.on_opened(now, {c, c + 1}, act);
  for (std::uint32_t c = 0; c < 3; ++c) pool.on_release(now, {c, c + 1}, Condition::clean, act);
  act.take();
  now += 1s;
  pool.on_acquire(now, {0, 2}, {0}, act);
  CHECK(act.take() == Orders{"grant w0 c3"});  // not more than a second
  pool.on_release(now, {2, 3}, Condition::clean, act);
  now += 1001ms;
  pool.on_acquire(now, {0, 3}, {0}, act);
  CHECK(act.take() == Orders{"check c3"});
  pool.on_checked(now, {2, 3}, false, act);
  CHECK(act.take() == Orders{"close c3", "check c2"});
  pool.on_checked(now, {1, 2}, false, act);
  CHECK(act.take() == Orders{"close c2", "open c4 for w0"});  // c1 stays idle
  CHECK(pool.counts().idle == 1);
}

TEST_CASE("pgxpool: all idle ones too old, and the last try makes a new one", "[policy]") {
  PgxConfig config;
  config.max_conns = 2;
  config.max_conn_lifetime = 1s;
  PgxPool pool(config, 1);
  OrderLog act;
  TimePoint now{};
  pool.on_start(now, act);
  for (std::uint32_t w = 0; w < 2; ++w) pool.on_acquire(now, {w, 1}, {w}, act);
  for (std::uint32_t c = 0; c < 2; ++c) pool.on_opened(now, {c, c + 1}, act);
  for (std::uint32_t c = 0; c < 2; ++c) pool.on_release(now, {c, c + 1}, Condition::clean, act);
  act.take();
  now += 2s;
  pool.on_acquire(now, {0, 2}, {0}, act);
  // Both are dropped before the first place comes free, which the third try waited for.
  CHECK(act.take() == Orders{"close c2", "open c3 for w0", "close c1"});
  CHECK(statistic(pool, "MaxLifetimeDestroyCount") == 2);
  CHECK(statistic(pool, "AcquireCount") == 4);
}

TEST_CASE("pgxpool: connections that die again and again end the acquire", "[policy]") {
  PgxConfig config;
  config.max_conns = 1;
  PgxPool pool(config, 1);
  OrderLog act;
  TimePoint now{};
  pool.on_start(now, act);
  pool.on_acquire(now, {0, 1}, {0}, act);
  for (std::uint32_t number = 1; number <= 2; ++number) {
    now += 2s;  // a connect so slow is pinged before its first use
    pool.on_opened(now, {0, number}, act);
    pool.on_checked(now, {0, number}, false, act);
  }
  CHECK(act.take() == Orders{"open c1 for w0", "check c1", "close c1", "open c2 for w0", "check c2",
                             "failed w0", "close c2"});
  CHECK(pool.counts().open == 0);
}

TEST_CASE("pgxpool: a ping with a limit lets its caller go on; the place stays taken", "[policy]") {
  PgxConfig config;
  config.max_conns = 1;
  config.ping_timeout = 100ms;
  PgxPool pool(config, 1);
  OrderLog act;
  TimePoint now{};
  pool.on_start(now, act);
  pool.on_acquire(now, {0, 1}, {0}, act);
  pool.on_opened(now, {0, 1}, act);
  pool.on_release(now, {0, 1}, Condition::clean, act);
  now += 2s;
  pool.on_acquire(now, {0, 2}, {0}, act);
  CHECK(act.tick == now + 100ms);
  now = act.tick;
  act.take();
  pool.on_tick(now, act);
  CHECK(act.take().empty());
  CHECK(pool.counts().waiting == 1);
  pool.on_checked(now, {0, 1}, true, act);  // too late
  CHECK(act.take() == Orders{"close c1", "open c2 for w0"});
}

TEST_CASE("pgxpool: the first failure of a refill breaks off the others", "[policy]") {
  PgxConfig config;
  config.max_conns = 4;
  config.min_conns = 3;
  PgxPool pool(config, 1);
  OrderLog act;
  TimePoint now{};
  pool.on_start(now, act);
  CHECK(act.take() == Orders{"open c1", "open c2", "open c3"});
  pool.on_open_failed(now, {1, 2}, act);
  CHECK(act.take() == Orders{"abandon c1", "abandon c3"});
  CHECK(pool.counts().open == 0);
  CHECK(act.tick == now + 1min);  // only then the checks begin
  now = act.tick;
  pool.on_tick(now, act);
  CHECK(act.take().size() == 3);
}

TEST_CASE("the options of Go's pools are those of their documentation", "[policy]") {
  PoolSpec pgx;
  pgx.kind = "pgx";
  CHECK(pgx.integer("pool_max_conns") == 4);
  CHECK(pgx.duration("pool_max_conn_lifetime") == 1h);
  CHECK(pgx.duration("pool_max_conn_idle_time") == 30min);
  CHECK(pool_capacity(pgx, 100) == 4);
  pgx.set("pool_health_check_period", Duration{0});
  CHECK(check_options(pgx).value_or("").find("NewTicker") != std::string::npos);
  PoolSpec sql;
  sql.kind = "database-sql";
  CHECK(pool_capacity(sql, 100) == 100);
  CHECK(pool_permanent_size(sql) == 2);
  sql.set("MaxOpenConns", std::int64_t{1});
  CHECK(pool_capacity(sql, 100) == 1);
  CHECK(pool_permanent_size(sql) == 1);
}

}  // namespace
}  // namespace poolgauge
