// The whole search against worlds whose answer is known: Erlang C and machine repair. The world is
// the simulator with its own seeds; the advisor has to calibrate itself as on a real server.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "app/first_size.h"
#include "app/trials.h"
#include "hidden_world.h"

using namespace poolgauge;
using namespace poolgauge::app;
using namespace poolgauge::app::hidden;
using namespace std::chrono_literals;

TEST_CASE("a wait that was still under way at the end is among the longest that were seen") {
  Report report;
  report.pool_wait.count = 10;
  report.pool_wait.p95 = 3.0;
  report.pool_wait.p99.at_least = 40;  // the waiters keep it unknown
  report.pool_wait.max = 5.0;
  const Scenario scenario = holds(50ms, ClosedLoad{10, FixedDuration{}}, 0.1);
  CHECK(evidence_of(scenario, report).wait_max_s == Approx(0.005));
  CHECK_FALSE(evidence_of(scenario, report).wait_unended);
  report.pool_wait.max.at_least = 9000;
  SettingsEvidence seen = evidence_of(scenario, report);
  CHECK(seen.wait_max_s == Approx(9));
  CHECK(seen.wait_p99_s == Approx(0.04));
  CHECK(seen.wait_unended);
  CHECK_FALSE(seen.some_unserved);
  report.failures.push_back({Phase::deadline, FailureClass::deadline, "", 3, "", 1});
  CHECK(evidence_of(scenario, report).some_unserved);
}

TEST_CASE("Behind a pooler of unknown size nobody speaks of max_connections or of slots") {
  const Case one = erlang_case(100, 40ms, 0.010);
  const AdviceFrame frame = unknown_pooler();
  CHECK(cap_of(frame) == 10'000);  // a bound of the search, of which nobody is told
  const Searched found = search(one.scenario, cap_of(frame), nullptr, nullptr, frame);
  REQUIRE(found.report.recommendation);
  const Recommendation& r = *found.report.recommendation;
  CHECK(std::abs(r.total() - one.truth) <= 2);
  CHECK(r.fits());
  const Report saved = as_saved(found.report);
  TerminalStyle style;
  style.width = 200;
  const std::string shown = to_terminal(saved, style);
  INFO(shown);
  for (const char* foreign : {"max_connections", "slot", "10,000", "10000", "server:"}) {
    INFO(foreign);
    CHECK(shown.find(foreign) == std::string::npos);
  }
  CHECK(shown.find("pooler: client limit must be at least") != std::string::npos);
  for (const Snippet& snippet : r.snippets) {
    INFO(snippet.id);
    CHECK(snippet.text.find("max_connections") == std::string::npos);
  }
  CHECK(to_json(found.report).find("\"max_connections\": null") != std::string::npos);
}

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
    CHECK(found.runs <= 12);
    CHECK(r.search->certainty == "confirmed");
    CHECK(r.search->runs_met == r.search->runs_of);
    CHECK(r.search->runs_of >= r.search->runs_needed);
    CHECK(*r.search->headroom > 0);
    CHECK(found.report.verdict.exit_code == 0);
    // Not below what just meets the goal, and above it by the room that runs need.
    const auto above = static_cast<double>(r.total() - one.truth);
    if (above >= -1 && above <= std::max(2.0, 0.1 * static_cast<double>(one.truth))) ++within;
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
  CHECK(r.search->binds.find("--budget allows only 12 connections") != std::string::npos);
  CHECK_FALSE(r.confirmed);
  CHECK(r.snippets.empty());  // nothing to paste that misses the goals
}

TEST_CASE("A budget far below the need is named, and what the need is") {
  const Case one = erlang_case(60, 50ms, 0.020);  // 3 Erlangs
  const Searched found = search(one.scenario, 1);
  const Recommendation& r = *found.report.recommendation;
  CHECK(r.search->outcome == "impossible");
  CHECK(r.search->binds.find("--budget allows only 1 connection per process") == 0);
  CHECK(r.search->binds.find("the goals would be met (simulated)") != std::string::npos);
  CHECK(r.search->binds.find("No pool of up to") == std::string::npos);
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
  // Not a run shows that the size meets the goals: what may be pasted says so itself.
  for (const Snippet& one : found.report.recommendation->snippets) {
    INFO(one.text);
    CHECK(one.text.find("not confirmed: predicted") != std::string::npos);
  }
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
  CHECK(found.report.verdict.reasons[0].find("no pool size was searched") == 0);
  CHECK(found.report.verdict.reasons[1].find("--duration") != std::string::npos);
  CHECK(found.report.diagnosis.empty());
  CHECK(found.runs == 1);
}

TEST_CASE("A role's limit that forbids what is needed is named, and the server is left alone") {
  const Case one = erlang_case(300, 50ms, 0.020);  // 15 Erlangs
  const ConnectionLimit role{"role", "app", "CONNECTION LIMIT", 12, 0, 0, 0, 12};
  AdviceFrame frame;
  frame.slots = frame.server = ServerSlots{100, 3, 0, 0};
  frame.limits = {server_limit(frame.server, true), role};
  const Searched found = search(one.scenario, 12, nullptr, nullptr, frame);
  const Recommendation& r = *found.report.recommendation;
  CHECK(r.search->outcome == "impossible");
  REQUIRE(r.beyond_limits);
  CHECK(*r.beyond_limits > 12);
  REQUIRE(r.limit("role") != nullptr);
  CHECK(r.limit("role")->recommended >= *r.beyond_limits);
  CHECK(r.max_connections == 100);
  CHECK(r.search->binds.find("for role \"app\"") != std::string::npos);
  std::string pasted;
  for (const Snippet& snippet : r.snippets) pasted += snippet.id == "limits" ? snippet.text : "";
  const std::string size = std::to_string(*r.beyond_limits);
  CHECK(pasted.find("-- for " + size +
                    " connections per process; then run advise again\nALTER "
                    "ROLE \"app\" CONNECTION LIMIT") == 0);
  for (const Snippet& snippet : r.snippets) CHECK(snippet.id == "limits");
  CHECK(pasted.find("max_connections") == std::string::npos);
}

TEST_CASE("Goals that every size meets by less than runs differ are likely, never confirmed") {
  // The hold alone has a p95 of 150 ms; a run of 20 s scatters by some percent.
  Scenario scenario = erlang_case(100, 50ms, 0.020).scenario;
  scenario.goals[0].text = "p95(latency) < limit for request request";
  scenario.goals[0].metric = GoalMetric::latency;
  for (const double limit_s : {0.151, 0.153}) {
    scenario.goals[0].value = limit_s;
    const Searched found = search(scenario, 40);
    const Recommendation& r = *found.report.recommendation;
    INFO(r.search->sentence);
    CHECK_FALSE(r.confirmed);
    CHECK(r.search->certainty != "confirmed");
    CHECK(found.report.verdict.exit_code != 0);
    if (r.search->runs_of > 0 && r.search->outcome != "impossible") {
      const std::string k_of_n =
          std::to_string(r.search->runs_met) + " of " + std::to_string(r.search->runs_of) + " run";
      CHECK(r.search->sentence.find(k_of_n) != std::string::npos);
    }
  }
}

TEST_CASE("What the last run says of the pool's size does not stand beside the answer") {
  const Searched found = search(erlang_case(300, 50ms, 0.020).scenario, 85);
  for (const Finding& finding : found.report.diagnosis) {
    INFO(finding.finding << ": " << finding.advice);
    CHECK(finding.advice.find("larger pool") == std::string::npos);
    CHECK(finding.finding != "pool_bound");
  }
}

TEST_CASE("The load grows as it is asked to, and a replay does not") {
  Scenario scenario = erlang_case(100, 40ms, 0.010).scenario;
  CHECK(std::get<OpenLoad>(with_growth(scenario, 0.25)->load).rate_per_s == Approx(125));
  ClosedLoad users;
  users.users = 3;
  scenario.load = users;
  CHECK(std::get<ClosedLoad>(with_growth(scenario, 0.25)->load).users == 4);
  CHECK(std::get<ClosedLoad>(with_growth(scenario, 0)->load).users == 3);
  users.users = 100;
  scenario.load = users;
  CHECK(std::get<ClosedLoad>(with_growth(scenario, 0.1)->load).users == 110);
  ReplayLoad replay;
  replay.arrivals = std::make_shared<const std::vector<ReplayLoad::Arrival>>(1);
  scenario.load = replay;
  CHECK_FALSE(with_growth(scenario, 0.25));
  CHECK(growth_of(scenario, std::nullopt).value() == 0);
  CHECK_FALSE(growth_of(scenario, 0.25).ok());
}

TEST_CASE("Known memory is a limit; a throwaway server's is not known") {
  TargetFacts target;
  target.kind = "server";
  target.address = "db.example:5432/app";
  target.settings = {{"shared_buffers", "128MB"}, {"work_mem", "4MB"}};
  CHECK_FALSE(known_memory_mib(std::nullopt, target));
  CHECK(known_memory_mib(1024.0, target) == 1024.0);
  const ConnectionLimit limit = memory_limit(1024, target);
  // 0.9 × 1,024 − 128, by 5 + 4 × 4 + 128 / 512.
  CHECK(*limit.available() == 37);
  target.settings[0].second = "2GB";
  CHECK(*memory_limit(1024, target).available() == 0);
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
