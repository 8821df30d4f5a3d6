// Worlds whose answer is known (Erlang C, machine repair), and a search in one of them.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/advice.h"
#include "app/advisor.h"
#include "math/pool_queue.h"
#include "math/queues.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::app::hidden {

using namespace std::chrono_literals;

/// A "real" server: the simulator, which nobody is told of.
class HiddenWorld final : public World {
 public:
  explicit HiddenWorld(const StopFlag& stop) : world_(simulated_world(ServerProfile{}, stop)) {}
  Status open(const Scenario& widest) override { return world_->open(widest); }
  Scenario as_met(const Scenario& scenario) const override { return scenario; }
  ServerSlots server_slots() const override { return {100, 3, 0, 0}; }
  std::optional<ServerSlots> slots() const override { return server_slots(); }
  Status prepare(const Scenario& scenario) override { return world_->prepare(scenario); }
  Result<Measurement> measure(const Scenario& scenario, std::uint64_t seed) override {
    ++runs;
    if (fail_after > 0 && runs > fail_after) stop_it->request();
    Result<Measurement> measured = world_->measure(scenario, seed + 77);
    const auto size = pool_limit(scenario.deployment.pool, scenario.max_clients()).value_or(0);
    const bool large = saturate_from > 0 && size >= saturate_from;
    if (measured.ok() && (saturate || large)) measured.value().client.cpu_busy_ratio_max = 1;
    if (measured.ok()) measured.value().simulated = false;
    return measured;
  }
  std::vector<std::string> close(const Scenario&) override { return {}; }
  TargetFacts facts() const override { return world_->facts(); }
  bool died() const override { return false; }
  bool simulated() const override { return false; }

  int runs = 0;
  int fail_after = 0;
  bool saturate = false;
  std::int64_t saturate_from = 0;  // connections
  StopFlag* stop_it = nullptr;

 private:
  std::unique_ptr<World> world_;
};

inline Goal wait_goal(double limit_s) {
  Goal goal;
  goal.text = "p95(pool_wait) < limit";
  goal.metric = GoalMetric::pool_wait;
  goal.value = limit_s;
  return goal;
}

inline Scenario holds(Duration hold, Load load, double limit_s) {
  Scenario scenario;
  scenario.name = "holds";
  RequestSpec request;
  request.name = "request";
  Step step;
  step.name = "hold";
  step.kind = StepKind::hold;
  step.time = ExponentialDuration{hold};
  request.steps.push_back(step);
  scenario.requests.push_back(request);
  scenario.load = std::move(load);
  scenario.warmup = 2s;
  scenario.duration = 20s;
  scenario.deadline = 5s;
  scenario.deployment.pool.set("task_time", Duration{0});
  scenario.goals = {wait_goal(limit_s)};
  return scenario;
}

struct Case {
  Scenario scenario;
  std::int64_t truth = 0;
};

inline Case erlang_case(double rate, Duration hold, double limit_s) {
  OpenLoad load;
  load.rate_per_s = rate;
  Case one{holds(hold, load, limit_s), 1};
  while (true) {
    const math::OpenQueue queue{rate, to_s(hold), static_cast<std::uint64_t>(one.truth)};
    if (queue.stable() && queue.wait_quantile_s(0.95) < limit_s) return one;
    ++one.truth;
  }
}

inline Case repair_case(std::uint32_t users, Duration think, Duration hold, double limit_s) {
  ClosedLoad load;
  load.users = users;
  load.think = ExponentialDuration{think};
  Case one{holds(hold, load, limit_s), 1};
  while (one.truth < users) {
    const math::PoolQueue pool{math::independent_servers(to_s(hold)),
                               static_cast<std::uint64_t>(one.truth), std::nullopt};
    if (math::closed_pool(pool, users, to_s(think)).wait_quantile_s(0.95) < limit_s) break;
    ++one.truth;
  }
  return one;
}

struct Searched {
  Report report;
  int runs = 0;
};

/// Behind a pooler whose limits nobody tells.
inline AdviceFrame unknown_pooler() {
  AdviceFrame frame;
  frame.server = {100, 3, 0, 0};
  ConnectionLimit limit;
  limit.of = "pooler";
  limit.name = "unknown";
  limit.setting = "client limit";
  frame.limits = {limit};
  return frame;
}

inline std::optional<std::string> nothing_set(const std::string&) {
  return std::nullopt;
}

inline Searched search(const Scenario& scenario, std::int64_t most, HiddenWorld* given = nullptr,
                       StopFlag* given_stop = nullptr, std::optional<AdviceFrame> framed = {}) {
  StopFlag own_stop;
  StopFlag& stop = given_stop != nullptr ? *given_stop : own_stop;
  HiddenWorld own(stop);
  HiddenWorld& world = given != nullptr ? *given : own;
  AdviseRequest options;
  const Context context{"poolgauge advise", nothing_set, stop};
  ProgressSink progress;
  Advisor advisor(options, context, scenario, world, progress, 1, 0);
  REQUIRE(world.open(scenario).ok());
  REQUIRE(advisor.search(most).ok());
  AdviceFrame frame = framed.value_or(AdviceFrame{});
  if (!framed) frame.slots = world.slots();
  return {advised_report(scenario, advisor, frame, stop.requested()), world.runs};
}

}  // namespace poolgauge::app::hidden
