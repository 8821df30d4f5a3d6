// Small live runs against the tests' own server.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pg_server_fixture.h"
#include "poolgauge/live.h"

namespace poolgauge::test {

using namespace std::chrono_literals;

/// Where the parameters of a text end; here the source is the text itself.
inline std::vector<Statement::Shift> parameter_shifts(const std::string& text) {
  std::vector<Statement::Shift> shifts;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (quoted || text[i] != '$') continue;
    while (i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9') ++i;
    shifts.push_back({i + 1, i + 1});
  }
  return shifts;
}

/// Sends `text` as it is: $1, $2, ... are the variables in their order.
inline Step live_sql(const std::string& text, std::vector<std::uint32_t> variables = {},
                     Protocol protocol = Protocol::prepared) {
  Step step;
  step.name = "sql";
  step.sql.source = step.sql.text = text;
  step.sql.variables = std::move(variables);
  step.sql.shifts = parameter_shifts(text);
  step.protocol = protocol;
  return step;
}
inline Step live_hold(Duration time) {
  Step step;
  step.name = "hold";
  step.kind = StepKind::hold;
  step.time = FixedDuration{time};
  return step;
}

/// One request of these steps, four users who pause, so that they leave the machine to others, a
/// pool of four, 500 ms and no warm-up.
inline Scenario live_scenario(std::vector<Step> steps,
                              TransactionMode transaction = TransactionMode::none) {
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.transaction = transaction;
  request.steps = std::move(steps);
  scenario.requests.push_back(std::move(request));
  ClosedLoad load;
  load.users = 4;
  load.think = FixedDuration{2ms};
  scenario.load = load;
  scenario.duration = 500ms;
  scenario.deployment.pool.set("pool_size", std::int64_t{4});
  scenario.deployment.pool.set("max_overflow", std::int64_t{0});
  return scenario;
}

/// Connections to the server beside the one that asks, once it has noticed who left.
inline std::string connections_left() {
  for (int look = 0; look < 100; ++look) {
    const std::string count =
        sql("SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'");
    if (count == "0") return count;
    sql("SELECT pg_sleep(0.02)");
  }
  return sql(
      "SELECT string_agg(state || ': ' || query, '; ') FROM pg_stat_activity "
      "WHERE backend_type = 'client backend'");
}

/// Runs it and checks what must be true of every live run.
inline Measurement run(const Scenario& scenario, LiveOptions options = {},
                       const StopFlag& stop = never()) {
  Result<Measurement> result = run_live(scenario, shared_server().conninfo(), options, stop);
  if (!result) FAIL(result.error().message);
  Measurement m = std::move(result).value();
  CHECK(m.latency.count() == m.requests.completed);
  std::uint64_t failed = 0;
  for (const FailureCount& failure : m.failures) failed += failure.count;
  CHECK(failed == m.requests.failed);
  CHECK_FALSE(m.simulated);
  CHECK(connections_left() == "0");
  return m;
}

/// The only line of the failure table.
inline const FailureCount& only_failure(const Measurement& m) {
  for (const FailureCount& f : m.failures) UNSCOPED_INFO(name_of(f.failure) << " " << f.example);
  REQUIRE(m.failures.size() == 1);
  return m.failures[0];
}

}  // namespace poolgauge::test
