// Decisions of SQLAlchemy's queue pools that need one exact order of events.
#include "policy/sqlalchemy/sqlalchemy_queue_pool.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace poolgauge {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

/// Writes orders down: "grant w1 c1", "wake w2", ...
class WrittenDown final : public Actions {
 public:
  void grant(WaiterId w, ConnId c) override { add("grant " + name(w) + " " + name(c)); }
  void refuse(WaiterId w, Refusal why) override {
    add((why == Refusal::timeout ? "timeout " : "refuse ") + name(w));
  }
  void park(WaiterId w, TimePoint) override { add("park " + name(w)); }
  void unpark(WaiterId) override {}
  void wake(WaiterId w) override { add("wake " + name(w)); }
  void open(ConnId c, const WaiterId*) override { add("open " + name(c)); }
  void abandon(ConnId c) override { add("abandon " + name(c)); }
  void close(ConnId c, CloseReason) override { add("close " + name(c)); }
  void check(ConnId c) override { add("check " + name(c)); }
  void reset(ConnId c) override { add("reset " + name(c)); }
  void tick_at(TimePoint) override {}
  Log take() { return std::exchange(log_, {}); }

 private:
  static std::string name(WaiterId w) { return "w" + std::to_string(w.slot); }
  static std::string name(ConnId c) { return "c" + std::to_string(c.number); }
  void add(const std::string& order) { log_.push_back(order); }
  Log log_;
};

/// A pool of one connection, held by w0; w1 and w2 wait in this order.
struct Waiting {
  explicit Waiting(QueuePoolConfig::World world) : pool(config(world)) {
    pool.on_acquire(now, w0, {0}, act);
    pool.on_opened(now, c1, act);
    pool.on_acquire(now, w1, {1}, act);
    pool.on_wake(now, w1, act);  // 3.11 looks in a task of its own
    pool.on_acquire(now, w2, {2}, act);
    pool.on_wake(now, w2, act);
    act.take();
  }
  static QueuePoolConfig config(QueuePoolConfig::World world) {
    QueuePoolConfig config;
    config.world = world;
    config.pool_size = 1;
    config.max_overflow = 0;
    config.reset_on_return = false;
    return config;
  }
  SqlAlchemyQueuePool pool;
  WrittenDown act;
  TimePoint now{};
  WaiterId w0{0, 1}, w1{1, 1}, w2{2, 1};
  ConnId c1{0, 1};
};

QueuePoolConfig::World any_world() {
  using World = QueuePoolConfig::World;
  return GENERATE(World::threads, World::asyncio_311, World::asyncio_312);
}

TEST_CASE("a waiter that was called and gives up passes the call on", "[policy]") {
  Waiting at(any_world());
  at.pool.on_release(at.now, at.c1, Condition::clean, at.act);
  CHECK(at.act.take() == Log{"wake w1"});
  at.pool.on_give_up(at.now, at.w1, at.act);
  CHECK(at.act.take() == Log{"refuse w1", "wake w2"});
  at.pool.on_wake(at.now, at.w1, at.act);  // comes too late for it
  CHECK(at.act.take().empty());
  at.pool.on_wake(at.now, at.w2, at.act);
  CHECK(at.act.take() == Log{"grant w2 c1"});
}

TEST_CASE("a waiter that was called takes the connection at its deadline", "[policy]") {
  Waiting at(any_world());
  at.pool.on_release(at.now, at.c1, Condition::clean, at.act);
  at.act.take();
  at.pool.on_deadline(at.now, at.w1, at.act);
  CHECK(at.act.take() == Log{"grant w1 c1"});
  CHECK(at.pool.counts().waiting == 1);
}

TEST_CASE("a waiter called for nothing goes to the back of the line", "[policy]") {
  Waiting at(any_world());
  const WaiterId again{0, 2};
  at.pool.on_release(at.now, at.c1, Condition::clean, at.act);
  at.act.take();
  at.pool.on_acquire(at.now, again, {0}, at.act);
  if (at.act.take() != Log{"grant w0 c1"}) return;  // 3.11: the woken one comes first
  at.pool.on_wake(at.now, at.w1, at.act);
  CHECK(at.act.take().empty());
  at.pool.on_release(at.now, at.c1, Condition::clean, at.act);
  CHECK(at.act.take() == Log{"wake w2"});
}

TEST_CASE("who gives up in the middle of the line just leaves", "[policy]") {
  Waiting at(any_world());
  at.pool.on_give_up(at.now, at.w1, at.act);
  CHECK(at.act.take() == Log{"refuse w1"});
  at.pool.on_release(at.now, at.c1, Condition::clean, at.act);
  CHECK(at.act.take() == Log{"wake w2"});
}

}  // namespace
}  // namespace poolgauge
