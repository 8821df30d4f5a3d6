// Faults at random times and slow minorities, under open and closed loads, each beside a twin
// without the fault, many times: prints a table. Hidden, since it takes a minute; run it with
// unit_cli "[censoring]".
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "base/rng.h"
#include "poolgauge/report.h"
#include "stall_cases.h"

namespace poolgauge::test {
namespace {

constexpr std::uint64_t kRounds = 25;
constexpr Duration kWarmup = 1s;
constexpr Duration kWindow = 8s;

/// What goes wrong, and the goal that it decides. Times are drawn between the two given.
struct Fault {
  const char* name;
  const char* goal;
  double slow_share = 0;  ///< of requests that never end
  double shortest_s = 0, longest_s = 0;
  bool to_the_end = false, connects = false;
};

std::vector<Fault> faults() {
  return {{"lock until the end", "p95(latency) < 1s", 0, 0.6, 7, true, false},
          {"lock for a while", "p95(latency) < 1s", 0, 1.6, 4, false, false},
          {"frozen for a while", "p95(latency) < 1s", 0, 1.6, 4, false, true},
          {"lock for a while, sliding", "p95(latency) < 1s over 4s", 0, 1.6, 3, false, false},
          {"lock until the end, sliding", "p95(latency) < 1s over 4s", 0, 1.2, 6, true, false},
          {"10 % never end", "p95(latency) < 1s", 0.10, 0, 0, false, false},
          {"5 % never end", "p99(latency) < 1s", 0.05, 0, 0, false, false},
          {"1 % never end", "p999(latency) < 1s", 0.01, 0, 0, false, false}};
}

StallPlan plan_of(const Fault& fault, std::uint64_t seed) {
  if (fault.longest_s <= 0) return {};
  Rng rng(seed);
  const double length_s = fault.shortest_s + (fault.longest_s - fault.shortest_s) * rng.uniform();
  const double window_s = to_s(kWindow);
  const double start_s =
      fault.to_the_end ? window_s - length_s : rng.uniform() * (window_s - length_s - 0.1);
  const TimePoint from{kWarmup + from_s(start_s)};
  return {from, fault.to_the_end ? TimePoint::max() : from + from_s(length_s), fault.connects};
}

Report judged(Scenario scenario, const char* goal, const StallPlan& plan, std::uint64_t seed) {
  scenario.goals.push_back(goal_of(goal));
  RunFacts facts;
  facts.started_at = "2026-01-31T12:00:00Z";
  return make_report(scenario, run_stalling(scenario, plan, seed), facts);
}

TEST_CASE("no fault passes and no twin without it fails, at random times", "[.censoring]") {
  fmt::print("{:28} {:20} {:>6} {:>7} {:>7} | {:>7} {:>7}\n", "fault", "load", "runs", "passed",
             "missed", "twin !=0", "stalls");
  for (const Fault& fault : faults()) {
    for (const LoadCase& who : usual_loads(600, 800)) {
      int passed = 0, missed = 0, twins_failed = 0, twins_stalled = 0;
      for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
        const Report bad =
            judged(quick_and_slow(who.load, who.size, fault.slow_share, std::chrono::hours(1)),
                   fault.goal, plan_of(fault, seed), seed);
        const int status = bad.verdict.exit_code;
        passed += status != 10 && status != 12 ? 1 : 0;
        missed += status == 10 ? 1 : 0;
        const Report twin = judged(quick_and_slow(who.load, who.size, fault.slow_share, 20ms),
                                   fault.goal, {}, seed);
        twins_failed += twin.verdict.exit_code != 0 ? 1 : 0;
        twins_stalled += twin.stalls.empty() ? 0 : 1;
      }
      fmt::print("{:28} {:20} {:>6} {:>7} {:>7} | {:>8} {:>7}\n", fault.name, who.name, kRounds,
                 passed, missed, twins_failed, twins_stalled);
      std::fflush(stdout);
      INFO(fault.name << ", " << who.name);
      CHECK(passed == 0);
      CHECK(twins_failed == 0);
      CHECK(twins_stalled == 0);
    }
  }
}

}  // namespace
}  // namespace poolgauge::test
