// Goals.
#include <catch2/catch.hpp>

#include "poolgauge/scenario.h"

using namespace poolgauge;

namespace {

Goal goal(const std::string& text) {
  const Result<Goal> parsed = parse_goal(text);
  if (!parsed.ok()) FAIL(parsed.error().message);
  return parsed.value();
}

std::string error(const std::string& text) {
  const Result<Goal> parsed = parse_goal(text);
  if (parsed.ok()) FAIL(text << " was accepted");
  return parsed.error().message;
}

}  // namespace

TEST_CASE("every statistic, metric and operator") {
  const Goal p95 = goal("p95(latency) < 1s");
  CHECK(p95.text == "p95(latency) < 1s");
  CHECK(p95.statistic == GoalStatistic::p95);
  CHECK(p95.metric == GoalMetric::latency);
  CHECK(p95.op == GoalOp::less);
  CHECK(p95.value == Approx(1.0));

  CHECK(goal("p999(response)<=1.5ms").value == Approx(0.0015));
  CHECK(goal("p999(response)<=1.5ms").op == GoalOp::less_equal);
  CHECK(goal(" max ( pool_wait ) > 2 m ").value == Approx(120));
  CHECK(goal("mean(connect) >= 0").op == GoalOp::greater_equal);
  CHECK(goal("p50(connection_time) < 20ms").metric == GoalMetric::connection_time);
  CHECK(goal("p90(step:history) < 20 ms").metric == GoalMetric::step);
  CHECK(goal("p90(step:history) < 20 ms").step == "history");
  CHECK(goal("p99(step: chat.ask the model ) < 1s").step == "chat.ask the model");
  CHECK(goal("throughput >= 100/s").value == Approx(100));
  CHECK(goal("throughput > 99.5 /s").statistic == GoalStatistic::throughput);
  CHECK(goal("rate(pool_timeout) <= 0.1%").value == Approx(0.001));
  CHECK(goal("rate(pool_timeout) <= 0.1 %").failure == "pool_timeout");
  CHECK(goal("rate(error) <= 0").value == 0);
  CHECK(goal("rate(deadline) < 100%").value == Approx(1));
  CHECK(goal("rate(deadlock) < 1%").failure == "deadlock");
}

TEST_CASE("bad goals say where and what was expected") {
  CHECK(error("p95(latncy) < 1s") ==
        "found \"latncy\"; did you mean \"latency\"?\n  at character 5 of \"p95(latncy) < 1s\": "
        "expected a metric: latency, response, pool_wait, connect, connection_time, or step:NAME");
  CHECK(error("p96(latency) < 1s") ==
        "found \"p96\"; did you mean \"p99(latency) < 1s\"?\n  at character 1 of \"p96(latency) < "
        "1s\": expected a statistic: p50, p90, p95, p99, p999, max, mean, rate, or throughput");
  CHECK(error("p95 latency < 1s") ==
        "found \"latency < 1s\"; did you mean \"p95(latency) < 1s\"?\n  at character 5 of \"p95 "
        "latency < 1s\": expected \"(\" after the statistic");
  CHECK(error("p95(latency < 1s") ==
        "at character 13 of \"p95(latency < 1s\": expected \")\", found \"< 1s\"; did you mean "
        "\"p95(latency) < 1s\"?");
  CHECK(error("p95(latency) = 1s") ==
        "found \"= 1s\"; did you mean \"p95(latency) <= 1s\"?\n  at character 14 of \"p95(latency) "
        "= 1s\": expected <, <=, >, or >=");
  CHECK(error("p95(latency) < 500") ==
        "found \"500\"; did you mean \"p95(latency) < 500ms\"?\n  at character 16 of "
        "\"p95(latency) < 500\": expected a unit after the number: ns, us, ms, s, m, h, or d");
  CHECK(error("p95(latency) <") ==
        "at character 15 of \"p95(latency) <\": expected a duration such as \"250ms\" or \"1.5s\"");
  CHECK(error("rate(pool_timeout) <= 0.1") ==
        "at character 23 of \"rate(pool_timeout) <= 0.1\": expected a percentage such as 0.1%, "
        "found \"0.1\"");
  CHECK(error("rate(error) < 101%").find("expected a percentage") != std::string::npos);
  CHECK(error("rate(pool_timeot) < 1%").find("; did you mean \"pool_timeout\"?") !=
        std::string::npos);
  CHECK(error("rate(stopped) < 1%").find("expected a class of failures") != std::string::npos);
  CHECK(error("throughput > 100") ==
        "found \"100\"; did you mean \"throughput > 100/s\"?\n  at character 14 of \"throughput > "
        "100\": expected a rate such as 100/s");
  CHECK(error("throughput(latency) > 1/s").find("expected <") != std::string::npos);
  CHECK(error("p95(latency) < 1s please").find("expected the end of the goal, \"over TIME\", or") !=
        std::string::npos);
  CHECK(error("p95(step:) < 1s").find("expected the name of a step") != std::string::npos);
  CHECK(error("").find("expected a statistic") != std::string::npos);
}

TEST_CASE("goals as other tools write them are told in our words") {
  const auto meant = [](const std::string& text) {
    const std::string said = error(text);
    const std::size_t at = said.find("; did you mean \"");
    return at == std::string::npos ? "" : said.substr(at + 16, said.find("\"?", at) - at - 16);
  };
  CHECK(meant("p95 < 300ms") == "p95(latency) < 300ms");
  CHECK(meant("p95(latency, browse) < 300ms") == "p95(latency) < 300ms for request browse");
  CHECK(meant("error_rate < 1%") == "rate(error) < 1%");
  CHECK(meant("errors <= 0.5%") == "rate(error) <= 0.5%");
  CHECK(meant("availability >= 99.9%") == "rate(error) <= 0.1%");
  CHECK(meant("latency.p99 < 1s") == "p99(latency) < 1s");
  CHECK(meant("p99.9(latency) < 1s") == "p999(latency) < 1s");
  CHECK(meant("p(95) < 200") == "p95(latency) < 200ms");
  CHECK(meant("http_req_duration: p(95)<500") == "p95(latency) < 500ms");
  CHECK(meant("avg(response_time) < 2s") == "mean(response) < 2s");
  CHECK(meant("P95(LATENCY) \u2264 1s") == "p95(latency) <= 1s");
  CHECK(meant("rps > 50") == "throughput > 50/s");
  CHECK(meant("pool_wait_p95 < 10ms over 5s") == "p95(pool_wait) < 10ms over 5s");
  CHECK(meant("rate(error) < 0.01").empty());  // a share, or a percentage?
  CHECK(meant("fast please").empty());
  const Result<Goal> refused = parse_goal("fast please");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().hint.find("STATISTIC(METRIC) OP VALUE") != std::string::npos);
}

TEST_CASE("a goal may look at windows and at one kind of request") {
  const Goal window = parse_goal("p95(latency) < 1.5 s over 10s").value();
  CHECK(window.value == 1.5);
  CHECK(window.over == std::chrono::seconds(10));
  CHECK(window.request.empty());
  CHECK(window.narrowed());
  const Goal request = parse_goal("rate(error) <= 0.1% for request look it over").value();
  CHECK(request.request == "look it over");
  CHECK(request.over == Duration{0});
  for (const char* text : {"throughput >= 10/s for request chat over 1m",
                           "throughput >= 10/s over 1m  for request chat "}) {
    const Goal both = parse_goal(text).value();
    CHECK(both.request == "chat");
    CHECK(both.over == std::chrono::minutes(1));
  }
  CHECK_FALSE(parse_goal("max(latency) < 1s").value().narrowed());
}

TEST_CASE("windows and requests that cannot be are refused") {
  CHECK(error("p95(latency) < 1s over 500ms") ==
        "at character 24 of \"p95(latency) < 1s over 500ms\": expected a whole number of seconds, "
        "such as 10s, after \"over\", found \"500ms\"");
  CHECK(error("p95(latency) < 1s over").find("expected a whole number of seconds") !=
        std::string::npos);
  CHECK(error("p95(latency) < 1s over 1s over 2s").find("expected the end of the goal") !=
        std::string::npos);
  CHECK(error("p95(latency) < 1s for chat").find("expected \"for request NAME\"") !=
        std::string::npos);
  CHECK(error("p95(latency) < 1s for request ").find("expected the name of a request") !=
        std::string::npos);
  CHECK(error("p95(connect) < 1s over 5s").find("connect is measured over the whole run") !=
        std::string::npos);
}
