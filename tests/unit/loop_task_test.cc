// Tasks, scopes, the order of turns, and waits.
#include "loop/task.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loop/wait.h"
#include "manual_time.h"

namespace poolgauge {
namespace {

using test::at;
using test::ManualWorld;
using namespace std::chrono_literals;
using Log = std::vector<std::string>;

Task<int> ready_value(int value) {
  co_return value;
}
Task<std::unique_ptr<int>> late_value(Loop& loop, int value) {
  co_await SleepUntil(loop, at(1ms));
  co_return std::make_unique<int>(value);
}
Task<> awaits_both(Loop& loop, int& sum) {
  sum += co_await ready_value(40);
  const std::unique_ptr<int> late = co_await late_value(loop, 2);
  sum += *late;
}

TEST_CASE("a task hands over its value, suspended in between or not", "[loop]") {
  ManualWorld world;
  int sum = 0;
  world.scope.spawn(awaits_both(world.loop, sum));
  CHECK(sum == 0);  // lazy: nothing runs before the loop does
  world.run();
  CHECK(sum == 42);
  CHECK(world.now() == 1ms);
}

TEST_CASE("a task that nobody awaits never runs and is freed", "[loop]") {
  { const Task<int> task = ready_value(1); }
  SUCCEED();
}

Task<> nothing() {
  co_return;
}
Task<> pass_turn(Loop& loop) {
  Wait wait(loop);
  // Woken by a call posted before it waits: suspended for one turn.
  loop.post([](void* w) { static_cast<Wait*>(w)->wake(); }, &wait);
  struct Suspend {
    Wait& wait;
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) { wait.suspend(self); }
    void await_resume() noexcept {}
  };
  Suspend suspend{wait};
  co_await suspend;
}

/// The lowest stack address seen, as a number.
void note_stack(std::uintptr_t& lowest) {
  volatile char here = 0;
  const auto address = reinterpret_cast<std::uintptr_t>(&here);
  if (lowest == 0 || address < lowest) lowest = address;
}
Task<> noting(std::uintptr_t& lowest) {
  note_stack(lowest);
  co_return;
}
Task<> million_ready(std::uintptr_t& first, std::uintptr_t& lowest) {
  co_await noting(first);
  for (int i = 0; i < 1'000'000; ++i) co_await noting(lowest);
}
Task<> many_suspended(Loop& loop, std::uintptr_t& first, std::uintptr_t& lowest) {
  co_await noting(first);
  for (int i = 0; i < 200'000; ++i) {
    co_await pass_turn(loop);
    co_await noting(lowest);
  }
}

TEST_CASE("a million awaits in a loop keep the stack flat", "[loop]") {
  ManualWorld world;
  std::uintptr_t first = 0;
  std::uintptr_t lowest = 0;
  world.scope.spawn(million_ready(first, lowest));
  world.run();
  CHECK(first - lowest < 4096);
}

TEST_CASE("awaits that suspend keep the stack flat, too", "[loop]") {
  ManualWorld world;
  std::uintptr_t first = 0;
  std::uintptr_t lowest = 0;
  world.scope.spawn(many_suspended(world.loop, first, lowest));
  world.run();
  CHECK((first > lowest ? first - lowest : lowest - first) < 16384);
}

Task<> deep(Loop& loop, int depth, int& reached) {
  if (depth == 0) {
    co_await SleepUntil(loop, at(1ms));
    reached = 1;
    co_return;
  }
  co_await deep(loop, depth - 1, reached);
}

TEST_CASE("nested tasks resume one after the other", "[loop]") {
  ManualWorld world;
  int reached = 0;
  world.scope.spawn(deep(world.loop, 200, reached));
  world.run();
  CHECK(reached == 1);
}

Task<> spawns(Scope& scope, int depth) {
  for (int i = 0; i < depth; ++i) scope.spawn(spawns(scope, depth - 1));
  co_return;
}

TEST_CASE("a scope counts what it started, also from within", "[loop]") {
  ManualWorld world;
  world.scope.spawn(nothing());
  world.scope.spawn(spawns(world.scope, 4));
  CHECK(world.scope.live() == 2);
  world.run();
  CHECK(world.scope.live() == 0);
  CHECK(world.time.passes == 0);
  world.run();  // nothing lives: nothing to do
  CHECK(world.time.passes == 0);
}

struct Turns {
  Loop& loop;
  Log& log;
};
Task<> speaks(Turns turns, std::string name, int times) {
  for (int i = 0; i < times; ++i) {
    turns.log.push_back(name);
    co_await pass_turn(turns.loop);
  }
}
struct Later {
  Log* log;
  Loop* loop;
  const char* name;
};
void say_later(void* argument) {
  const auto& later = *static_cast<Later*>(argument);
  later.log->push_back(later.name);
  // What it makes ready comes before the next one that waits for everybody's turn.
  later.loop->post([](void* log) { static_cast<Log*>(log)->push_back("after"); }, later.log);
}

TEST_CASE("post_later comes after everything ready, one at a time", "[loop]") {
  ManualWorld world;
  Log log;
  Later one{&log, &world.loop, "one"};
  Later two{&log, &world.loop, "two"};
  world.loop.post_later(say_later, &one);
  world.loop.post_later(say_later, &two);
  world.scope.spawn(speaks({world.loop, log}, "a", 2));
  world.scope.spawn(speaks({world.loop, log}, "b", 1));
  Task<> ends_late = [](Loop& loop) -> Task<> { co_await SleepUntil(loop, at(1ms)); }(world.loop);
  world.scope.spawn(std::move(ends_late));
  world.run();
  CHECK(log == Log{"a", "b", "a", "one", "after", "two", "after"});
}

Task<> endless_turns(Loop& loop, const bool& stop, std::uint64_t& turns) {
  while (!stop) {
    ++turns;
    co_await pass_turn(loop);
  }
}
Task<> stops_at(Loop& loop, TimePoint when, bool& stop) {
  co_await SleepUntil(loop, when);
  stop = true;
}

TEST_CASE("tasks that are always ready do not keep a due timer waiting for ever", "[loop]") {
  ManualWorld world;
  bool stop = false;
  std::uint64_t turns = 0;
  world.scope.spawn(endless_turns(world.loop, stop, turns));
  world.scope.spawn(stops_at(world.loop, at(0ns), stop));
  world.run();
  CHECK(turns > 1);
  CHECK(turns < 1000);
}

Task<> waits(Wait& wait, Log& log) {
  struct Suspend {
    Wait& wait;
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) { wait.suspend(self); }
    void await_resume() noexcept {}
  };
  Suspend suspend{wait};
  co_await suspend;
  log.push_back(wait.why() == WakeReason::deadline ? "deadline" : "other");
}

TEST_CASE("the first wake of a wait wins", "[loop]") {
  ManualWorld world;
  Log log;
  Wait wait(world.loop);
  wait.wake(WakeReason::stop);  // nobody waits: no effect
  world.scope.spawn(waits(wait, log));
  world.loop.post(
      [](void* w) {
        auto& waited = *static_cast<Wait*>(w);
        REQUIRE(waited.waiting());
        waited.wake(WakeReason::deadline);
        waited.wake(WakeReason::done);
        REQUIRE_FALSE(waited.waiting());
      },
      &wait);
  world.run();
  CHECK(log == Log{"deadline"});
}

Task<> sleeps(Loop& loop, TimePoint until, Log& log, std::string name) {
  co_await SleepUntil(loop, until);
  log.push_back(name);
}

TEST_CASE("sleepers wake in time order, equal times in the order of falling asleep", "[loop]") {
  ManualWorld world;
  Log log;
  world.scope.spawn(sleeps(world.loop, at(3ms), log, "late"));
  world.scope.spawn(sleeps(world.loop, at(2ms), log, "first"));
  world.scope.spawn(sleeps(world.loop, at(2ms), log, "second"));
  world.scope.spawn(sleeps(world.loop, at(-1ms), log, "past"));
  world.run();
  CHECK(log == Log{"past", "first", "second", "late"});
  CHECK(world.now() == 3ms);
}

}  // namespace
}  // namespace poolgauge
