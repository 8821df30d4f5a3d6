// A modelled server that goes away for a while, under every kind of pool.
#include "engine/faulty_backend.h"
#include "engine/trial.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"
#include "sim_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// Ten users without pause for five seconds; the server is gone from 2.0 s to 3.5 s.
Measurement run_through_outage(const std::string& kind) {
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.transaction = TransactionMode::read_write;
  request.steps = {sql_step("SELECT 1"), timed_step(StepKind::hold, FixedDuration{5ms})};
  scenario.requests.push_back(std::move(request));
  scenario.deployment.pool.kind = kind;
  scenario.load = users(10, FixedDuration{10ms});
  scenario.duration = 8s;
  VirtualTime time;
  Loop loop(time);
  SimBackend server(loop, scenario, ServerProfile{}, 1);
  FaultPlan plan;
  plan.down = {{TimePoint{2s}, TimePoint{3500ms}}};
  FaultyBackend faulty(server, plan, 1);
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

}  // namespace
