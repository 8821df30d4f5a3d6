// The pools beside the searched one, against Erlang's answer.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "app/first_size.h"

using namespace poolgauge;
using namespace poolgauge::app;
using namespace std::chrono_literals;

namespace {

/// 200 reads a second that keep a connection of the replica's pool for 40 ms: Erlang C says 12 of
/// one process for a wait of 15 ms.
Scenario reads_on_a_replica() {
  Scenario scenario;
  RequestSpec request;
  request.name = "read";
  request.pool = 1;
  Step step;
  step.name = "hold";
  step.kind = StepKind::hold;
  step.time = ExponentialDuration{40ms};
  step.pool = 1;
  request.steps = {step};
  scenario.requests = {request};
  OpenLoad load;
  load.rate_per_s = 200;
  scenario.load = load;
  scenario.warmup = 2s;
  scenario.duration = 20s;
  scenario.deadline = 5s;
  DeployedPool replica;
  replica.name = "replica";
  replica.target = PoolTarget::replica;
  replica.set("pool_size", std::int64_t{30});
  replica.set("max_overflow", std::int64_t{0});
  replica.set("task_time", Duration{0});
  scenario.deployment.others = {replica};
  Goal goal;
  goal.text = "p95(pool_wait) < 15ms";
  goal.metric = GoalMetric::pool_wait;
  goal.value = 0.015;
  scenario.goals = {goal};
  return scenario;
}

AdviceFrame frame_with(const ServerSlots& slots) {
  AdviceFrame frame;
  frame.slots = frame.server = slots;
  frame.headroom = slots.headroom;
  return frame;
}

}  // namespace

TEST_CASE("the replica's pool is sized as well", "[advise]") {
  const Scenario scenario = reads_on_a_replica();
  const SimulatedSizes sizes(scenario, ServerProfile{}, SizesPlan{20, 200, 1});
  const ServerSlots server{100, 3, 20, 0.1};
  const auto pools = other_pools(scenario, sizes, 5, frame_with(server), std::nullopt);
  REQUIRE(pools.size() == 1);
  REQUIRE(pools[0].pool_size);
  CHECK(std::abs(*pools[0].pool_size - 12) <= 1);
  CHECK(pools[0].needed == *pools[0].pool_size);
  CHECK(pools[0].now == 30);
  CHECK(pools[0].available == 97);  // what is in use on the primary is not in use there
  CHECK(other_pool_words(pools[0]).find("not confirmed by a run") != std::string::npos);
}

TEST_CASE("a replica without room for it is said", "[advise]") {
  const Scenario scenario = reads_on_a_replica();
  const SimulatedSizes sizes(scenario, ServerProfile{}, SizesPlan{20, 200, 1});
  ReplicaFacts facts;
  facts.max_connections = 10;
  facts.reserved_connections = 3;
  const auto pools = other_pools(scenario, sizes, 5, frame_with({100, 3, 0, 0}), facts);
  REQUIRE(pools.size() == 1);
  CHECK_FALSE(pools[0].pool_size);
  CHECK(pools[0].most == 7);
  CHECK(other_pool_words(pools[0]).find("no size up to 7") != std::string::npos);
}

TEST_CASE("behind a pooler of unknown size nothing is said of slots") {
  Scenario scenario = reads_on_a_replica();
  scenario.deployment.others[0].target = PoolTarget::primary;
  const SimulatedSizes sizes(scenario, ServerProfile{}, SizesPlan{20, 200, 1});
  AdviceFrame frame;
  frame.server = {100, 3, 0, 0};
  const auto pools = other_pools(scenario, sizes, 5, frame, std::nullopt);
  REQUIRE(pools.size() == 1);
  CHECK_FALSE(pools[0].available);
  CHECK(other_pool_words(pools[0]).find("slots") == std::string::npos);
}

TEST_CASE("one pool has no others", "[advise]") {
  Scenario scenario = reads_on_a_replica();
  scenario.deployment.others.clear();
  const SimulatedSizes sizes(scenario, ServerProfile{}, SizesPlan{20, 200, 1});
  CHECK(other_pools(scenario, sizes, 5, frame_with({100, 3, 0, 0}), std::nullopt).empty());
}
