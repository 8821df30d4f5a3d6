// Decisions of pg-pool, and of Prisma's own pool, that need one exact order of events.
#include "policy/node_postgres/node_postgres_pool.h"

#include <catch2/catch.hpp>

#include "policy/prisma/prisma_pool.h"
#include "policy_orders.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using test::Orders;

/// Drives one policy; connections are in order of their slots.
template <typename Policy>
struct Bench {
  template <typename Config>
  explicit Bench(const Config& config) : pool(config) {}
  Orders acquire(std::uint32_t who) {
    pool.on_acquire(now, WaiterId{who, 1}, ClientId{who}, act);
    return act.take();
  }
  Orders opened(ConnId conn) {
    pool.on_opened(now, conn, act);
    return act.take();
  }
  Orders give_back(ConnId conn, Condition condition = Condition::clean) {
    pool.on_release(now, conn, condition, act);
    return act.take();
  }
  Orders deadline(std::uint32_t who) {
    pool.on_deadline(now, WaiterId{who, 1}, act);
    return act.take();
  }
  Orders give_up(std::uint32_t who) {
    pool.on_give_up(now, WaiterId{who, 1}, act);
    return act.take();
  }
  Orders tick_at(Duration at) {
    now = TimePoint{at};
    pool.on_tick(now, act);
    return act.take();
  }
  Policy pool;
  test::OrderLog act{test::OrderLog::Times::written};
  TimePoint now{};
  ConnId c1{0, 1};
};

NodePostgresConfig one_client(Duration limit = Duration{0}) {
  NodePostgresConfig config;
  config.max = 1;
  config.idle_timeout = Duration{0};
  config.connection_timeout = limit;
  return config;
}
using Node = Bench<NodePostgresPool>;
using Prisma = Bench<PrismaPool>;

TEST_CASE("a return goes to the first in the queue, whoever asks next", "[policy]") {
  Node at(one_client());
  CHECK(at.acquire(0) == Orders{"open c1 for w0"});
  CHECK(at.opened(at.c1) == Orders{"grant w0 c1"});
  at.acquire(1);
  at.acquire(2);
  CHECK(at.give_back(at.c1) == Orders{"grant w1 c1"});
  CHECK(at.acquire(0).empty());
  CHECK(at.give_back(at.c1) == Orders{"grant w2 c1"});
}

TEST_CASE("an open transaction goes to the next user as it is", "[policy]") {
  Node at(one_client());
  at.acquire(0);
  at.opened(at.c1);
  at.acquire(1);
  CHECK(at.give_back(at.c1, Condition::in_transaction) == Orders{"grant w1 c1"});
}

TEST_CASE("a failed connect serves the queue before its requester is told", "[policy]") {
  Node at(one_client());
  at.acquire(0);
  at.acquire(1);
  at.pool.on_open_failed(at.now, at.c1, at.act);
  CHECK(at.act.take() == Orders{"open c2 for w1", "failed w0"});
}

TEST_CASE("the limit of a client opened directly breaks the connect off", "[policy]") {
  Node at(one_client(100ms));
  CHECK(at.acquire(0) == Orders{"open c1 for w0", "tick 100"});
  CHECK(at.acquire(1) == Orders{"park w1 100"});
  CHECK(at.tick_at(100ms) == Orders{"abandon c1", "open c2 for w1", "tick 200", "timeout w0"});
  CHECK(at.pool.refusal_text(Refusal::timeout) ==
        "Connection terminated due to connection timeout");
  CHECK(at.deadline(1) == Orders{"timeout w1"});  // served too late: its connect goes on
  CHECK(at.pool.refusal_text(Refusal::timeout) == "timeout exceeded when trying to connect");
  CHECK(at.pool.counts().open == 1);
  CHECK(at.pool.counts().checked_out == 0);
  at.acquire(2);
  CHECK(at.opened(ConnId{0, 2}) == Orders{"grant w2 c2"});
}

TEST_CASE("who gives up leaves its connect to the pool", "[policy]") {
  NodePostgresConfig config = one_client();
  config.max_uses = 2;
  Node at(config);
  at.acquire(0);
  CHECK(at.give_up(0) == Orders{"gave up w0"});
  CHECK(at.opened(at.c1).empty());
  CHECK(at.pool.counts().idle == 1);
  CHECK(at.acquire(1) == Orders{"grant w1 c1"});
  CHECK(at.give_back(at.c1) == Orders{"close c1"});  // nobody's checkout was counted as well
}

TEST_CASE("an idle client spared by min keeps no timer until it has been used again", "[policy]") {
  NodePostgresConfig config;
  config.max = 2;
  config.min = 1;
  config.idle_timeout = 100ms;
  Node at(config);
  const ConnId c2{1, 2};
  at.acquire(0);
  at.acquire(1);
  at.opened(at.c1);
  at.opened(c2);
  CHECK(at.give_back(at.c1) == Orders{"tick 100"});
  CHECK(at.give_back(c2).empty());
  CHECK(at.tick_at(100ms) == Orders{"close c1"});  // c2's timer ended with it, and spared it
  CHECK(at.acquire(0) == Orders{"grant w0 c2"});
  CHECK(at.acquire(1) == Orders{"open c3 for w1"});
  at.opened(ConnId{0, 3});
  CHECK(at.give_back(c2) == Orders{"tick 200"});
}

TEST_CASE("a lifetime ends an idle client at once, and a used one at its return", "[policy]") {
  NodePostgresConfig config = one_client();
  config.max_lifetime = 1s;
  Node at(config);
  at.acquire(0);
  CHECK(at.opened(at.c1) == Orders{"tick 1000", "grant w0 c1"});
  CHECK(at.tick_at(1s).empty());
  CHECK(at.pool.statistics().back() == PoolStatistic{"expiredCount", 1});
  at.acquire(1);
  CHECK(at.give_back(at.c1) == Orders{"close c1", "open c2 for w1"});
  CHECK(at.opened(ConnId{0, 2}) == Orders{"tick 2000", "grant w1 c2"});
  at.give_back(ConnId{0, 2});
  CHECK(at.tick_at(2s) == Orders{"close c2"});
}

TEST_CASE("Prisma's pool opens one connection, and its limit breaks a connect off", "[policy]") {
  Prisma at(PrismaConfig{3, 100ms});
  at.pool.on_start(at.now, at.act);
  CHECK(at.act.take() == Orders{"open c1"});
  CHECK(at.acquire(0) == Orders{"park w0 100", "open c2 for w0"});
  CHECK(at.deadline(0) == Orders{"abandon c2", "timeout w0"});
  CHECK(at.pool.refusal_text(Refusal::timeout).find("timeout: 0.1, connection limit: 3") !=
        std::string::npos);
  CHECK(at.pool.counts().open == 1);
  CHECK(at.opened(at.c1).empty());
  CHECK(at.acquire(1) == Orders{"park w1 100", "grant w1 c1"});
  CHECK(at.give_back(at.c1, Condition::in_transaction) == Orders{"reset c1"});
}

TEST_CASE("Prisma's options belong to its versions, and defaults to both", "[policy]") {
  PoolSpec spec;
  spec.kind = "prisma";
  CHECK(pool_capacity(spec, std::nullopt) == 9);
  spec.set("max", std::int64_t{10});  // as a resolved scenario writes it
  CHECK_FALSE(check_options(spec).has_value());
  spec.set("max", std::int64_t{20});
  CHECK(check_options(spec).has_value());
  spec.set("version", std::string("v7"));
  CHECK_FALSE(check_options(spec).has_value());
  CHECK(pool_capacity(spec, std::nullopt) == 20);
  spec.set("pool_timeout", Duration{5s});
  CHECK(check_options(spec).has_value());
}

}  // namespace
}  // namespace poolgauge
