// Loads in stages: the integral of a changing rate turned round, and who is there when.
#include "engine/stages.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

using Stages = std::vector<Stage>;

TEST_CASE("a staged rate: each arrival where the integral of the rate says", "[stages]") {
  struct Row {
    const char* what;
    Stages stages;
    double count;
    double at_s;
  };
  const Stages step{{10s, 100, false}, {10s, 50, false}};
  const Stages ramp{{10s, 100, true}, {10s, 100, false}, {10s, 0, true}};
  const Stages pause{{1s, 10, false}, {5s, 0, false}, {1s, 10, false}};
  const std::vector<Row> rows{
      {"the first at once", step, 0, 0},
      {"within a stage", step, 250, 2.5},
      {"the first of the next stage", step, 1000, 10},
      {"within the next", step, 1001, 10.02},
      {"the last level stays", step, 2500, 40},
      {"a ramp from nothing: half of it after sqrt(1/2)", ramp, 250, 10 * std::sqrt(0.5)},
      {"a ramp begins with nobody", ramp, 0, 0},
      {"after the ramp", ramp, 600, 11},
      {"down again: the same backwards", ramp, 1750, 30 - 10 * std::sqrt(0.5)},
      {"before a pause", pause, 9, 0.9},
      {"after a pause, not in it", pause, 10, 6},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    StagedRate rate(row.stages, 1);
    CHECK(to_s(rate.time_of(row.count)) == Approx(row.at_s).epsilon(1e-12).margin(2e-9));
  }
}

TEST_CASE("a staged rate that ends at nothing brings no more", "[stages]") {
  StagedRate rate({{10s, 0.1, false}, {10s, 0, false}}, 1);
  CHECK(rate.time_of(0) == 0s);
  CHECK(rate.time_of(1) == kNotInThisLife);  // ten times a tenth is one, and it is over
  CHECK(rate.time_of(5) == kNotInThisLife);
}

TEST_CASE("shares of a staged rate: the same times at a count in proportion", "[stages]") {
  const Stages stages{{3s, 70, true}, {2s, 10, true}, {4s, 30, false}};
  StagedRate whole(stages, 1);
  StagedRate quarter(stages, 0.25);
  for (int count = 0; count < 300; count += 4) {
    const Duration one = whole.time_of(count);
    const Duration other = quarter.time_of(count / 4.0);
    CHECK(std::abs((one - other).count()) <= 2);
  }
}

/// All stays of a user.
std::vector<Presence> stays_of(const Stages& stages, std::uint32_t user) {
  std::vector<Presence> stays;
  Duration after{0};
  while (const auto next = next_presence(stages, user, after)) {
    stays.push_back(*next);
    after = next->until;
  }
  return stays;
}

double level_at(const Stages& stages, Duration t) {
  double level = 0;
  for (const Stage& stage : stages) {
    if (t < stage.length) {
      if (!stage.ramp) return stage.level;
      return level + (stage.level - level) * to_s(t) / to_s(stage.length);
    }
    t -= stage.length;
    level = stage.level;
  }
  return level;
}

TEST_CASE("as many users are there as the level says, at every moment", "[stages]") {
  const std::vector<Stages> loads{
      {{10s, 20, false}},
      {{10s, 20, true}, {5s, 20, false}, {10s, 0, true}},
      {{4s, 3, false}, {4s, 17, true}, {4s, 5, false}, {4s, 9, true}, {4s, 1, true}},
      {{1s, 0, false}, {10s, 7, true}, {1s, 0, false}, {2s, 7, false}},
  };
  for (const Stages& stages : loads) {
    std::vector<std::vector<Presence>> users;
    for (std::uint32_t user = 0; user < 20; ++user) users.push_back(stays_of(stages, user));
    for (Duration t = 50ms; t < 30s; t += 100ms + 1ns) {
      std::size_t there = 0;
      for (const auto& stays : users) {
        for (const Presence& stay : stays) there += stay.from <= t && t < stay.until ? 1U : 0U;
      }
      INFO("at " << to_s(t));
      const double level = level_at(stages, t);
      if (std::abs(level - std::round(level)) < 1e-6) continue;  // somebody comes or goes just now
      CHECK(there == static_cast<std::size_t>(level));
    }
  }
}

TEST_CASE("stays do not overlap, come in order, and the last one has no end", "[stages]") {
  const Stages stages{{4s, 5, false}, {4s, 1, false}, {4s, 5, true}};
  const std::vector<Presence> first = stays_of(stages, 0);
  REQUIRE(first.size() == 1);
  CHECK(first[0].from == 0s);
  CHECK(first[0].until == kNotInThisLife);
  const std::vector<Presence> third = stays_of(stages, 2);
  REQUIRE(third.size() == 2);
  CHECK(third[0].until == 4s);
  CHECK(third[1].from == 10s);  // half of the ramp from 1 to 5
  CHECK(third[1].until == kNotInThisLife);
  CHECK(stays_of(stages, 4)[1].from == 12s);
  CHECK(stays_of(stages, 5).empty());
}

TEST_CASE("a stay that has begun is what is left of it", "[stages]") {
  const Stages stages{{10s, 2, false}, {10s, 0, false}};
  const auto rest = next_presence(stages, 1, 4s);
  REQUIRE(rest);
  CHECK(rest->from == 4s);
  CHECK(rest->until == 10s);
  CHECK_FALSE(next_presence(stages, 1, 10s));
}

}  // namespace
}  // namespace poolgauge
