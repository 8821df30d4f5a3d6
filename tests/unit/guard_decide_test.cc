// Two looks in a row, and what a slower neighbor looks like.
#include <catch2/catch.hpp>

#include "guard/guard.h"

using namespace poolgauge;
using namespace poolgauge::guard;
using Op = GuardRule::Op;

namespace {

GuardLook look_at(Gauge gauge, std::optional<double> value) {
  GuardLook look;
  look[static_cast<std::size_t>(gauge)] = value;
  return look;
}

GuardRule rule(Gauge gauge, Op op, double limit, GuardAction action) {
  return {gauge, op, limit, action, "rule", false};
}

}  // namespace

TEST_CASE("a guard acts at the second look in a row", "[guard]") {
  Decider decider({rule(Gauge::others_active, Op::at_most, 4, GuardAction::hold)});
  CHECK_FALSE(decider.doubts());
  decider.look(look_at(Gauge::others_active, 5));
  CHECK_FALSE(decider.holding());
  CHECK(decider.doubts());
  decider.look(look_at(Gauge::others_active, 3));
  CHECK_FALSE(decider.doubts());
  decider.look(look_at(Gauge::others_active, 6));
  CHECK_FALSE(decider.holding());
  decider.look(look_at(Gauge::others_active, 7));
  REQUIRE(decider.holding());
  CHECK(decider.holding()->value == 7);
  CHECK_FALSE(decider.doubts());
  CHECK_FALSE(decider.stopping());
  decider.look(look_at(Gauge::others_active, 4));
  CHECK_FALSE(decider.holding());
}

TEST_CASE("a gauge that was not seen changes nothing", "[guard]") {
  Decider decider({rule(Gauge::free_slots, Op::at_least, 10, GuardAction::stop)});
  decider.look(look_at(Gauge::free_slots, 9));
  decider.look(look_at(Gauge::free_slots, std::nullopt));
  CHECK_FALSE(decider.stopping());
  decider.look(look_at(Gauge::free_slots, 9));
  REQUIRE(decider.stopping());
  CHECK(decider.stopping()->rule == 0);
  CHECK_FALSE(decider.holding());
}

TEST_CASE("a stop file needs no second look", "[guard]") {
  Decider decider({rule(Gauge::stop_file, Op::equal, 0, GuardAction::stop)});
  decider.look(look_at(Gauge::stop_file, 0));
  CHECK_FALSE(decider.stopping());
  decider.look(look_at(Gauge::stop_file, 1));
  CHECK(decider.stopping());
}

TEST_CASE("rules broken before the load", "[guard]") {
  const std::vector<GuardRule> rules{rule(Gauge::free_slots, Op::at_least, 10, GuardAction::stop),
                                     rule(Gauge::others_active, Op::less, 1, GuardAction::hold)};
  GuardLook seen = look_at(Gauge::free_slots, 9);
  REQUIRE(broken_by(rules, seen).size() == 1);
  CHECK(broken_by(rules, seen)[0].rule == 0);
  seen[static_cast<std::size_t>(Gauge::others_active)] = 2;
  CHECK(broken_by(rules, seen).size() == 2);
}

TEST_CASE("the guards of a shared server", "[guard]") {
  CHECK(default_rules(97)[0].text == "free_slots>=5");
  CHECK(default_rules(1000)[0].text == "free_slots>=50");
  for (const GuardRule& each : default_rules(97)) {
    CHECK(each.by_default);
    CHECK(each.action == GuardAction::stop);
  }
}

TEST_CASE("the time of others' transactions by Little's law", "[guard]") {
  OthersTime others;
  CHECK_FALSE(others.mean_ms());
  // Two statements at a time, 20 transactions a second: 100 ms each. Ours: 50 a second.
  for (int s = 0; s < 5; ++s) {
    others.add({static_cast<double>(s), 2, 1000 + 70.0 * s, 50.0 * s});
  }
  REQUIRE(others.mean_ms());
  CHECK(*others.mean_ms() == Approx(100));
  // Statistics that were reset begin again.
  others.add({5, 2, 10, 250});
  CHECK_FALSE(others.mean_ms());
  // Nothing is told of neighbors that are drowned by the load.
  OthersTime drowned;
  for (int s = 0; s < 5; ++s) drowned.add({static_cast<double>(s), 2, 1010.0 * s, 1000.0 * s});
  CHECK_FALSE(drowned.mean_ms());
}
