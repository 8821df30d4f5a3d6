// PgBouncer's decisions that need one exact order of events.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "policy/pgbouncer/pgbouncer_pool.h"
#include "policy_orders.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using Log = test::Orders;

WaiterId waiter(std::uint32_t slot) {
  return {slot, 1};
}

/// A pool whose first server stands.
struct Started {
  explicit Started(const PgBouncerConfig& config) : pool(config) {
    pool.on_start(now, act);
    first = act.last_opened;
    pool.on_opened(now, first, act);
    act.take();
  }
  void ask(std::uint32_t who) { pool.on_acquire(now, waiter(who), {who}, act); }
  PgBouncerPool pool;
  test::OrderLog act;
  TimePoint now{};
  ConnId first;
};

PgBouncerConfig size(std::int64_t servers) {
  PgBouncerConfig config;
  config.pool_size = servers;
  return config;
}

TEST_CASE("a login under way is the only one, however many wait") {
  Started bouncer(size(5));
  for (std::uint32_t who = 0; who < 4; ++who) bouncer.ask(who);
  CHECK(bouncer.act.take() == Log{"grant w0 c1", "open c2"});
  bouncer.pool.on_opened(bouncer.now, bouncer.act.last_opened, bouncer.act);
  CHECK(bouncer.act.take() == Log{"grant w1 c2", "open c3"});
}

TEST_CASE("without a server and with a failed login behind it a newcomer is thrown out") {
  Started bouncer(size(2));
  bouncer.pool.on_lost(bouncer.now, bouncer.first, bouncer.act);
  bouncer.ask(0);
  CHECK(bouncer.act.take() == Log{"close c1", "open c2"});
  bouncer.now += 1s;
  bouncer.pool.on_open_failed(bouncer.now, bouncer.act.last_opened, bouncer.act);
  bouncer.ask(1);
  CHECK(bouncer.act.take() == Log{"failed w1"});  // w0 goes on waiting
  CHECK(bouncer.pool.refusal_text(Refusal::connect_failed) ==
        "server login has been failing, try again later (server_login_retry)");
  bouncer.now += 14s;  // 15 s from the start of the failed login
  bouncer.ask(2);
  CHECK(bouncer.act.take() == Log{"failed w2", "open c3"});
  bouncer.pool.on_opened(bouncer.now, bouncer.act.last_opened, bouncer.act);
  CHECK(bouncer.act.take() == Log{"grant w0 c3"});
}

TEST_CASE("a reset under way counts as a server for the first waiter: nobody connects for it") {
  PgBouncerConfig config = size(2);
  config.session_mode = true;
  Started bouncer(config);
  bouncer.ask(0);
  bouncer.pool.on_release(bouncer.now, bouncer.first, Condition::clean, bouncer.act);
  bouncer.pool.on_client_gone(bouncer.now, {0}, bouncer.act);
  bouncer.ask(1);
  CHECK(bouncer.act.take() == Log{"grant w0 c1", "reset c1"});
  bouncer.ask(2);
  CHECK(bouncer.act.take() == Log{"open c2"});
  bouncer.pool.on_reset(bouncer.now, bouncer.first, true, bouncer.act);
  CHECK(bouncer.act.take() == Log{"grant w1 c1"});
}

TEST_CASE("a session that leaves within a transaction takes its server with it") {
  PgBouncerConfig config = size(1);
  config.session_mode = true;
  Started bouncer(config);
  bouncer.ask(0);
  bouncer.pool.on_release(bouncer.now, bouncer.first, Condition::in_transaction, bouncer.act);
  bouncer.ask(1);
  bouncer.pool.on_client_gone(bouncer.now, {0}, bouncer.act);
  CHECK(bouncer.act.take() == Log{"grant w0 c1", "close c1", "open c2"});
}

TEST_CASE("closings for age keep their distance") {
  PgBouncerConfig config = size(2);
  config.server_lifetime = 10s;
  Started bouncer(config);
  bouncer.ask(0);
  bouncer.ask(1);
  const ConnId second = bouncer.act.last_opened;
  bouncer.pool.on_opened(bouncer.now, second, bouncer.act);
  bouncer.act.take();
  bouncer.now += 11s;
  bouncer.pool.on_release(bouncer.now, bouncer.first, Condition::clean, bouncer.act);
  CHECK(bouncer.act.take() == Log{"close c1"});
  bouncer.pool.on_release(bouncer.now, second, Condition::clean, bouncer.act);
  CHECK(bouncer.act.take() == Log{});
  bouncer.now += 4s;
  bouncer.pool.on_tick(bouncer.now, bouncer.act);
  CHECK(bouncer.act.take() == Log{});
  bouncer.now += 1s;  // server_lifetime / pool_size after the first
  bouncer.pool.on_tick(bouncer.now, bouncer.act);
  CHECK(bouncer.act.take() == Log{"close c2"});
}

TEST_CASE("the reserve opens for the first waiter's wait only") {
  PgBouncerConfig config = size(1);
  config.reserve_pool_size = 1;
  Started bouncer(config);
  bouncer.ask(0);
  bouncer.ask(1);
  bouncer.now += 4999ms;
  bouncer.ask(2);
  CHECK(bouncer.act.take() == Log{"grant w0 c1"});
  bouncer.now += 1ms;
  bouncer.pool.on_tick(bouncer.now, bouncer.act);
  CHECK(bouncer.act.take() == Log{"open c2"});
}

TEST_CASE("a login that hangs is dropped after server_connect_timeout") {
  Started bouncer(size(2));
  bouncer.ask(0);
  bouncer.ask(1);
  bouncer.now += 15s;
  bouncer.pool.on_tick(bouncer.now, bouncer.act);
  CHECK(bouncer.act.take() == Log{"grant w0 c1", "open c2"});
  bouncer.now += 1ms;
  bouncer.pool.on_tick(bouncer.now, bouncer.act);
  CHECK(bouncer.act.take() == Log{"abandon c2", "open c3"});
}

TEST_CASE("ten thousand waiters who all give up cost no more than their number") {
  Started bouncer(size(1));
  constexpr std::uint32_t kMany = 10'000;
  for (std::uint32_t who = 0; who <= kMany; ++who) bouncer.ask(who);
  for (std::uint32_t who = kMany; who > 0; --who) {
    bouncer.pool.on_give_up(bouncer.now, waiter(who), bouncer.act);
  }
  CHECK(bouncer.act.take().size() == kMany + 1);
  CHECK(bouncer.pool.counts().waiting == 0);
}

TEST_CASE("the pooler's options know the two names of its size, and what came later") {
  PoolSpec spec;
  spec.kind = "pgbouncer";
  CHECK(pool_capacity(spec, 1000) == 20);
  spec.set("default_pool_size", std::int64_t{7});
  CHECK(pool_capacity(spec, 1000) == 7);
  spec.set("reserve_pool_size", std::int64_t{3});
  CHECK(pool_capacity(spec, 1000) == 10);
  spec.set("pool_size", std::int64_t{2});  // the database's own wins
  CHECK(pool_capacity(spec, 1000) == 5);
  CHECK(pool_permanent_size(spec) == 2);
  CHECK_FALSE(check_options(spec));
  spec.set("pool_size", std::int64_t{0});
  CHECK(check_options(spec));
  spec.set("version", std::string("1.24"));
  CHECK_FALSE(check_options(spec));
  CHECK(pool_capacity(spec, std::nullopt) == std::nullopt);
  spec.set("max_db_connections", std::int64_t{50});
  CHECK(pool_capacity(spec, 1000) == 50);
}

}  // namespace
}  // namespace poolgauge
