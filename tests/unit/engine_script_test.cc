// Scripts as users run them: lines between the steps, variables that stay, rows that are kept.
#include "engine/values.h"

#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;
using Log = std::vector<std::string>;

Expression constant(const ScriptValue& value) {
  ExpressionNode node;
  node.constant = value;
  return {{node}};
}

Expression variable(std::uint32_t index) {
  ExpressionNode node;
  node.op = ScriptOp::variable;
  node.variable = index;
  return {{node}};
}

ScriptLine step_line(std::uint32_t step) {
  ScriptLine line;
  line.step = step;
  return line;
}

ScriptLine line_of(ScriptLine::Kind kind, Expression expression, std::uint32_t ahead = 0) {
  ScriptLine line;
  line.kind = kind;
  line.expression = std::move(expression);
  line.ahead = ahead;
  line.place = "x.sql:1";
  return line;
}

Task<> two_requests(EngineWorld& world) {
  for (int i = 0; i < 2; ++i) {
    const TimePoint now = world.loop.now();
    co_await run_request(world.seat(0), now);
  }
}

/// Two variables of scripts: 0 and 1.
Scenario script_scenario(std::vector<Step> steps, std::vector<ScriptLine> lines,
                         TransactionMode mode = TransactionMode::none) {
  Scenario scenario = scenario_of(std::move(steps), mode);
  scenario.variables = {{"a", ScriptVariable{}}, {"b", ScriptVariable{}}};
  scenario.requests[0].lines = std::move(lines);
  return scenario;
}

using Kind = ScriptLine::Kind;

TEST_CASE("a condition that is not true leaves steps out, and they are not timed", "[script]") {
  EngineWorld world(
      script_scenario({sql_step("a"), sql_step("b"), sql_step("c")},
                      {line_of(Kind::unless, constant(ScriptValue::of_boolean(false)), 2),
                       step_line(0), line_of(Kind::skip, {}, 1), step_line(1), step_line(2)}));
  world.scope.spawn(two_requests(world));
  world.run();
  CHECK(world.server.log == Log{"connect 1", "step1 1", "step2 1", "step1 1", "step2 1"});
  CHECK(world.measured().requests.completed == 2);
  CHECK(world.measured().steps[0].count() == 0);
  CHECK(world.measured().steps[1].count() == 2);
}

TEST_CASE("a true condition passes the other branch over", "[script]") {
  EngineWorld world(
      script_scenario({sql_step("a"), sql_step("b"), sql_step("c")},
                      {line_of(Kind::unless, constant(ScriptValue::of_integer(1)), 2), step_line(0),
                       line_of(Kind::skip, {}, 1), step_line(1), step_line(2)},
                      TransactionMode::read_write));
  world.scope.spawn(two_requests(world));
  world.run();
  CHECK(world.server.log == Log{"connect 1", "begin 1", "step0 1", "step2 1", "commit 1", "begin 1",
                                "step0 1", "step2 1", "commit 1"});
}

TEST_CASE("a variable keeps its value from request to request", "[script]") {
  // b := a; a := 5: the second request sees the first one's a.
  EngineWorld world(script_scenario(
      {sql_step("s")}, {line_of(Kind::unless, constant(ScriptValue::null()), 0),
                        line_of(Kind::set, constant(ScriptValue::of_integer(5))), step_line(0)}));
  world.scope.spawn(two_requests(world));
  world.run();
  CHECK(world.seat(0).values[0] == "5");
  CHECK(is_null(world.seat(0).values[1]));
}

TEST_CASE("what cannot be computed fails the request by its line", "[script]") {
  EngineWorld world(
      script_scenario({sql_step("s")}, {line_of(Kind::set, variable(1)), step_line(0)}));
  world.scope.spawn(two_requests(world));
  world.run();
  REQUIRE(world.measured().failures.size() == 1);
  const FailureCount& failure = world.measured().failures[0];
  CHECK(failure.failure == FailureClass::script_error);
  CHECK(failure.count == 2);
  CHECK(failure.example == "x.sql:1: a variable is used before it is set");
  CHECK(world.measured().requests.failed == 2);
}

TEST_CASE("a sleep as long as a variable says, in its unit", "[script]") {
  Step nap = hold_step(0ms);
  nap.time_variable = 0;
  nap.time_unit = 1ms;
  EngineWorld world(script_scenario(
      {sql_step("s"), nap},
      {line_of(Kind::set, constant(ScriptValue::of_integer(7))), step_line(0), step_line(1)}));
  world.scope.spawn(two_requests(world));
  world.run();
  CHECK(world.measured().steps[1].max() == 7ms);
}

TEST_CASE("a row is kept; without exactly one the request fails", "[script]") {
  Step step = sql_step("s");
  step.wants_row = true;
  step.results = {{"x", 0}};
  std::vector<std::string> texts(2);
  ScriptState state;
  state.values.resize(2);
  CHECK(state.begin_capture(texts)->rows == -1);
  CHECK(keep_results(step, state, texts));  // a model has no rows
  CHECK(is_null(texts[0]));
  CHECK(state.values[0].type == ScriptValue::Type::null);
  state.capture.rows = 1;
  texts[0] = "12";
  CHECK(keep_results(step, state, texts));
  CHECK(state.values[0].type == ScriptValue::Type::text);
  state.capture.rows = 0;
  CHECK_FALSE(keep_results(step, state, texts));
}

TEST_CASE("pgbench's own variables", "[script]") {
  Scenario scenario = scenario_of({sql_step("s")});
  using Origin = ScriptVariable::Origin;
  scenario.variables = {{"scale", ScriptVariable{Origin::scale}},
                        {"client_id", ScriptVariable{Origin::client_id}},
                        {"random_seed", ScriptVariable{Origin::random_seed}},
                        {"default_seed", ScriptVariable{Origin::default_seed}}};
  ScriptState one;
  ScriptState other;
  std::vector<std::string> texts;
  one.begin(scenario, 42, 3, texts);
  CHECK(texts[0] == "1");
  CHECK(texts[1] == "3");
  CHECK(texts[2] == "42");
  std::vector<std::string> other_texts;
  other.begin(scenario, 42, 4, other_texts);
  CHECK(texts[3] == other_texts[3]);
  CHECK(texts[3] != "0");
}

}  // namespace
}  // namespace poolgauge
