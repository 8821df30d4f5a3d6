// A modelled server that goes away for a while, under every kind of pool.
#include "engine/faulty_backend.h"
#include "engine/trial.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"
#include "sim_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// Ten users for eight seconds.
Scenario busy(const std::string& kind) {
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.transaction = TransactionMode::read_write;
  request.steps = {sql_step("SELECT 1"), timed_step(StepKind::hold, FixedDuration{5ms})};
  scenario.requests.push_back(std::move(request));
  scenario.deployment.pool.kind = kind;
  scenario.load = users(10, FixedDuration{10ms});
  scenario.duration = 8s;
  return scenario;
}

/// The server is gone from 2.0 s to 3.5 s.
FaultPlan outage_plan() {
  FaultPlan plan;
  plan.down = {{TimePoint{2s}, TimePoint{3500ms}}};
  return plan;
}

Measurement run_through_outage(const std::string& kind) {
  const Scenario scenario = busy(kind);
  VirtualTime time;
  Loop loop(time);
  SimBackend server(loop, scenario, ServerProfile{}, 1);
  FaultyBackend faulty(server, outage_plan(), 1);
  Trial trial(scenario, loop, time, {&faulty}, Shard{}, 1, TimePoint{}, nullptr);
  const StopFlag never;
  return trial.run(never);
}

TEST_CASE("every kind of pool comes back after an outage, and the outage is seen", "[outage]") {
  for (const KindInfo* kind : pool_kinds()) {
    INFO(kind->name);
    const Measurement m = run_through_outage(kind->name);
    check_identities(m);
    REQUIRE_FALSE(m.outages.empty());
    const Outage& outage = m.outages[0];
    CHECK(outage.start >= 2s);
    CHECK(outage.start < 2100ms);
    REQUIRE(outage.end.has_value());
    CHECK(*outage.end >= 3500ms);
    // psycopg_pool tries again after 1 s and then 2 s, the others sooner.
    CHECK(*outage.end < 6500ms);
    CHECK(outage.lost_connections > 0);
    CHECK(m.series[1].completed > 300);
    CHECK(m.series[2].completed < 100);
    CHECK(m.series[6].completed > 300);
  }
}

TEST_CASE("an outage says which of two servers was gone", "[outage]") {
  Scenario scenario = busy("sqlalchemy");
  scenario.deployment.others.push_back(scenario.deployment.pool);
  scenario.deployment.others[0].name = "reads";
  scenario.deployment.others[0].target = PoolTarget::replica;
  scenario.requests.push_back(scenario.requests[0]);
  scenario.requests[1].pool = scenario.requests[1].steps[0].pool = 1;
  VirtualTime time;
  Loop loop(time);
  SimBackend primary(loop, scenario, ServerProfile{}, 1);
  SimBackend server(loop, scenario, ServerProfile{}, 2);
  FaultyBackend replica(server, outage_plan(), 1);
  Trial trial(scenario, loop, time, {&primary, &replica}, Shard{}, 1, TimePoint{}, nullptr);
  const StopFlag never;
  const Measurement m = trial.run(never);
  check_identities(m);
  REQUIRE_FALSE(m.outages.empty());
  for (const Outage& outage : m.outages) CHECK(outage.target == "replica");
}

}  // namespace
