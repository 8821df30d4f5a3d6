// The rounds of an emulated event loop: who comes before whom.
#include <string>
#include <vector>

#include "engine/app_loop.h"
#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;

/// A loop whose tasks cost so little that only their order matters.
struct Rounds : ManualWorld {
  StopList stops;
  AppLoop app{loop, stops, loop_costs({"sqlalchemy-async", {{"task_time", Duration{1us}}}}), 1};
  std::vector<std::string> order;
};

Task<> think(Rounds& world, TimePoint until) {
  co_await SleepUntil(world.loop, until);
  co_await world.app.thought();
  world.order.push_back("user");
}

Task<> answer(Rounds& world, TimePoint when) {
  co_await SleepUntil(world.loop, when);
  co_await world.app.answered(Exchange::Kind::commit);
  world.order.push_back("answer");
}

TEST_CASE("a timer that is late runs behind the answer that ends the loop's sleep", "[app_loop]") {
  Rounds world;
  // The think time ends in the middle of a millisecond; the loop sleeps on, until bytes come in.
  world.scope.spawn(think(world, at(100us)));
  world.scope.spawn(answer(world, at(700us)));
  world.run();
  CHECK(world.order == std::vector<std::string>{"answer", "user"});
}

TEST_CASE("a timer nobody disturbs waits for the whole millisecond", "[app_loop]") {
  Rounds world;
  world.scope.spawn(think(world, at(100us)));
  world.scope.spawn(answer(world, at(1500us)));
  world.run();
  CHECK(world.order == std::vector<std::string>{"user", "answer"});
}

}  // namespace
}  // namespace poolgauge
