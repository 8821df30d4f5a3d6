// The backend in which things go wrong by plan.
#include "engine/faulty_backend.h"

#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;

struct FaultyWorld : ManualWorld {
  StopList stops;
  Patience patience{loop, stops};
  ScriptedServer server{loop};
};

/// What came of one connect and the exchanges after it.
struct Seen {
  std::vector<FailureClass> failures;
  std::vector<std::string> texts;
  Condition condition = Condition::clean;
};

Task<> use(FaultyBackend& backend, Patience& patience, std::vector<Exchange> exchanges,
           Seen& seen) {
  const ConnId conn{0, 1};
  Connected connected = co_await backend.connect(conn, patience);
  seen.failures.push_back(connected.outcome.failure);
  seen.texts.push_back(connected.error);
  if (connected.session == nullptr) co_return;
  for (const Exchange& exchange : exchanges) {
    const Outcome outcome = co_await connected.session->run(exchange, patience);
    seen.failures.push_back(outcome.failure);
    seen.texts.push_back(connected.session->error_text());
  }
  seen.condition = connected.session->condition();
}

Seen use_once(const FaultPlan& plan, const std::vector<Exchange::Kind>& kinds, FaultyWorld& world) {
  static const Step step = sql_step("a");
  FaultyBackend backend(world.server, plan, 1);
  std::vector<Exchange> exchanges;
  for (const Exchange::Kind kind : kinds) {
    Exchange exchange;
    exchange.kind = kind;
    exchange.step = &step;
    exchanges.push_back(exchange);
  }
  Seen seen;
  world.scope.spawn(use(backend, world.patience, exchanges, seen));
  world.run();
  return seen;
}

using Kind = Exchange::Kind;
using Classes = std::vector<FailureClass>;

TEST_CASE("without faults everything passes through", "[faulty]") {
  FaultyWorld world;
  const Seen seen = use_once(FaultPlan{}, {Kind::begin, Kind::step}, world);
  CHECK(seen.failures == Classes(3, FailureClass::none));
  CHECK(seen.condition == Condition::in_transaction);
  CHECK(world.server.log == std::vector<std::string>{"connect 1", "begin 1", "step0 1", "close 1"});
}

TEST_CASE("a refused connect never reaches the server", "[faulty]") {
  FaultyWorld world;
  FaultPlan plan;
  plan.connect_refused = 1;
  const Seen seen = use_once(plan, {Kind::begin}, world);
  CHECK(seen.failures == Classes{FailureClass::connection_refused});
  CHECK_FALSE(seen.texts[0].empty());
  CHECK(world.server.log.empty());
}

TEST_CASE("a slow connect takes its time, unless the run ends", "[faulty]") {
  FaultyWorld world;
  FaultPlan plan;
  plan.connect_slow = 1;
  plan.slow_connect = 3s;
  if (GENERATE(false, true)) world.patience.set_deadline(at(1s));
  const bool patient = world.patience.deadline() == kNever;
  const Seen seen = use_once(plan, {}, world);
  CHECK(seen.failures[0] == (patient ? FailureClass::none : FailureClass::connect_timeout));
  CHECK(world.now() == (patient ? 3s : 1s));
}

TEST_CASE("a session breaks in an exchange and stays broken", "[faulty]") {
  FaultyWorld world;
  FaultPlan plan;
  plan.broken = 1;
  const Seen seen = use_once(plan, {Kind::begin, Kind::rollback}, world);
  CHECK(seen.failures ==
        Classes{FailureClass::none, FailureClass::connection_lost, FailureClass::connection_lost});
  CHECK(seen.condition == Condition::broken);
  CHECK(world.server.log == std::vector<std::string>{"connect 1", "begin 1", "close 1"});
}

TEST_CASE("only steps get SQL errors; the transaction stays open", "[faulty]") {
  FaultyWorld world;
  FaultPlan plan;
  plan.sql_error = 1;
  const Seen seen = use_once(plan, {Kind::begin, Kind::step}, world);
  CHECK(seen.failures == Classes{FailureClass::none, FailureClass::none, FailureClass::sql_error});
  CHECK(seen.texts.back() == "a statement failed as planned");
  CHECK(seen.condition == Condition::in_transaction);
}

Task<> connect_often(FaultyBackend& backend, Patience& patience, std::string& pattern) {
  for (std::uint32_t i = 1; i <= 400; ++i) {
    const ConnId conn{0, i};
    const Connected connected = co_await backend.connect(conn, patience);
    pattern += connected.session == nullptr ? 'x' : '.';
  }
}
std::string pattern_of(std::uint64_t seed, std::uint64_t& refused) {
  FaultyWorld world;
  FaultPlan plan;
  plan.connect_refused = 0.25;
  FaultyBackend backend(world.server, plan, seed);
  std::string pattern;
  world.scope.spawn(connect_often(backend, world.patience, pattern));
  world.run();
  refused = backend.struck().refused;
  return pattern;
}

TEST_CASE("the same seed brings the same faults, as often as asked", "[faulty]") {
  std::uint64_t refused = 0;
  const std::string pattern = pattern_of(5, refused);
  CHECK(pattern == pattern_of(5, refused));
  CHECK(pattern != pattern_of(6, refused));
  CHECK(refused > 65);  // 100 expected, standard deviation 8.7
  CHECK(refused < 135);
}

}  // namespace
}  // namespace poolgauge
