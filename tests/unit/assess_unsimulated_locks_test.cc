// Which statements are taken to lock the same rows each time, and what a simulation then says.
#include <catch2/catch.hpp>

#include "assess/diagnosis.h"
#include "assess/goals.h"
#include "assess/sentences.h"

namespace poolgauge {
namespace {

Scenario running(const std::string& sql, bool with_variable = false) {
  Scenario scenario;
  RequestSpec request;
  request.name = "count";
  request.steps.resize(1);
  request.steps[0].name = "update";
  request.steps[0].sql.source = request.steps[0].sql.text = sql;
  if (with_variable) request.steps[0].sql.variables = {0};
  scenario.requests = {request};
  ClosedLoad load;
  load.users = 20;
  scenario.load = load;
  return scenario;
}

TEST_CASE("a statement that changes rows and has nothing that varies locks the same rows") {
  for (const char* sql :
       {"UPDATE counters SET value = value + 1 WHERE id = 1", "delete\n  from jobs where id = 1",
        "SELECT * FROM jobs WHERE id = 1 FOR UPDATE",
        "INSERT INTO c VALUES (1) ON CONFLICT (id) DO UPDATE SET n = c.n + 1",
        "SELECT pg_advisory_xact_lock(7)", "LOCK TABLE counters"}) {
    INFO(sql);
    CHECK(steps_on_same_rows(running(sql)) == "step \"count.update\"");
    CHECK(steps_on_same_rows(running(sql, true)).empty());
  }
}

TEST_CASE("reads, inserts, what does not wait, and one user alone lock nothing that matters") {
  for (const char* sql : {"SELECT update_count FROM t", "INSERT INTO t VALUES (1)", "SELECT 1",
                          "SELECT * FROM jobs FOR UPDATE SKIP LOCKED",
                          "UPDATE t SET n = 1 WHERE id = (random() * 1000)::int"}) {
    INFO(sql);
    CHECK(steps_on_same_rows(running(sql)).empty());
  }
  Scenario alone = running("UPDATE t SET n = 1");
  ClosedLoad load;
  load.users = 1;
  alone.load = load;
  CHECK(steps_on_same_rows(alone).empty());
}

TEST_CASE("a simulation without the locks that decide judges no goal and names no bottleneck") {
  Scenario scenario = running("UPDATE t SET n = 1");
  Goal goal;
  goal.text = "p95(latency) < 1s";
  goal.value = 1;
  Goal rate;
  rate.text = "rate(error) <= 1%";
  rate.statistic = GoalStatistic::rate;
  rate.metric = GoalMetric::none;
  rate.failure = "error";
  rate.op = GoalOp::less_equal;
  rate.value = 0.01;
  scenario.goals = {goal, rate};
  Measurement m;
  m.window = std::chrono::seconds(10);
  m.simulated = true;
  m.requests.completed = 1000;
  m.latency.record_n(std::chrono::milliseconds(100), 1000);
  CHECK(judge_goals(scenario, m)[0].outcome == GoalOutcome::met);
  m.unsimulated_locks = steps_on_same_rows(scenario);
  for (const JudgedGoal& judged : judge_goals(scenario, m)) {
    CHECK(judged.outcome == GoalOutcome::unsupported);
    CHECK(judged.result.open_by == GoalResult::OpenBy::locks);
    CHECK(open_label(judged.result) == "the simulator does not model locks");
    CHECK(judged.reason.find("poolgauge run") != std::string::npos);
  }
  Figures f;
  f.requests.completed = 1000;
  f.unsimulated_locks = m.unsimulated_locks;
  const std::vector<Finding> findings = diagnose(f);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].finding == "locks_not_simulated");
  CHECK(findings[0].evidence.find("step \"count.update\" locks the same rows every time") !=
        std::string::npos);
  CHECK(short_name("locks_not_simulated") == "locks, not simulated");
}

}  // namespace
}  // namespace poolgauge
