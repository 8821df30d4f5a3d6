// Decisions of asyncpg's pool that need one exact order of events.
#include "policy/asyncpg/asyncpg_pool.h"

#include <catch2/catch.hpp>

#include "policy_orders.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using test::Orders;

/// A pool without limits of time, unless a test sets one. Connections are in order of their slots.
struct Bench {
  explicit Bench(const AsyncpgConfig& config) : pool(config) {}
  Bench(std::int64_t min_size, std::int64_t max_size, Duration timeout = Duration{-1})
      : Bench(AsyncpgConfig{min_size, max_size, 50000, Duration{0}, timeout, true}) {}
  Orders acquire(std::uint32_t who) {
    pool.on_acquire(now, WaiterId{who, 1}, ClientId{who}, act);
    return act.take();
  }
  Orders wake(std::uint32_t who) {
    pool.on_wake(now, WaiterId{who, 1}, act);
    return act.take();
  }
  Orders give_back(std::uint32_t number) {
    const ConnId conn{number - 1, number};
    pool.on_release(now, conn, Condition::clean, act);
    pool.on_reset(now, conn, true, act);
    return act.take();
  }
  Orders opened(std::uint32_t number) {
    pool.on_opened(now, ConnId{number - 1, number}, act);
    return act.take();
  }
  AsyncpgPool pool;
  test::OrderLog act{test::OrderLog::Times::written};
  TimePoint now{};
};

/// One connection, held by w0; w1 and w2 wait in this order.
struct Waiting : Bench {
  Waiting() : Bench(1, 1) {
    pool.on_start(now, act);
    opened(1);
    for (std::uint32_t who = 0; who < 3; ++who) acquire(who);
  }
};

TEST_CASE("the first connection alone, then the others; nobody is served before all have ended",
          "[policy]") {
  Bench at(3, 4);
  at.pool.on_start(at.now, at.act);
  CHECK(at.act.take() == Orders{"open c1"});
  CHECK(at.acquire(0).empty());
  CHECK(at.opened(1) == Orders{"open c2", "open c3"});
  CHECK(at.opened(3).empty());
  CHECK(at.pool.counts().waiting == 1);
  CHECK(at.opened(2) == Orders{"wake w0"});
  CHECK(at.wake(0) == Orders{"grant w0 c1"});
  CHECK(at.pool.counts().idle == 2);
}

TEST_CASE("when the first connect fails no others follow, and callers connect for themselves",
          "[policy]") {
  Bench at(3, 3);
  at.pool.on_start(at.now, at.act);
  at.acquire(0);
  at.act.take();
  at.pool.on_open_failed(at.now, ConnId{0, 1}, at.act);
  CHECK(at.act.take() == Orders{"wake w0"});
  CHECK(at.wake(0) == Orders{"open c2 for w0"});
}

TEST_CASE("who asks between a return and the woken waiter's turn takes the connection",
          "[policy]") {
  Waiting at;
  CHECK(at.give_back(1) == Orders{"reset c1", "wake w1"});
  CHECK(at.acquire(3) == Orders{"grant w3 c1"});
  CHECK(at.wake(1).empty());
  CHECK(at.give_back(1) == Orders{"reset c1", "wake w2"});  // w1 is at the back now
  CHECK(at.wake(2) == Orders{"grant w2 c1"});
}

TEST_CASE("who has just returned it looks after the waiter it has woken", "[policy]") {
  Waiting at;
  at.give_back(1);
  CHECK(at.acquire(0) == Orders{"wake w0"});
  CHECK(at.wake(1) == Orders{"grant w1 c1"});
  CHECK(at.wake(0).empty());
  CHECK(at.pool.counts().waiting == 2);
}

TEST_CASE("with a timeout, Python 3.11 looks in a new task, 3.12 at once", "[policy]") {
  const bool in_new_task = GENERATE(true, false);
  Bench at(AsyncpgConfig{0, 1, 50000, Duration{0}, 100ms, in_new_task});
  at.pool.on_start(at.now, at.act);
  const Orders orders = at.acquire(0);
  CHECK(orders ==
        (in_new_task ? Orders{"park w0 100", "wake w0"} : Orders{"park w0 100", "open c1 for w0"}));
}

TEST_CASE("without any time an acquire fails at once, connection or not", "[policy]") {
  Bench at(1, 1, Duration{0});
  at.pool.on_start(at.now, at.act);
  at.opened(1);
  CHECK(at.acquire(0) == Orders{"timeout w0"});
}

TEST_CASE("a waiter that was called and leaves passes the call on", "[policy]") {
  Waiting at;
  at.give_back(1);
  at.pool.on_give_up(at.now, WaiterId{1, 1}, at.act);
  CHECK(at.act.take() == Orders{"gave up w1", "wake w2"});
  CHECK(at.wake(2) == Orders{"grant w2 c1"});
}

TEST_CASE("a deadline during the connect breaks it off and gives the holder to the next",
          "[policy]") {
  Bench at(AsyncpgConfig{0, 1, 50000, Duration{0}, 100ms, false});
  at.pool.on_start(at.now, at.act);
  at.acquire(0);
  at.acquire(1);
  at.pool.on_deadline(at.now, WaiterId{0, 1}, at.act);
  CHECK(at.act.take() == Orders{"timeout w0", "abandon c1", "wake w1"});
  CHECK(at.wake(1) == Orders{"open c2 for w1"});
  CHECK(at.pool.counts().open == 1);
}

TEST_CASE("a failed reset closes the connection and leaves its holder to the next", "[policy]") {
  Waiting at;
  at.pool.on_release(at.now, ConnId{0, 1}, Condition::in_transaction, at.act);
  at.pool.on_reset(at.now, ConnId{0, 1}, false, at.act);
  CHECK(at.act.take() == Orders{"reset c1", "close c1", "wake w1"});
  CHECK(at.wake(1) == Orders{"open c2 for w1"});
}

TEST_CASE("at max_queries a return closes instead of resetting", "[policy]") {
  Bench at(AsyncpgConfig{1, 1, 4, Duration{0}, Duration{-1}, true});
  at.pool.on_start(at.now, at.act);
  at.opened(1);
  at.acquire(0);
  CHECK(at.give_back(1) == Orders{"reset c1"});
  at.acquire(0);
  at.pool.on_release(at.now, ConnId{0, 1}, Condition::clean, at.act);
  CHECK(at.act.take() == Orders{"close c1"});
  CHECK(at.acquire(0) == Orders{"open c2 for w0"});  // and counts from 0
  at.pool.on_opened(at.now, ConnId{0, 2}, at.act);
  at.act.take();
  at.pool.on_release(at.now, ConnId{0, 2}, Condition::clean, at.act);
  CHECK(at.act.take() == Orders{"reset c2"});
}

TEST_CASE("an idle timer that was cancelled closes nothing when its tick comes", "[policy]") {
  Bench at(AsyncpgConfig{2, 2, 50000, 300ms, Duration{-1}, true});
  at.pool.on_start(at.now, at.act);
  at.act.take();
  CHECK(at.opened(1) == Orders{"tick 300", "open c2"});
  at.now += 10ms;
  CHECK(at.opened(2).empty());
  CHECK(at.acquire(0) == Orders{"grant w0 c1"});
  at.now = TimePoint{300ms};
  at.pool.on_tick(at.now, at.act);
  CHECK(at.act.take() == Orders{"tick 310"});
  at.now = TimePoint{310ms};
  at.pool.on_tick(at.now, at.act);
  CHECK(at.act.take() == Orders{"close c2"});
}

TEST_CASE("asyncpg's own rule between its sizes is enforced, with its words", "[policy]") {
  PoolSpec spec;
  spec.kind = "asyncpg";
  CHECK_FALSE(check_options(spec).has_value());
  spec.set("max_size", std::int64_t{5});  // min_size is 10 unless given
  CHECK(check_options(spec) == "min_size is greater than max_size");
}

}  // namespace
}  // namespace poolgauge
