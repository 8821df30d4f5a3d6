// The renderings of `observe`.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "poolgauge/observe.h"
#include "report/observe_words.h"

namespace poolgauge {
namespace {

ObservedGroup observe_group(const char* application, double in_use) {
  ObservedGroup group;
  group.key = {"shop", "app", application, "10.0.0.7"};
  group.sessions_mean = 20;
  group.sessions_least = group.sessions_most = 20;
  group.in_use = {in_use, in_use - 0.1, in_use + 0.12, 0.05};
  group.in_use_counted = in_use + 0.03;
  group.active = 0.9;
  group.idle_in_transaction = in_use - 0.9;
  group.busiest_minute = in_use + 0.4;
  group.in_use_p99 = 11;
  group.in_use_most = 13;
  group.in_use_shares = {0.2, 0.5, 0.3};
  group.rate_per_s = ObserveFigure{49.1, 48.5, 49.7, 0.3};
  group.hold_s = ObserveFigure{0.102, 0.098, 0.106, 0.002};
  group.hold_spread = ObserveFigure{0.98, 0.9, 1.1, 0.05};
  group.hold_quantiles_s = {0.02, 0.07, 0.2};
  group.hold_p50_s = 0.07;
  group.hold_p95_s = 0.301;
  group.all_in_use = {0, 0, 0.002, 0};
  group.guess = {"psycopg", "idle connections are reused in turn"};
  group.size = {11, 11, 6.75, 0.04, false};
  return group;
}

Observed observe_sample() {
  Observed observed;
  observed.server.version_num = 150008;
  observed.server.version = "15.8";
  observed.server.address = "db.example:5432/shop";
  observed.server.role = "watcher";
  observed.server.database = "shop";
  observed.server.max_connections = 100;
  observed.server.reserved = 3;
  observed.cost = {0.0012, 0.0031, 0.1};
  observed.seconds = 300;
  observed.looks = 2998;
  observed.groups = {observe_group("web", 5.02), observe_group("<b>|\x1b[31m\"", 1.5)};
  observed.databases = {{"shop", 6.52, 6.6, 98.2, 120.0, 0.1}};
  observed.points = {{0, 5, {5, 1}, {4, 0.5}, {20, 20}}, {5, 5, {5.5, 2}, {4.5, 1}, {20, 20}}};
  observed.sessions_mean = 40;
  observed.sessions_most = 40;
  observed.could_open = 40;
  observed.needed = 22;
  observed.idle_surplus = 7;
  observed.warnings = {"the statistics were reset"};
  observed.limits = {"The sizes hold for this window."};
  return observed;
}

const ObserveRun kRun{"0.2.0", "poolgauge observe", "2026-01-31T12:00:00Z", 0};

bool observe_has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("observe on the terminal: answer, reason, server, limits", "[observe]") {
  const TerminalStyle wide{false, true, 400, false};
  const std::string text = to_terminal(observe_sample(), wide);
  CHECK(text.starts_with(
      "✓ web (database shop, role app, from 10.0.0.7) needs 11 connections and has 20\n"));
  CHECK(observe_has(text,
                    "5.02 (95 % CI 4.92–5.14) sessions on average, 5.42 in the busiest minute, "
                    "p99 11 (sample too small for p99.9), at most 13 at once"));
  CHECK(observe_has(text, "5.05 on average by the server's counters"));
  CHECK(observe_has(text, "connections in use (one-sided 95 % upper bound of the "));
  CHECK(observe_has(text, "49.1 (95 % CI 48.5–49.7) transactions per second"));
  CHECK(observe_has(
      text, "102 ms (95 % CI 98.0 ms–106 ms) per transaction on average, p50 70.0 ms, p95 301 ms"));
  CHECK(observe_has(text,
                    "not reached: no sample found all 20 connections in use (95 % CI: at most 0.2 "
                    "% of the time)"));
  CHECK(observe_has(
      text, "97 available to clients (max_connections 100 − 3 reserved); sessions occupy 40"));
  CHECK(observe_has(text, "0.12 % of a CPU core on the server and 0.31 % here"));
  CHECK(observe_has(text, "warning"));
  CHECK(observe_has(text, "The sizes hold for this window."));
  CHECK_FALSE(observe_has(text, "\x1b"));
}

TEST_CASE("a group that is cut off is the first thing said", "[observe]") {
  Observed observed = observe_sample();
  observed.groups[0].cut = ObserveCut::likely;
  observed.groups[0].all_in_use = {0.32, 0.3, 0.34, 0.01};
  observed.groups[0].size = {24, 24, 20, 0.04, true};
  const std::string text = to_terminal(observed, {false, true, 300, false});
  CHECK(
      text.starts_with("! web (database shop, role app, from 10.0.0.7) is probably limited by its "
                       "pool: all 20 connections were in use 32 % of the time, and no more were "
                       "opened. It needs at least 24.\n"));
  CHECK(observe_has(text, "at least 24 connections"));
  observed.groups[0].cut = ObserveCut::certain;
  observed.groups[0].size.total = 20;
  CHECK(to_terminal(observed, {false, true, 300, false})
            .starts_with("✗ web (database shop, role app, from 10.0.0.7) is limited by its pool: "
                         "all 20 connections were in use 32 % of the time.\n"));
  observed.groups.clear();
  CHECK(observe_has(to_terminal(observed, {}), "no client session was seen in 300 s"));
}

TEST_CASE("a group that waits for locks is told so, and gets no larger size", "[observe]") {
  Observed observed = observe_sample();
  ObservedGroup& group = observed.groups[0];
  group.cut = ObserveCut::likely;
  group.waits = {0.1, 3.9, 0, 0, 0, 0};
  group.held_by_locks = true;
  group.size = {20, 20, 20, 0.04, false};
  const std::string text = to_terminal(observed, {false, true, 400, false});
  CHECK(
      text.starts_with("✗ web (database shop, role app, from 10.0.0.7) waits for locks, not for "
                       "connections: of 5.02 sessions in use, 3.90 wait for a lock on average. A "
                       "larger pool would only add waiters. Shorten the transactions"));
  CHECK(observe_has(text, "keep 20 connections: those of a larger pool would wait"));
  CHECK_FALSE(observe_has(text, "at least 2"));
}

TEST_CASE("what was not seen in use is not sized, and nothing seen is nothing said", "[observe]") {
  Observed observed = observe_sample();
  ObservedGroup& group = observed.groups[0];
  group.in_use = {};
  group.in_use_most = 0;
  group.hold_s.reset();
  const TerminalStyle wide{false, true, 300, false};
  std::string text = to_terminal(observed, wide);
  CHECK(
      text.starts_with("✓ web (database shop, role app, from 10.0.0.7) has 20 connections, which "
                       "no sample found in use\n"));
  CHECK(observe_has(text, "not sized: no sample found a session in use"));
  CHECK(observe_has(text, "too short to measure"));
  observed.groups.clear();
  observed.limits.clear();
  text = to_terminal(observed, wide);
  CHECK_FALSE(observe_has(text, "limits of"));
  CHECK_FALSE(observe_has(text, "slots"));
}

TEST_CASE("observe as JSON keeps every figure, null where there is none", "[observe]") {
  Observed observed = observe_sample();
  observed.groups[1].in_use.low = observed.groups[1].in_use.high = std::nullopt;
  observed.groups[1].rate_per_s = std::nullopt;
  const auto json = nlohmann::json::parse(to_json(observed, kRun));
  CHECK(json["command"] == "observe");
  const auto& first = json["groups"][0];
  CHECK(first["in_use"]["mean"]["value"] == 5.02);
  CHECK(first["in_use"]["mean"]["ci95"][1] == 5.14);
  CHECK(first["hold"]["mean_ms"]["value"] == 102);
  CHECK(first["cut_off"] == "no");
  CHECK(first["size"]["total"] == 11);
  CHECK(first["size_high"].is_null());
  CHECK(json["groups"][1]["in_use"]["mean"]["ci95"].is_null());
  CHECK(json["groups"][1]["transactions_per_s"].is_null());
  CHECK(json["groups"][1]["application_name"] == "<b>|\x1b[31m\"");
  CHECK(json["recommendation"].is_null());
  observed.recommendation = Recommendation{};
  observed.recommendation->pool_size = 11;
  const auto recommended = nlohmann::json::parse(to_json(observed, kRun));
  CHECK(recommended["recommendation"]["confidence"] == "observed");
  CHECK(recommended["recommendation"]["pool_size"] == 11);
}

TEST_CASE("observe in the other forms: names of strangers are harmless", "[observe]") {
  const Observed observed = observe_sample();
  const std::string markdown = to_markdown(observed);
  CHECK(markdown.starts_with(
      "**web (database shop, role app, from 10.0.0.7) needs 11 connections and has 20**"));
  CHECK_FALSE(observe_has(markdown, "<b>"));
  const std::string html = to_html(observed, kRun);
  CHECK(observe_has(html, "<svg"));
  CHECK_FALSE(observe_has(html, "<b>|"));
  CHECK_FALSE(observe_has(html, "http://"));
  const std::string metrics = to_prometheus(observed);
  CHECK(observe_has(metrics,
                    "poolgauge_observe_in_use{database=\"shop\",role=\"app\","
                    "application_name=\"web\",client_addr=\"10.0.0.7\"} 5.02\n"));
  CHECK(observe_has(metrics, "# TYPE poolgauge_observe_hold_seconds gauge\n"));
  CHECK(observe_has(metrics, "\\\""));
  const std::string csv = to_csv(observed);
  CHECK(observe_has(csv, "5,5,\"shop\",\"app\",\"web\",\"10.0.0.7\",20,5.5,4.5\r\n"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
}

}  // namespace poolgauge
