// What the driver does with connections where libraries differ: breaking connects off, noticing
// dead ones, connecting late, beginning late.
#include "engine_bench.h"
#include "keeper_pool.h"

namespace poolgauge {
namespace {

using namespace test;
using Log = std::vector<std::string>;

/// One pool with the small policy in front of a scripted server.
struct KeeperWorld : ManualWorld {
  explicit KeeperWorld(const KeeperPool::Ways& ways)
      : policy(new KeeperPool(ways)),
        pool(scope, stops, server, app, std::unique_ptr<PoolPolicy>(policy), 0, nullptr) {
    pool.start();
  }
  ~KeeperWorld() { pool.shut_down(); }
  StopList stops;
  ScriptedServer server{loop};
  AppLoop app{loop, stops, {}, 0};
  KeeperPool* policy;
  Pool pool;
};

/// What came of one visit: a checkout, a statement, a return.
struct Visit {
  explicit Visit(TimePoint asks, TimePoint deadline = kNever) : from(asks), gives_up(deadline) {}
  TimePoint from;
  TimePoint gives_up;
  bool granted = false;
  std::uint32_t number = 0;
  TimePoint answered{};
  Outcome outcome;
  Phase phase = Phase::step;
  std::string error;
};

Task<> visit(KeeperWorld& world, Visit& seen, Exchange::Kind kind = Exchange::Kind::begin) {
  co_await SleepUntil(world.loop, seen.from);
  Patience patience(world.loop, world.stops);
  patience.set_deadline(seen.gives_up);
  const ClientId client{1};
  Acquired acquired = co_await world.pool.acquire(client, patience);
  seen.answered = world.loop.now();
  seen.granted = acquired.granted();
  seen.error = acquired.error_text();
  if (!seen.granted) co_return;
  Lease lease = std::move(acquired.lease);
  seen.number = lease.conn().number;
  Exchange exchange;
  exchange.kind = kind;
  const Outcome outcome = co_await lease.session().run(exchange, patience);
  seen.outcome = outcome;
  seen.phase = lease.session().failed_phase(Phase::begin);
  if (!seen.outcome.ok()) seen.error = lease.session().error_text();
  const Condition condition = lease.session().condition();
  co_await world.pool.release(lease, condition);
}

TEST_CASE("an abandoned connect ends at once and its place is used again", "[connections]") {
  KeeperPool::Ways ways;
  ways.most = 1;
  ways.abandons = true;
  KeeperWorld world(ways);
  world.server.replies["connect"] = {{FailureClass::none, "", false, 1h}};
  world.server.connect_takes = 5ms;
  Visit first{at(0ms), at(20ms)};
  Visit second{at(1ms)};
  world.scope.spawn(visit(world, first));
  world.scope.spawn(visit(world, second));
  world.run();
  CHECK_FALSE(first.granted);
  CHECK(first.answered == at(20ms));
  CHECK(second.granted);
  CHECK(second.answered == at(25ms));
  CHECK(second.number == 2);
  CHECK(world.now() == 25ms);  // nothing waits for the hour
  CHECK(world.pool.gauges().connects == 1);
  CHECK(world.pool.gauges().connect_failures == 0);
  CHECK(world.server.open == 1);
}

TEST_CASE("a connect abandoned before it began never reaches the server", "[connections]") {
  KeeperPool::Ways ways;
  ways.abandons = true;
  KeeperWorld world(ways);
  Visit hasty{at(0ms), at(0ms)};
  world.scope.spawn(visit(world, hasty));
  world.run();
  CHECK_FALSE(hasty.granted);
  CHECK(world.server.open == 0);
  CHECK(world.pool.counts().open == 0);
}

TEST_CASE("a watching pool hears of a dead idle connection, others do not", "[connections]") {
  KeeperPool::Ways ways;
  ways.watches = GENERATE(true, false);
  KeeperWorld world(ways);
  Visit before{at(0ms)};
  world.scope.spawn(visit(world, before, Exchange::Kind::ping));
  world.run();
  CHECK(world.server.watched.contains(1) == ways.watches);
  const ConnId conn{0, 1};
  world.pool.lost(conn);
  CHECK(world.policy->losses == (ways.watches ? 1 : 0));
  CHECK(world.server.open == (ways.watches ? 0 : 1));
  CHECK(world.pool.gauges().closes == (ways.watches ? 1 : 0));
}

Task<> tell_of_loss(KeeperWorld& world, TimePoint when, std::uint32_t number) {
  co_await SleepUntil(world.loop, when);
  world.server.watched.at(number)->connection_lost(ConnId{0, number});
}

TEST_CASE("the death of a connection in use is its user's to notice", "[connections]") {
  KeeperPool::Ways ways;
  ways.watches = true;
  KeeperWorld world(ways);
  world.server.exchange_takes = 10ms;
  Visit user{at(0ms)};
  world.scope.spawn(visit(world, user));
  world.scope.spawn(tell_of_loss(world, at(5ms), 1));
  world.run();
  CHECK(world.policy->losses == 0);
  CHECK(world.pool.counts().idle == 1);
}

TEST_CASE("news of a connection that was replaced meanwhile is ignored", "[connections]") {
  KeeperPool::Ways ways;
  ways.watches = true;
  KeeperWorld world(ways);
  world.server.replies["begin"] = {{FailureClass::connection_lost, "", true}};
  Visit loser{at(0ms)};
  Visit next{at(1ms)};
  world.scope.spawn(visit(world, loser));
  world.scope.spawn(visit(world, next));
  world.scope.spawn(tell_of_loss(world, at(5ms), 1));
  world.run();
  CHECK(next.number == 2);
  CHECK(world.policy->losses == 0);
  CHECK(world.server.open == 1);
}

TEST_CASE("a lazy connection is granted at once and made by its first exchange", "[connections]") {
  KeeperPool::Ways ways;
  ways.lazy = true;
  ways.watches = true;
  KeeperWorld world(ways);
  world.server.connect_takes = 20ms;
  world.server.exchange_takes = 1ms;
  Visit first{at(0ms)};
  Visit second{at(100ms)};
  world.scope.spawn(visit(world, first));
  world.scope.spawn(visit(world, second, Exchange::Kind::ping));
  world.run();
  CHECK(first.answered == at(0ms));
  CHECK(second.number == 1);
  CHECK(world.server.log == Log{"connect 1", "begin 1", "rollback 1", "ping 1"});
  CHECK(world.server.watched.contains(1));
  CHECK(world.now() == 101ms);
  CHECK(world.pool.gauges().connects == 1);
  CHECK(world.pool.gauges().connect_time.max() == 20ms);
}

TEST_CASE("a lazy connect that fails is the exchange's failure; the next one tries again",
          "[connections]") {
  KeeperPool::Ways ways;
  ways.lazy = true;
  ways.reset = DriverHabits::Reset::discard_all;  // needs none where nothing was connected
  KeeperWorld world(ways);
  world.server.replies["connect"] = {{FailureClass::connection_refused}};
  Visit first{at(0ms)};
  Visit second{at(10ms)};
  world.scope.spawn(visit(world, first));
  world.scope.spawn(visit(world, second, Exchange::Kind::ping));
  world.run();
  CHECK(first.outcome.failure == FailureClass::connection_refused);
  CHECK(first.phase == Phase::connect);
  CHECK(first.error == "no connection, says the script (1)");
  CHECK(second.outcome.ok());
  CHECK(second.number == 1);  // still the same place of the pool
  CHECK(second.phase == Phase::begin);
  CHECK(world.server.log == Log{"connect 1", "connect 1", "discard 1"});
  CHECK(world.pool.gauges().connects == 1);
  CHECK(world.pool.gauges().connect_failures == 1);
  CHECK(world.pool.gauges().closes == 0);
}

TEST_CASE("a lazy connect hears its user's deadline", "[connections]") {
  KeeperPool::Ways ways;
  ways.lazy = true;
  KeeperWorld world(ways);
  world.server.connect_takes = 1h;
  Visit hasty{at(0ms), at(30ms)};
  world.scope.spawn(visit(world, hasty));
  world.run();
  CHECK_FALSE(hasty.outcome.ok());
  CHECK(world.now() == 30ms);
  CHECK(world.server.open == 0);
}

TEST_CASE("two connects that fail in one instant keep their own messages", "[connections]") {
  KeeperWorld world(KeeperPool::Ways{});
  world.server.replies["connect"] = {{FailureClass::connection_refused},
                                     {FailureClass::too_many_connections, "53300"}};
  Visit first{at(0ms)};
  Visit second{at(0ms)};
  world.scope.spawn(visit(world, first));
  world.scope.spawn(visit(world, second));
  world.run();
  CHECK(first.error == "no connection, says the script (1)");
  CHECK(second.error == "no connection, says the script (2)");
}

std::string plan_text(const Scenario& scenario, bool joined) {
  DriverHabits habits;
  habits.begin_with_first_statement = joined;
  std::string text;
  const auto plans = plan_requests(scenario, {habits});
  for (const Action& action : plans[0]) {
    if (action.kind != StepKind::sql) text += "hold ";
    if (action.kind != StepKind::sql) continue;
    const bool step = action.exchange.kind == Exchange::Kind::step;
    if (action.exchange.begins()) text += step ? "begin+" : "begin ";
    if (step) text += "step ";
    if (action.exchange.kind == Exchange::Kind::commit) text += "commit ";
  }
  return text;
}

TEST_CASE("BEGIN travels with the first statement, whatever stands before it", "[connections]") {
  const auto transaction = TransactionMode::serializable;
  const Scenario usual = scenario_of({hold_step(1ms), sql_step("a"), sql_step("b")}, transaction);
  CHECK(plan_text(usual, false) == "begin hold step step commit ");
  CHECK(plan_text(usual, true) == "hold begin+step step commit ");
  const Scenario idle = scenario_of({hold_step(1ms)}, transaction);
  CHECK(plan_text(idle, true) == "hold ");  // nothing was begun, nothing is committed
  const Scenario without = scenario_of({sql_step("a")});
  CHECK(plan_text(without, true) == "step ");
}

TEST_CASE("a failure is booked where it happened, not where it was reported", "[connections]") {
  const Phase where = GENERATE(Phase::connect, Phase::begin);
  EngineWorld world(scenario_of({sql_step("a")}));
  Reply reply{FailureClass::connection_lost, "", true};
  reply.phase = where;
  world.server.replies["step0"] = {reply};
  world.scope.spawn(run_request(world.seat(0), at(0ms)));
  world.run();
  REQUIRE(world.measured().failures.size() == 1);
  CHECK(world.measured().failures[0].phase == where);
  CHECK(world.measured().failures[0].example == "failed: step0");
}

}  // namespace
}  // namespace poolgauge
