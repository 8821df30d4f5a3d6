// The whole search against worlds whose answer is known: Erlang C and machine repair. The world is
// the simulator with its own seeds; the advisor has to calibrate itself as on a real server.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "cli/advice_report.h"
#include "cli/advisor.h"
#include "cli/sweep_plan.h"
#include "math/erlang.h"
#include "math/pool_queue.h"

using namespace poolgauge;
using namespace poolgauge::cli;
using namespace std::chrono_literals;

namespace {

/// A "real" server: the simulator, which nobody is told of.
class HiddenWorld final : public World {
 public:
  explicit HiddenWorld(const StopFlag& stop) : world_(simulated_world(ServerProfile{}, stop)) {}
  Status open(const Scenario& widest) override { return world_->open(widest); }
  ServerSlots slots() const override { return {100, 3, 0, 0}; }
  Status prepare(const Scenario& scenario) override { return world_->prepare(scenario); }
  Result<Measurement> measure(const Scenario& scenario, std::uint64_t seed) override {
    ++runs;
    if (fail_after > 0 && runs > fail_after) stop_it->request();
    Result<Measurement> measured = world_->measure(scenario, seed + 77);
    if (measured.ok() && saturate) measured.value().client.cpu_busy_ratio_max = 1;
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
  StopFlag* stop_it = nullptr;

 private:
  std::unique_ptr<World> world_;
};

Goal wait_goal(double limit_s) {
  Goal goal;
  goal.text = "p95(pool_wait) < limit";
  goal.metric = GoalMetric::pool_wait;
  goal.value = limit_s;
  return goal;
}

Scenario holds(Duration hold, Load load, double limit_s) {
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

Case erlang_case(double rate, Duration hold, double limit_s) {
  OpenLoad load;
  load.rate_per_s = rate;
  Case one{holds(hold, load, limit_s), 1};
  while (true) {
    const math::OpenQueue queue{rate, to_s(hold), static_cast<std::uint64_t>(one.truth)};
    if (queue.stable() && queue.wait_quantile_s(0.95) < limit_s) return one;
    ++one.truth;
  }
}

Case repair_case(std::uint32_t users, Duration think, Duration hold, double limit_s) {
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

Searched search(const Scenario& scenario, std::int64_t most, HiddenWorld* given = nullptr,
                StopFlag* given_stop = nullptr) {
  StopFlag own_stop;
  StopFlag& stop = given_stop != nullptr ? *given_stop : own_stop;
  HiddenWorld own(stop);
  HiddenWorld& world = given != nullptr ? *given : own;
  AdviseOptions options;
  const Context context{"poolgauge advise", process_environment(), stop};
  ProgressPrinter progress(ProgressPrinter::Mode::none, Terminal{});
  Advisor advisor(options, context, scenario, world, progress, 0);
  REQUIRE(world.open(scenario).ok());
  REQUIRE(advisor.search(most).ok());
  AdviceFrame frame;
  frame.slots = world.slots();
  return {advised_report(scenario, advisor, frame, stop.requested()), world.runs};
}

}  // namespace

TEST_CASE("Advice lands on Erlang C's and machine repair's answers, and confirms them") {
  const std::vector<Case> cases = {
      erlang_case(100, 40ms, 0.010), erlang_case(300, 50ms, 0.020), erlang_case(200, 40ms, 0.004),
      repair_case(40, 500ms, 100ms, 0.020), repair_case(100, 400ms, 60ms, 0.010)};
  int within = 0;
  for (const Case& one : cases) {
    const Searched found = search(one.scenario, 85);
    REQUIRE(found.report.recommendation);
    const Recommendation& r = *found.report.recommendation;
    INFO(r.total() << " for " << one.truth << " after " << found.runs << " runs");
    CHECK(r.confirmed);
    CHECK(r.confidence == Confidence::measured);
    CHECK(found.runs <= 7);
    CHECK(found.report.verdict.exit_code == 0);
    const double away = std::abs(static_cast<double>(r.total() - one.truth));
    if (away <= std::max(1.0, 0.05 * static_cast<double>(one.truth))) ++within;
  }
  CHECK(within == static_cast<int>(cases.size()));
}

TEST_CASE("What the budget forbids is not proposed, and said") {
  const Case one = erlang_case(300, 50ms, 0.020);  // 15 Erlangs
  const Searched found = search(one.scenario, 12);
  const Recommendation& r = *found.report.recommendation;
  CHECK(r.total() <= 12);
  CHECK(r.search->outcome == "impossible");
  CHECK(found.report.verdict.exit_code == 10);
  CHECK(r.search->binds.find("budget binds") != std::string::npos);
  CHECK_FALSE(r.confirmed);
}

TEST_CASE("Runs of a saturated client are not believed") {
  StopFlag stop;
  HiddenWorld world(stop);
  world.saturate = true;
  const Searched found = search(erlang_case(100, 40ms, 0.010).scenario, 85, &world, &stop);
  CHECK(found.report.recommendation->search->outcome == "inconclusive");
  CHECK(found.report.verdict.exit_code == 12);
  CHECK(found.runs == 3);
  CHECK(found.report.recommendation->confidence == Confidence::simulated);
}

TEST_CASE("Stopped in the middle, the best answer so far is shown as such") {
  StopFlag stop;
  HiddenWorld world(stop);
  world.fail_after = 1;
  world.stop_it = &stop;
  const Searched found = search(erlang_case(100, 40ms, 0.010).scenario, 85, &world, &stop);
  CHECK(found.report.partial);
  CHECK(found.report.verdict.exit_code == 130);
  CHECK(found.report.recommendation->search->outcome == "interrupted");
  CHECK(found.report.recommendation->total() >= 5);
}

TEST_CASE("Too few requests for a percentile: how long would do is the answer") {
  Scenario scenario = repair_case(4, 900ms, 100ms, 0.020).scenario;
  scenario.goals[0].statistic = GoalStatistic::p99;
  const Searched found = search(scenario, 85);
  CHECK_FALSE(found.report.recommendation);
  CHECK(found.report.verdict.exit_code == 12);
  REQUIRE_FALSE(found.report.verdict.reasons.empty());
  CHECK(found.report.verdict.reasons[0].find("--duration") != std::string::npos);
  CHECK(found.runs == 1);
}

TEST_CASE("Sizes are read as people type them") {
  CHECK(parse_sizes("5..60", true).value().most == 60);
  CHECK(parse_sizes("20,5,10,5", true).value().listed == std::vector<double>{5, 10, 20});
  CHECK(parse_sizes("12", true).value().least == 12);
  CHECK(parse_sizes("0.5..2", false).value().least == 0.5);
  for (const char* wrong : {"", "5..", "..5", "a", "5,,6", "0", "-3", "2.5", "5..5", "5..60x"}) {
    INFO(wrong);
    CHECK_FALSE(parse_sizes(wrong, true).ok());
  }
}
