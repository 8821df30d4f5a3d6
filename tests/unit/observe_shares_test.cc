// Whose transactions the database counted: groups that share one.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "observe_world.h"

namespace poolgauge::observe {
namespace {

WorldSpec named_spec(const char* application, double demand, double hold_s,
                     std::size_t connections) {
  WorldSpec spec;
  spec.key.application = application;
  spec.demand = demand;
  spec.hold_s = hold_s;
  spec.connections = connections;
  return spec;
}

/// Sessions that always have work, and sessions that run short statements now and then.
std::vector<WorldSpec> lock_pile_up(double seconds) {
  std::vector<WorldSpec> specs{named_spec("worker", 5, 0.13, 4), named_spec("web", 0.05, 0.001, 2)};
  for (WorldSpec& spec : specs) {
    spec.seconds = seconds;
    spec.batch_s = seconds < 60 ? 0.2 : seconds / 60;
  }
  return specs;
}

std::vector<World> worlds_of(const std::vector<WorldSpec>& specs, std::uint64_t seed) {
  std::vector<World> worlds;
  for (std::size_t i = 0; i < specs.size(); ++i) worlds.emplace_back(specs[i], seed + 1000 * i);
  return worlds;
}

const ObservedGroup& group_of(const Observed& observed, const std::string& application) {
  for (const ObservedGroup& group : observed.groups) {
    if (group.key.application == application) return group;
  }
  FAIL("no such group");
  return observed.groups.front();
}

bool covers(const std::optional<ObserveFigure>& figure, double truth) {
  return figure && figure->low && figure->high && *figure->low <= truth && truth <= *figure->high;
}

}  // namespace

namespace {

bool tells_of_tests(const Observed& observed) {
  for (const std::string& limit : observed.limits) {
    if (limit.find("connection tests") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the connection tests of a pool are no requests", "[observe]") {
  for (const double hold_s : {0.012, 0.09}) {
    for (const double tested : {0.13, 1.0}) {
      WorldSpec spec = named_spec("web", 70 * hold_s, hold_s, 20);
      spec.tested = tested;
      double rates = 0, holds = 0;
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Observed observed = observed_world(spec, seed);
        const ObservedGroup& group = observed.groups.at(0);
        INFO(hold_s << " s, " << tested << " tests, seed " << seed);
        CHECK(tells_of_tests(observed));
        CHECK(observed.databases.at(0).transactions_per_s ==
              Approx(70 * (1 + tested)).epsilon(0.03));
        REQUIRE(group.rate_per_s);
        REQUIRE(group.hold_s);
        CHECK(group.rate_per_s->value == Approx(70).epsilon(0.06));
        rates += group.rate_per_s->value / 5;
        holds += group.hold_s->value / 5;
      }
      CHECK(rates == Approx(70).epsilon(0.03));
      CHECK(holds == Approx(hold_s).epsilon(0.03));
    }
  }
}

TEST_CASE("requests are not taken for connection tests", "[observe]") {
  int mistaken = 0;
  for (const bool last_first : {false, true}) {
    for (const double hold_s : {0.002, 0.012, 0.09}) {
      for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        WorldSpec spec = named_spec("web", 70 * hold_s, hold_s, 20);
        spec.last_first = last_first;
        const Observed observed = observed_world(spec, seed);
        mistaken += tells_of_tests(observed);
        CHECK(observed.groups.at(0).rate_per_s->value == Approx(70).epsilon(0.06));
      }
    }
  }
  CHECK(mistaken <= 1);
  // Where requests wait, they begin as soon as another ends.
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CHECK_FALSE(tells_of_tests(observed_world(named_spec("web", 5, 0.1, 8), seed)));
  }
}

TEST_CASE("sessions that are never idle have transactions, too", "[observe]") {
  const std::vector<WorldSpec> specs = lock_pile_up(300);
  std::vector<World> worlds = worlds_of(specs, 3);
  const Observed observed = observed_worlds(specs, worlds, 3);
  const ObservedGroup& worker = group_of(observed, "worker");
  const ObservedGroup& web = group_of(observed, "web");
  REQUIRE(worker.rate_per_s);
  REQUIRE(web.rate_per_s);
  REQUIRE(worker.hold_s);
  CHECK(worker.rate_per_s->value == Approx(4 / 0.13).epsilon(0.1));
  CHECK(worker.hold_s->value == Approx(0.13).epsilon(0.1));
  CHECK(web.rate_per_s->value == Approx(50).epsilon(0.1));
}

namespace {

struct SharedCase {
  const char* name;
  std::vector<WorldSpec> specs;
};

std::vector<SharedCase> shared_cases() {
  std::vector<SharedCase> cases{
      {"lock pile-up", lock_pile_up(60)},
      {"lock pile-up, 12 s", lock_pile_up(12)},
      {"last returned first",
       {named_spec("worker", 3, 0.1, 12), named_spec("web", 0.5, 0.005, 6)}}};
  for (WorldSpec& spec : cases[2].specs) {
    spec.last_first = true;
    spec.seconds = 60;
    spec.batch_s = 1;
  }
  return cases;
}

/// How many worlds' intervals hold the truth.
struct SharedCoverage {
  int rate = 0, hold = 0, other = 0;
};

SharedCoverage shared_coverage(const SharedCase& each, int count) {
  SharedCoverage coverage;
  const WorldSpec& first = each.specs[0];
  const double busy = std::min(first.demand, static_cast<double>(first.connections));
  for (int i = 1; i <= count; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    std::vector<World> worlds = worlds_of(each.specs, seed);
    const Observed observed = observed_worlds(each.specs, worlds, seed);
    const ObservedGroup& worker = group_of(observed, "worker");
    coverage.rate += covers(worker.rate_per_s, busy / first.hold_s);
    coverage.hold += covers(worker.hold_s, first.hold_s);
    coverage.other +=
        covers(group_of(observed, "web").rate_per_s, each.specs[1].demand / each.specs[1].hold_s);
  }
  return coverage;
}

}  // namespace

TEST_CASE("groups of one database: intervals hold their rates and holds", "[observe]") {
  for (const SharedCase& each : shared_cases()) {
    const SharedCoverage coverage = shared_coverage(each, 60);
    INFO(each.name);
    CHECK(coverage.rate >= 51);  // of Binomial(60, 0.95): 0.1 % are below
    CHECK(coverage.hold >= 51);
    CHECK(coverage.other >= 51);
  }
}

TEST_CASE("groups of one database: coverage in 400 worlds", "[.][observe_coverage]") {
  for (const SharedCase& each : shared_cases()) {
    const SharedCoverage coverage = shared_coverage(each, 400);
    WARN(each.name << ": rate " << coverage.rate / 4.0 << " %, hold " << coverage.hold / 4.0
                   << " %, other rate " << coverage.other / 4.0 << " %");
    for (const int held : {coverage.rate, coverage.hold, coverage.other}) {
      CHECK(held >= 352);  // 88 %: the span is chosen from the same looks, and 400 worlds show
                           // a coverage to within 2.2 points
    }
  }
}

}  // namespace poolgauge::observe
