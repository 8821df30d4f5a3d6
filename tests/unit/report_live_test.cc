// What `observe --listen` serves, and whether dashboard and alerts name what it serves.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "report/export/live_metrics.h"
#include "report/json/live_health.h"

namespace poolgauge {
namespace {

using nlohmann::json;
using observe::LiveTally;

ObserveServer live_server() {
  ObserveServer server;
  server.version_num = 150008;
  server.version = "15.8";
  server.address = "db.example:5432/shop";
  server.database = "shop";
  server.max_connections = 100;
  server.reserved = 3;
  return server;
}

/// Three sessions, ten times a second: one runs a statement, one is idle in a transaction, one is
/// idle. Every 5 s the counters.
LiveTally watched(double seconds, std::optional<std::int64_t> limit) {
  ObserveQuestion question;
  question.asked_for_s = 60;
  if (limit) question.limits = {{"web", *limit}};
  LiveTally tally(question, 0.05);
  tally.restart(live_server());
  for (int i = 0; i <= static_cast<int>(seconds * 10); ++i) {
    const std::size_t web = tally.group({"shop", "app", "web", "10.0.0.7"});
    ObserveLook look{i * 0.1, {}};
    look.took_s = 0.002;
    look.sessions = {{web, 1, ObserveState::active, ObserveWait::lock, 0.01, 0.01, 100},
                     {web, 2, ObserveState::idle_in_transaction, ObserveWait::none, 0.01, 40, 100},
                     {web, 3 + i / 100, ObserveState::idle, ObserveWait::none, 0.01, kNoAge, 100}};
    tally.look(look);
    if (i % 50 != 0) continue;
    tally.counters({i * 0.1, {{"shop", 2.0 * i, {}, {}, {}, "then", {}}}}, "", 0, 0);
    ObservePoolerLook pooler;
    pooler.t_s = i * 0.1;
    pooler.pools = {{"shop", "app", "transaction", 3, 2, 1, 0.5}};
    tally.pooler(pooler);
  }
  return tally;
}

observe::LiveTarget connected() {
  return {live_server(), true, "", 1'700'000'000};
}

doctor::HealthFacts facts() {
  doctor::HealthFacts facts;
  facts.connected = true;
  facts.address = "db.example:5432/shop";
  facts.round_trip_ms = 2;
  return facts;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::set<std::string> names_in(const std::string& text) {
  static const std::regex name("poolgauge_observe_[a-z_]+");
  std::set<std::string> names;
  for (std::sregex_iterator i(text.begin(), text.end(), name), end; i != end; ++i) {
    names.insert(i->str());
  }
  return names;
}

std::string deployed(const std::string& name) {
  std::ifstream file(std::string(POOLGAUGE_SOURCE_DIR) + "/deploy/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("what is seen now, and what was counted", "[report]") {
  const LiveTally tally = watched(100, 2);
  const std::string text = live_metrics(tally.state(), connected());
  const std::string web =
      "{database=\"shop\",role=\"app\",application_name=\"web\",client_addr=\"10.0.0.7\"} ";
  CHECK(has_line(text, "poolgauge_observe_connected 1"));
  CHECK(has_line(text, "poolgauge_observe_samples_total 1001"));
  CHECK(has_line(text, "poolgauge_observe_last_sample_timestamp_seconds 1700000000"));
  CHECK(has_line(text, "poolgauge_observe_available_slots 97"));
  CHECK(has_line(text, "poolgauge_observe_used_slots 3"));
  CHECK(has_line(text, "poolgauge_observe_sessions" + web + "3"));
  CHECK(has_line(text, "poolgauge_observe_in_use_sessions" + web + "2"));
  CHECK(has_line(text, "poolgauge_observe_lock_waiting_sessions" + web + "1"));
  CHECK(has_line(text, "poolgauge_observe_oldest_transaction_seconds" + web + "40"));
  CHECK(has_line(text, "poolgauge_observe_limit_connections" + web + "2"));
  CHECK(has_line(text, "poolgauge_observe_in_use_seconds_total" + web + "200"));
  CHECK(has_line(text, "poolgauge_observe_idle_in_transaction_seconds_total" + web + "100"));
  CHECK(has_line(text, "poolgauge_observe_all_in_use_seconds_total" + web + "100"));
  CHECK(has_line(text, "poolgauge_observe_opened_sessions_total" + web + "10"));
  CHECK(has_line(text, "poolgauge_observe_transactions_total{database=\"shop\"} 2000"));
  CHECK(has_line(text, "poolgauge_observe_window_seconds 60"));
  CHECK(has_line(text, "poolgauge_observe_window_demand_cut_off" + web + "1"));
  CHECK(
      text.find("poolgauge_observe_pgbouncer_waiting_clients{database=\"shop\",user=\"app\"} 3") !=
      std::string::npos);
}

TEST_CASE("a PgBouncer that does not answer is left out after 15 s", "[report]") {
  LiveTally tally = watched(100, 2);
  CHECK(has_line(live_metrics(tally.state(), connected()),
                 "poolgauge_observe_pgbouncer_connected 1"));
  for (const double t_s : {114.0, 116.0}) {
    tally.look({t_s, {}});
    const std::string text = live_metrics(tally.state(), connected());
    INFO(t_s);
    CHECK(has_line(text, t_s < 115 ? "poolgauge_observe_pgbouncer_connected 1"
                                   : "poolgauge_observe_pgbouncer_connected 0"));
    CHECK((text.find("pgbouncer_busy_servers") != std::string::npos) == (t_s < 115));
  }
  ObservePoolerLook again;
  again.t_s = 117;
  again.pools = {{"shop", "app", "transaction", 3, 2, 1, 0.5}};
  tally.pooler(again);
  const std::string text = live_metrics(tally.state(), connected());
  CHECK(has_line(text, "poolgauge_observe_pgbouncer_connected 1"));
  CHECK(text.find("pgbouncer_busy_servers") != std::string::npos);
  CHECK(live_metrics({}, connected()).find("pgbouncer") == std::string::npos);
}

TEST_CASE("before a window is over, nothing is said of it", "[report]") {
  const std::string text = live_metrics(watched(20, {}).state(), connected());
  CHECK(text.find("_window_") == std::string::npos);
  CHECK(text.find("limit_connections") == std::string::npos);
  const std::string nothing = live_metrics({}, {});
  CHECK(has_line(nothing, "poolgauge_observe_connected 0"));
  CHECK(nothing.find("last_sample") == std::string::npos);
}

TEST_CASE("a new connection starts a new window and keeps the sums", "[report]") {
  LiveTally tally = watched(50, {});
  tally.restart(live_server());
  for (int i = 0; i <= 100; ++i) {
    const std::size_t web = tally.group({"shop", "app", "web", "10.0.0.7"});
    tally.look({i * 0.1, {{web, 9, ObserveState::active, ObserveWait::none, 0, 0, 0}}});
  }
  REQUIRE(tally.state().groups.size() == 1);
  CHECK(tally.state().groups[0].in_use_s == Approx(110));
  CHECK(tally.state().observed_s == Approx(60));
  CHECK(tally.state().groups[0].sessions == 1);
  CHECK_FALSE(tally.state().window);
}

TEST_CASE("OpenMetrics has families without _total, and an end", "[report]") {
  const std::string text = open_metrics(
      "# HELP a_total Total of a_total .\n# TYPE a_total counter\na_total 1\n# TYPE b gauge\nb "
      "2\n");
  CHECK(text ==
        "# HELP a Total of a_total .\n# TYPE a counter\na_total 1\n# TYPE b gauge\nb 2\n# EOF\n");
}

TEST_CASE("dashboard and alerts name metrics that are served", "[report]") {
  const std::set<std::string> served = names_in(live_metrics(watched(100, 2).state(), connected()));
  for (const char* const file : {"grafana-dashboard.json", "prometheus-rules.yml"}) {
    const std::set<std::string> named = names_in(deployed(file));
    CHECK(named.size() >= 10);
    for (const std::string& name : named) {
      INFO(file << ": " << name);
      // A group that --for has not answered yet has no hold time in this scene.
      CHECK((served.count(name) == 1 || name == "poolgauge_observe_window_hold_seconds"));
    }
  }
  const json dashboard = json::parse(deployed("grafana-dashboard.json"));
  std::set<int> ids;
  for (const json& panel : dashboard["panels"]) {
    CHECK(ids.insert(panel["id"].get<int>()).second);
    CHECK_FALSE(panel["targets"].empty());
  }
  CHECK(ids.size() >= 10);
}

TEST_CASE("health of the pools that are watched", "[report]") {
  const LiveTally tally = watched(10, 20);
  LiveHealth health = live_health(tally.state(), facts(), "2026-01-31T12:00:00Z");
  CHECK(health.healthy);
  json read = json::parse(health.json);
  CHECK(read["status"] == "healthy");
  CHECK(read["database"]["connected"] == true);
  CHECK(read["pool"]["application_name"] == "web");
  CHECK(read["pool"]["checked_out"] == 2);
  CHECK(read["pool"]["checked_in"] == 1);
  CHECK(read["pool"]["capacity"] == 20);
  health = live_pools(tally.state(), facts(), "2026-01-31T12:00:00Z", "");
  read = json::parse(health.json);
  REQUIRE(read["pools"].size() == 1);
  CHECK(read["pools"][0]["utilization"] == 0.1);
  CHECK(json::parse(live_pools(tally.state(), facts(), "", "other").json)["pools"].empty());
  // A pool of two of which both are in use.
  health = live_pools(watched(10, 2).state(), facts(), "", "web");
  CHECK_FALSE(health.healthy);
  CHECK(json::parse(health.json)["pools"][0]["status"] == "unhealthy");
  CHECK(json::parse(live_ping(facts(), "now").json)["round_trip_ms"] == 2);
  doctor::HealthFacts gone;
  gone.trouble = "connection refused";
  health = live_ping(gone, "now");
  CHECK_FALSE(health.healthy);
  CHECK(json::parse(health.json)["error"] == "connection refused");
  CHECK_FALSE(live_health(tally.state(), gone, "").healthy);
}

}  // namespace poolgauge
