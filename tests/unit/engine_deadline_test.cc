// Deadlines of a pool's waiters: each comes at its time, also where a policy sets another then.
#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;

/// Serves nobody: the first waiter's short limit is replaced by a long one when it comes (as
/// psycopg_pool's pause between two tests is), the others have the long one from the start.
class SecondThoughts final : public PoolPolicy {
 public:
  static constexpr Duration kShort = 1s;
  static constexpr Duration kLong = 30s;

  void on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) override {
    ++waiting_;
    const bool first = client.value == 1;
    if (first) reconsiders_ = waiter;
    act.park(waiter, now + (first ? kShort : kLong));
  }
  void on_deadline(TimePoint now, WaiterId waiter, Actions& act) override {
    if (waiter == reconsiders_) {
      reconsiders_ = {};
      return act.park(waiter, now + kLong);
    }
    --waiting_;
    act.refuse(waiter, Refusal::timeout);
  }
  void on_wake(TimePoint, WaiterId, Actions&) override {}
  void on_give_up(TimePoint, WaiterId, Actions&) override {}
  void on_release(TimePoint, ConnId, Condition, Actions&) override {}
  void on_opened(TimePoint, ConnId, Actions&) override {}
  void on_open_failed(TimePoint, ConnId, Actions&) override {}
  void on_checked(TimePoint, ConnId, bool, Actions&) override {}
  void on_reset(TimePoint, ConnId, bool, Actions&) override {}
  PoolCounts counts() const override {
    PoolCounts counts;
    counts.waiting = waiting_;
    return counts;
  }
  std::string refusal_text(Refusal) const override { return "refused"; }

 private:
  WaiterId reconsiders_;
  std::int64_t waiting_ = 0;
};

struct DeadlineWorld : ManualWorld {
  StopList stops;
  ScriptedServer server{loop};
  AppLoop app{loop, stops, {}, 0};
  Pool pool{scope, stops, server, app, std::make_unique<SecondThoughts>(), 0, nullptr};
};

Task<> wait(DeadlineWorld& world, std::uint32_t number, TimePoint& refused) {
  Patience patience(world.loop, world.stops);
  const ClientId client{number};
  Acquired acquired = co_await world.pool.acquire(client, patience);
  CHECK(acquired.refusal == Refusal::timeout);
  refused = world.loop.now();
}

TEST_CASE("a deadline set when another one comes is waited for", "[deadline]") {
  DeadlineWorld world;
  TimePoint refused;
  world.scope.spawn(wait(world, 1, refused));
  world.run();
  CHECK(refused == at(31s));
}

TEST_CASE("nobody else's deadline comes early when one is set at another's", "[deadline]") {
  DeadlineWorld world;
  TimePoint first;
  TimePoint other;
  world.scope.spawn(wait(world, 1, first));
  world.scope.spawn(wait(world, 2, other));
  world.run();
  CHECK(first == at(31s));
  CHECK(other == at(30s));
}

}  // namespace
}  // namespace poolgauge
