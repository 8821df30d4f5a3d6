// Deadlines and the two stages of stopping, for every kind of wait.
#include "loop/patience.h"

#include <optional>

#include "loop/task.h"
#include "manual_time.h"

namespace poolgauge {
namespace {

using test::at;
using test::ManualWorld;
using namespace std::chrono_literals;

/// How one wait ended, and when.
struct Ending {
  std::optional<WakeReason> why;
  Duration when{0};
};

struct PatientWorld : ManualWorld {
  StopList stops;
  Patience patience{loop, stops};
};

Task<> naps(PatientWorld& world, TimePoint until, Ending& ending) {
  Patience::Sleep nap(world.patience, until);
  ending.why = co_await nap;
  ending.when = world.now();
}
Task<> waits_on(PatientWorld& world, Wait& wait, bool statement, Ending& ending) {
  if (statement) {
    ending.why = co_await world.patience.on_statement(wait);
  } else {
    ending.why = co_await world.patience.on(wait);
  }
  ending.when = world.now();
}
Task<> wakes(PatientWorld& world, TimePoint when, Wait& wait) {
  co_await SleepUntil(world.loop, when);
  wait.wake();
}
Task<> sets_deadline(PatientWorld& world, TimePoint when, TimePoint deadline) {
  co_await SleepUntil(world.loop, when);
  world.patience.set_deadline(deadline);
}
Task<> stops(PatientWorld& world, TimePoint when, bool firmly) {
  co_await SleepUntil(world.loop, when);
  firmly ? world.stops.stop_firmly() : world.stops.stop_gently();
}

TEST_CASE("a nap lasts as long as asked", "[loop]") {
  PatientWorld world;
  Ending ending;
  world.scope.spawn(naps(world, at(7ms), ending));
  world.run();
  CHECK(ending.why == WakeReason::done);
  CHECK(ending.when == 7ms);
}

TEST_CASE("a deadline ends a nap, and every wait after it", "[loop]") {
  PatientWorld world;
  Ending first;
  world.patience.set_deadline(at(5ms));
  world.scope.spawn(naps(world, at(7ms), first));
  world.run();
  CHECK(first.why == WakeReason::deadline);
  CHECK(first.when == 5ms);

  Ending second;
  world.scope.spawn(naps(world, at(6ms), second));
  world.run();
  CHECK(second.why == WakeReason::deadline);
  CHECK(second.when == 5ms);  // without suspending

  world.patience.set_deadline(kNever);
  Ending third;
  world.scope.spawn(naps(world, at(9ms), third));
  world.run();
  CHECK(third.why == WakeReason::done);
  CHECK(third.when == 9ms);
}

TEST_CASE("a deadline can be moved while somebody waits", "[loop]") {
  PatientWorld world;
  Ending ending;
  world.patience.set_deadline(at(10ms));
  world.scope.spawn(naps(world, at(1s), ending));
  SECTION("later") {
    world.scope.spawn(sets_deadline(world, at(3ms), at(20ms)));
    world.run();
    CHECK(ending.why == WakeReason::deadline);
    CHECK(ending.when == 20ms);
  }
  SECTION("earlier") {
    world.scope.spawn(sets_deadline(world, at(3ms), at(4ms)));
    world.run();
    CHECK(ending.why == WakeReason::deadline);
    CHECK(ending.when == 4ms);
  }
  SECTION("away") {
    world.scope.spawn(sets_deadline(world, at(3ms), kNever));
    world.run();
    CHECK(ending.why == WakeReason::done);
    CHECK(ending.when == 1s);
  }
  SECTION("away and back, after the first timer went off for nothing") {
    world.scope.spawn(sets_deadline(world, at(3ms), kNever));
    world.scope.spawn(sets_deadline(world, at(15ms), at(30ms)));
    world.run();
    CHECK(ending.why == WakeReason::deadline);
    CHECK(ending.when == 30ms);
  }
  SECTION("later, twice") {
    world.scope.spawn(sets_deadline(world, at(3ms), at(20ms)));
    world.scope.spawn(sets_deadline(world, at(15ms), at(40ms)));
    world.run();
    CHECK(ending.why == WakeReason::deadline);
    CHECK(ending.when == 40ms);
  }
  SECTION("into the past") {
    world.scope.spawn(sets_deadline(world, at(3ms), at(1ms)));
    world.run();
    CHECK(ending.why == WakeReason::deadline);
    CHECK(ending.when == 3ms);
  }
}

TEST_CASE("what was waited for and the deadline at the same time: who came first wins", "[loop]") {
  PatientWorld world;
  Wait wait(world.loop);
  Ending ending;
  SECTION("the deadline's timer was armed first") {
    world.patience.set_deadline(at(5ms));
    world.scope.spawn(waits_on(world, wait, false, ending));
    world.scope.spawn(wakes(world, at(5ms), wait));
    world.run();
    CHECK(ending.why == WakeReason::deadline);
  }
  SECTION("a nap that ends exactly at the deadline") {
    world.patience.set_deadline(at(5ms));
    world.scope.spawn(naps(world, at(5ms), ending));
    world.run();
    CHECK(ending.why == WakeReason::deadline);
  }
  SECTION("woken, but not yet resumed when the deadline passes: done, and the next wait ends") {
    world.scope.spawn(waits_on(world, wait, false, ending));
    struct Both {
      PatientWorld& world;
      Wait& wait;
    } both{world, wait};
    world.loop.post(
        [](void* argument) {
          auto& b = *static_cast<Both*>(argument);
          b.wait.wake();
          b.world.patience.set_deadline(b.world.loop.now());
        },
        &both);
    world.run();
    CHECK(ending.why == WakeReason::done);
  }
  CHECK_FALSE(wait.waiting());
}

TEST_CASE("a gentle stop ends naps and waits, but no statement", "[loop]") {
  PatientWorld world;
  Wait wait(world.loop);
  Ending ending;
  const bool statement = GENERATE(false, true);
  world.scope.spawn(waits_on(world, wait, statement, ending));
  world.scope.spawn(stops(world, at(2ms), false));
  world.scope.spawn(wakes(world, at(9ms), wait));
  world.run();
  CHECK(ending.why == (statement ? WakeReason::done : WakeReason::stop));
  CHECK(ending.when == (statement ? 9ms : 2ms));
  CHECK(world.patience.stopped());

  // After it, a new statement may still be waited for; a nap may not.
  Ending nap;
  world.scope.spawn(naps(world, at(1s), nap));
  world.run();
  CHECK(nap.why == WakeReason::stop);
  CHECK(nap.when == 9ms);
}

TEST_CASE("a firm stop ends everything, also after a gentle one", "[loop]") {
  PatientWorld world;
  Wait wait(world.loop);
  Ending ending;
  const bool gentle_first = GENERATE(false, true);
  world.scope.spawn(waits_on(world, wait, true, ending));
  if (gentle_first) world.scope.spawn(stops(world, at(2ms), false));
  world.scope.spawn(stops(world, at(4ms), true));
  world.run();
  CHECK(ending.why == WakeReason::stop);
  CHECK(ending.when == 4ms);
  CHECK(world.stops.level() == StopList::Level::firm);
  world.stops.stop_gently();  // never back
  CHECK(world.stops.level() == StopList::Level::firm);

  Ending late;
  world.scope.spawn(waits_on(world, wait, true, late));
  world.run();
  CHECK(late.why == WakeReason::stop);
}

TEST_CASE("a deadline ends a statement, also during a gentle stop", "[loop]") {
  PatientWorld world;
  Wait wait(world.loop);
  Ending ending;
  world.patience.set_deadline(at(6ms));
  world.scope.spawn(waits_on(world, wait, true, ending));
  world.scope.spawn(stops(world, at(2ms), false));
  world.run();
  CHECK(ending.why == WakeReason::deadline);
  CHECK(ending.when == 6ms);
}

TEST_CASE("patience leaves the list of listeners from any place", "[loop]") {
  PatientWorld world;
  auto second = std::make_unique<Patience>(world.loop, world.stops);
  auto third = std::make_unique<Patience>(world.loop, world.stops);
  auto fourth = std::make_unique<Patience>(world.loop, world.stops);
  third->set_deadline(at(1ms));
  third.reset();   // from the middle, with its timer armed
  fourth.reset();  // the one that joined last
  Ending ending;
  world.scope.spawn(naps(world, at(5ms), ending));
  world.scope.spawn(stops(world, at(2ms), false));
  world.run();
  CHECK(ending.why == WakeReason::stop);
  CHECK(second->stopped());
}

}  // namespace
}  // namespace poolgauge
