// The arithmetic of the adaptive pool, and how it grows and shrinks.
#include "policy/adaptive/adaptive_pool.h"

#include <catch2/catch.hpp>

#include "policy_orders.h"

namespace poolgauge {
namespace {

using namespace test;
using namespace std::chrono_literals;

TEST_CASE("the size wanted is the mean demand over the target, rounded up", "[adaptive]") {
  struct Row {
    std::int64_t demand_ms;  // connections times milliseconds in one second
    std::int64_t percent, wanted;
  };
  const Row rows[] = {
      {0, 75, 0},
      {3000, 75, 4},
      {3001, 75, 5},
      {2999, 75, 4},
      {1, 100, 1},
      {5000, 100, 5},
      {5000, 50, 10},
      {7500, 75, 10},
      {7501, 75, 11},
      {1000, 1, 100},
      {10'000'000, 100, 10'000},
  };
  for (const Row& row : rows) {
    INFO(row.demand_ms << " at " << row.percent);
    CHECK(wanted_size(row.demand_ms * 1'000'000, 1s, row.percent) == row.wanted);
  }
  // One nanosecond above the edge counts; an hour of 100,000 waiting does not overflow.
  CHECK(wanted_size(3'000'000'001, 1s, 75) == 5);
  CHECK(wanted_size(100'000 * Duration(1h).count(), 1h, 1) == 10'000'000);
}

/// A pool with its clock; waiters are numbered in the order in which they ask.
struct Bench {
  explicit Bench(AdaptiveConfig config) : pool(config) { pool.on_start(now, act); }
  static AdaptiveConfig sized(std::int64_t least, std::int64_t most, std::int64_t shrink_after) {
    AdaptiveConfig config;
    config.min_size = least;
    config.max_size = most;
    config.target_percent = 75;
    config.interval = 1s;
    config.shrink_after = shrink_after;
    return config;
  }
  WaiterId ask() {
    const WaiterId waiter{asked++, 1};
    pool.on_acquire(now, waiter, {0}, act);
    return waiter;
  }
  /// Asks, and has the connection at once.
  ConnId take() {
    ask();
    const ConnId conn{act.last_opened.slot, ++opened};
    pool.on_opened(now, conn, act);
    return conn;
  }
  void give(ConnId conn) { pool.on_release(now, conn, Condition::clean, act); }
  /// Runs to the next change of the size.
  std::int64_t next_size() {
    now = act.tick;
    pool.on_tick(now, act);
    return pool.counts().size;
  }
  AdaptivePool pool;
  OrderLog act;
  TimePoint now{};
  std::uint32_t asked = 0;
  std::uint32_t opened = 0;
};

TEST_CASE("callers connect in parallel up to the size, then stand in line", "[adaptive]") {
  Bench at(Bench::sized(2, 10, 1));
  at.ask();
  at.ask();
  at.ask();
  CHECK(at.act.take() ==
        Orders{"park w0", "open c1 for w0", "park w1", "open c2 for w1", "park w2"});
  CHECK(at.pool.counts().waiting == 1);
  at.pool.on_opened(at.now, {0, 1}, at.act);
  at.give({0, 1});
  CHECK(at.act.take() == Orders{"grant w0 c1", "grant w2 c1"});
}

TEST_CASE("a failed connect lets the next in line connect", "[adaptive]") {
  Bench at(Bench::sized(1, 10, 1));
  at.ask();
  at.ask();
  at.act.take();
  at.pool.on_open_failed(at.now, {0, 1}, at.act);
  CHECK(at.act.take() == Orders{"failed w0", "open c2 for w1"});
}

TEST_CASE("the limit covers connecting, and what comes of it serves the line", "[adaptive]") {
  Bench at(Bench::sized(1, 10, 1));
  const WaiterId first = at.ask();
  at.ask();
  at.act.take();
  at.pool.on_deadline(at.now, first, at.act);
  CHECK(at.act.take() == Orders{"timeout w0"});
  CHECK(at.pool.counts().checked_out == 0);
  CHECK(at.pool.counts().open == 1);
  at.pool.on_opened(at.now, {0, 1}, at.act);
  CHECK(at.act.take() == Orders{"grant w1 c1"});
}

TEST_CASE("waiting callers count as demand: growth is as large as it must be", "[adaptive]") {
  Bench at(Bench::sized(2, 30, 3));
  for (int i = 0; i < 2; ++i) at.take();
  for (int i = 0; i < 7; ++i) at.ask();  // nine wanted all the time: 9 / 0.75 = 12
  at.act.take();
  CHECK(at.next_size() == 12);
  // All seven may connect now, each in its own time.
  CHECK(at.act.take().size() == 7);
  CHECK(at.pool.counts().waiting == 0);
  CHECK(statistic(at.pool, "grown") == 1);
}

TEST_CASE("demand for a part of the interval counts for that part", "[adaptive]") {
  Bench at(Bench::sized(2, 30, 1));
  const ConnId a = at.take();
  const ConnId b = at.take();
  for (int i = 0; i < 10; ++i) at.ask();
  at.now += 250ms;  // twelve for a quarter of a second, then those in line leave
  for (std::uint32_t w = 2; w < 12; ++w) at.pool.on_give_up(at.now, {w, 1}, at.act);
  at.give(a);
  at.give(b);
  CHECK(at.next_size() == 4);  // mean 3
  CHECK(at.next_size() == 2);  // an interval without demand
}

TEST_CASE("it grows at once but shrinks only to the most of several intervals", "[adaptive]") {
  Bench at(Bench::sized(1, 100, 3));
  std::vector<ConnId> held;
  held.push_back(at.take());
  for (int i = 0; i < 8; ++i) at.ask();
  CHECK(at.next_size() == 12);
  for (std::uint32_t slot = 1; slot < 9; ++slot) {
    at.pool.on_opened(at.now, {slot, slot + 1}, at.act);
    held.push_back({slot, slot + 1});
  }
  for (const ConnId conn : held) at.give(conn);
  at.act.take();
  CHECK(at.next_size() == 12);
  CHECK(at.next_size() == 12);
  CHECK(at.act.take().empty());
  CHECK(at.next_size() == 1);  // twelve was wanted four intervals ago
  // The one that was used last is kept.
  CHECK(at.act.take() == Orders{"close c1", "close c2", "close c3", "close c4", "close c5",
                                "close c6", "close c7", "close c8"});
  CHECK(at.pool.counts().idle == 1);
}

TEST_CASE("above the size what comes back is closed although somebody waits", "[adaptive]") {
  Bench at(Bench::sized(1, 4, 1));
  at.take();
  for (int i = 0; i < 3; ++i) at.ask();
  CHECK(at.next_size() == 4);
  for (std::uint32_t slot = 1; slot < 4; ++slot) {
    at.pool.on_opened(at.now, {slot, slot + 1}, at.act);
  }
  // Nearly no demand but at the very end of the interval.
  for (std::uint32_t slot = 0; slot < 4; ++slot) at.give({slot, slot + 1});
  at.now = at.act.tick - 1ms;
  for (int i = 0; i < 5; ++i) at.ask();
  CHECK(at.next_size() == 1);
  at.act.take();
  at.give({0, 1});
  CHECK(at.act.take() == Orders{"close c1"});
  CHECK(at.pool.counts().waiting == 1);
  at.give({1, 2});
  at.give({2, 3});
  at.act.take();
  at.give({3, 4});
  CHECK(at.act.take() == Orders{"grant w8 c4"});
}

TEST_CASE("the size stays within its bounds", "[adaptive]") {
  Bench at(Bench::sized(3, 5, 1));
  CHECK(at.next_size() == 3);
  for (int i = 0; i < 50; ++i) at.ask();
  CHECK(at.next_size() == 5);
  CHECK(at.pool.counts().open == 5);
}

}  // namespace
}  // namespace poolgauge
