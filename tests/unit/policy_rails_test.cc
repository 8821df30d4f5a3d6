// Decisions of Rails' pool that need one exact order of events.
#include "policy/rails/rails_pool.h"

#include <catch2/catch.hpp>

#include "policy_orders.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using Log = test::Orders;

struct World {
  explicit World(const RailsConfig& config) : pool(config, 1) { pool.on_start(now, act); }
  static RailsConfig config(std::int64_t most, bool lazy = true) {
    RailsConfig config;
    config.max_connections = most;
    config.lazy = lazy;
    config.maintains = lazy;
    return config;
  }
  static WaiterId waiter(std::uint32_t slot) { return {slot, 1}; }
  void ask(std::uint32_t slot) { pool.on_acquire(now, waiter(slot), {slot}, act); }
  void wake(std::uint32_t slot) { pool.on_wake(now, waiter(slot), act); }
  void give_back(ConnId conn, Condition condition = Condition::clean) {
    pool.on_release(now, conn, condition, act);
  }
  void tick() {
    now = act.tick;
    act.take();
    pool.on_tick(now, act);
  }
  RailsPool pool;
  test::OrderLog act;
  TimePoint now{};
  ConnId c1{0, 1}, c2{1, 2}, c3{2, 3};
};

TEST_CASE("a Rails checkout opens no socket", "[policy]") {
  World at(World::config(2));
  at.ask(0);
  at.ask(1);
  at.ask(2);
  CHECK(at.act.take() == Log{"grant w0 c1", "grant w1 c2", "park w2"});
  CHECK(at.act.parked_until == TimePoint{} + 5s);
}

TEST_CASE("a newcomer does not pass a thread that was called", "[policy]") {
  World at(World::config(1));
  at.ask(0);
  at.ask(1);
  at.act.take();
  at.give_back(at.c1);
  at.ask(0);
  CHECK(at.act.take() == Log{"wake w1", "park w0"});
  at.wake(1);
  CHECK(at.act.take() == Log{"grant w1 c1"});
}

TEST_CASE("which connection a called thread gets is settled when it runs", "[policy]") {
  World at(World::config(2));
  for (std::uint32_t slot : {0U, 1U, 2U, 3U}) at.ask(slot);
  at.act.take();
  at.give_back(at.c1);
  at.give_back(at.c2);
  at.wake(2);
  at.wake(3);
  CHECK(at.act.take() == Log{"wake w2", "wake w3", "grant w2 c2", "grant w3 c1"});
}

TEST_CASE("a thread whose time is up takes what is there; the one that was called waits on",
          "[policy]") {
  World at(World::config(1));
  for (std::uint32_t slot : {0U, 1U, 2U, 3U}) at.ask(slot);
  at.give_back(at.c1);  // calls 1
  at.act.take();
  at.pool.on_deadline(at.now, World::waiter(2), at.act);
  CHECK(at.act.take() == Log{"grant w2 c1"});
  at.wake(1);
  at.give_back(at.c1);
  CHECK(at.act.take() == Log{"wake w3"});  // 1 stands behind it now
}

TEST_CASE("a lost connection leaves its adapter in the pool", "[policy]") {
  World at(World::config(1));
  at.ask(0);
  at.give_back(at.c1, Condition::broken);
  CHECK(at.pool.counts().open == 1);
  at.ask(0);
  CHECK(at.act.take() == Log{"grant w0 c1", "close c1", "grant w0 c2"});
}

TEST_CASE("a return sends nothing even within a transaction", "[policy]") {
  World at(World::config(1));
  at.ask(0);
  at.act.take();
  at.give_back(at.c1, Condition::in_transaction);
  CHECK(at.act.take().empty());
}

TEST_CASE("Rails 7.0 connects and tests in the checkout", "[policy]") {
  World at(World::config(1, false));
  at.ask(0);
  at.pool.on_opened(at.now, at.c1, at.act);
  at.pool.on_checked(at.now, at.c1, true, at.act);
  CHECK(at.act.take() == Log{"unpark w0", "open c1 for w0", "check c1", "grant w0 c1"});
  at.give_back(at.c1);
  at.ask(0);
  at.pool.on_checked(at.now, at.c1, false, at.act);
  CHECK(at.act.take() == Log{"unpark w0", "check c1", "close c1", "open c2 for w0"});
  at.pool.on_opened(at.now, at.act.last_opened, at.act);
  CHECK(at.act.take() == Log{"grant w0 c2"});
}

TEST_CASE("a reconnect that fails makes room for one that waits, a first connect does not",
          "[policy]") {
  World at(World::config(1, false));
  at.ask(0);
  at.ask(1);
  at.act.take();
  at.pool.on_open_failed(at.now, at.c1, at.act);
  CHECK(at.act.take() == Log{"failed w0"});
  at.ask(0);
  const ConnId c2 = at.act.last_opened;
  at.pool.on_opened(at.now, c2, at.act);
  at.pool.on_checked(at.now, c2, false, at.act);
  at.act.take();
  at.pool.on_open_failed(at.now, at.act.last_opened, at.act);
  CHECK(at.act.take() == Log{"failed w0", "open c4"});
  at.pool.on_opened(at.now, at.act.last_opened, at.act);
  CHECK(at.act.take() == Log{"wake w1"});
}

TEST_CASE("the reaper closes what was idle longest, down to min_connections", "[policy]") {
  RailsConfig config = World::config(3);
  config.min_connections = 1;
  config.idle_timeout = 10s;
  World at(config);
  for (std::uint32_t slot : {0U, 1U, 2U}) at.ask(slot);
  at.give_back(at.c2);
  at.now += 1s;
  at.give_back(at.c1);
  at.now += 1s;
  at.give_back(at.c3);
  at.tick();
  CHECK(at.now == TimePoint{} + 20s);
  CHECK(at.act.take() == Log{"close c2", "close c1"});
}

TEST_CASE("the reaper fills up and connects one after the other, once the pool is used",
          "[policy]") {
  RailsConfig config = World::config(3);
  config.min_connections = 3;
  World at(config);
  at.tick();
  CHECK(at.act.take().empty());
  at.ask(0);
  at.tick();
  const ConnId first = at.act.last_opened;
  CHECK(at.act.take().size() == 1);
  at.ask(1);  // the other new one is idle
  at.ask(2);  // waits for the one that is being connected rather than fail
  CHECK(at.act.take() == Log{"grant w1 c3", "park w2"});
  CHECK(at.act.parked_until == at.now + 100s);
  at.pool.on_opened(at.now, first, at.act);
  at.wake(2);
  CHECK(at.act.take() == Log{"wake w2", "grant w2 c2"});
}

TEST_CASE("the old name of max_connections, and the text of its timeout", "[policy]") {
  PoolSpec spec;
  spec.kind = "rails";
  spec.set("pool", std::int64_t{7});
  CHECK(pool_capacity(spec, 100) == 7);
  spec.set("max_connections", std::int64_t{-1});
  CHECK(check_options(spec).has_value());
  CHECK(make_policy(spec)->refusal_text(Refusal::timeout) ==
        "could not obtain a connection from the pool within 5.000 seconds (waited 5.000 seconds); "
        "all pooled connections were in use");
  PoolSpec old;
  old.kind = "rails";
  old.set("version", std::string("7.2"));
  old.set("min_connections", std::int64_t{1});
  CHECK(check_options(old) == "min_connections needs Rails 8.1 or later");
}

}  // namespace
}  // namespace poolgauge
