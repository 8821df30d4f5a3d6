// Direct connections for those a pool refuses.
#include "policy/fallback_pool.h"

#include <catch2/catch.hpp>

#include "policy_orders.h"
#include "poolgauge/policies.h"

namespace poolgauge {
namespace {

using namespace test;

PoolSpec queue_pool(bool fallback) {
  PoolSpec spec;
  spec.kind = "sqlalchemy";
  spec.set("pool_size", std::int64_t{1});
  spec.set("max_overflow", std::int64_t{0});
  spec.set("reset_on_return", std::string("none"));
  if (fallback) spec.set("fallback", std::string("direct"));
  return spec;
}

/// A pool of one connection that w0 holds; w1 has timed out and is connecting directly.
struct Refused {
  Refused() : pool(make_policy(queue_pool(true))) {
    pool->on_acquire(now, w0, {0}, act);
    pool->on_opened(now, c1, act);
    pool->on_acquire(now, w1, {1}, act);
    act.take();
    pool->on_deadline(now, w1, act);
  }
  std::unique_ptr<PoolPolicy> pool;
  OrderLog act;
  TimePoint now{};
  WaiterId w0{0, 1}, w1{1, 1}, w2{2, 1};
  ConnId c1{0, 1}, c2{1, 2};
};

TEST_CASE("whom the pool refuses connects directly, and closes at its return", "[fallback]") {
  Refused at;
  CHECK(at.act.take() == Orders{"unpark w1", "open c2 for w1"});
  CHECK(at.act.last_opened.slot == 1);
  CHECK(at.pool->counts().open == 2);
  CHECK(at.pool->counts().checked_out == 2);
  CHECK(at.pool->counts().waiting == 0);
  CHECK(statistic(*at.pool, "direct") == 0);
  at.pool->on_opened(at.now, at.c2, at.act);
  CHECK(at.act.take() == Orders{"grant w1 c2"});
  CHECK(statistic(*at.pool, "direct") == 1);
  CHECK(statistic(*at.pool, "checkedout") == 1);  // the library's own figures know nothing of it
  at.pool->on_release(at.now, at.c2, Condition::in_transaction, at.act);
  CHECK(at.act.take() == Orders{"close c2"});
  CHECK(at.pool->counts().open == 1);
  CHECK(statistic(*at.pool, "direct") == 1);
}

TEST_CASE("names of the pool's connections and of direct ones never meet", "[fallback]") {
  Refused at;
  at.act.take();
  // The pool's own connection breaks while the direct one is being made.
  at.pool->on_release(at.now, at.c1, Condition::broken, at.act);
  CHECK(at.act.take() == Orders{"close c1"});
  at.pool->on_acquire(at.now, at.w2, {2}, at.act);
  CHECK(at.act.take() == Orders{"open c3 for w2"});
  CHECK(at.act.last_opened.slot == 0);  // reused: the inner pool calls it its second, slot 0
  at.pool->on_opened(at.now, at.c2, at.act);
  at.pool->on_opened(at.now, {0, 3}, at.act);
  CHECK(at.act.take() == Orders{"grant w1 c2", "grant w2 c3"});
  at.pool->on_release(at.now, at.c2, Condition::clean, at.act);
  at.pool->on_release(at.now, {0, 3}, Condition::clean, at.act);
  CHECK(at.act.take() == Orders{"close c2"});
  CHECK(at.pool->counts().idle == 1);
}

TEST_CASE("who gives up while connecting directly leaves nothing behind", "[fallback]") {
  Refused at;
  at.act.take();
  at.pool->on_give_up(at.now, at.w1, at.act);
  CHECK(at.act.take() == Orders{"gave up w1"});
  // Its slot among the waiters is used by somebody else by now, who waits for the pool.
  const WaiterId next{1, 2};
  at.pool->on_acquire(at.now, next, {2}, at.act);
  at.act.take();
  at.pool->on_opened(at.now, at.c2, at.act);
  CHECK(at.act.take() == Orders{"close c2"});
  CHECK(at.pool->counts().open == 1);
  at.pool->on_give_up(at.now, next, at.act);
  CHECK(at.act.take() == Orders{"gave up w1"});
}

TEST_CASE("a direct connect that fails, too, is the end of it", "[fallback]") {
  Refused at;
  at.act.take();
  at.pool->on_open_failed(at.now, at.c2, at.act);
  CHECK(at.act.take() == Orders{"failed w1"});
  CHECK(at.pool->counts().open == 1);
  CHECK(statistic(*at.pool, "direct") == 0);
}

TEST_CASE("a failed connect of the pool is tried once more, directly", "[fallback]") {
  const auto pool = make_policy(queue_pool(true));
  OrderLog act;
  pool->on_acquire({}, {0, 1}, {0}, act);
  pool->on_open_failed({}, {0, 1}, act);
  CHECK(act.take() == Orders{"open c1 for w0", "unpark w0", "open c2 for w0"});
  CHECK(act.last_opened.slot == 0);
}

TEST_CASE("a call for a waiter the pool has given up finds it connecting", "[fallback]") {
  PoolSpec spec = queue_pool(true);
  spec.kind = "sqlalchemy-async";
  const auto pool = make_policy(spec);
  OrderLog act;
  const WaiterId w1{1, 1};
  pool->on_acquire({}, {0, 1}, {0}, act);
  pool->on_opened({}, {0, 1}, act);
  pool->on_acquire({}, w1, {1}, act);  // looks again in a task of its own
  pool->on_deadline({}, w1, act);
  act.take();
  pool->on_wake({}, w1, act);
  pool->on_deadline({}, w1, act);
  CHECK(act.take().empty());
}

TEST_CASE("which kinds can fall back, and what it means for their capacity", "[fallback]") {
  for (const KindInfo* kind : pool_kinds()) {
    INFO(kind->name);
    const bool limited =
        kind->name != "none" && kind->name != "fixed" && kind->name != "sqlalchemy-null";
    const auto& options = kind->options;
    const auto count = std::count_if(options.begin(), options.end(),
                                     [](const OptionInfo& o) { return o.name == "fallback"; });
    CHECK(count == (limited ? 1 : 0));
  }
  CHECK(pool_capacity(queue_pool(false), 100) == 1);
  CHECK(pool_capacity(queue_pool(true), 100) == 101);
  CHECK(pool_capacity(queue_pool(true), std::nullopt) == std::nullopt);
  CHECK(pool_capacity(queue_pool(true), 0) == 1);
  CHECK(pool_limit(queue_pool(true), 100) == 1);
  CHECK(pool_permanent_size(queue_pool(true)) == 1);
}

}  // namespace
}  // namespace poolgauge
