// Reports read back: byte for byte what was written, and clear words for what is no report.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "report_sample.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

std::string refusal(const std::string& text) {
  const Result<Report> read = report_from_json(text, "reports/a.json");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().kind == ErrorKind::usage);
  return read.error().message;
}

std::string changed(const std::string& pointer, const Json& value) {
  Json root = Json::parse(to_json(sample::troubled()));
  root[Json::json_pointer(pointer)] = value;
  return refusal(root.dump());
}

void check_round_trip(const Report& report) {
  const std::string written = to_json(report);
  const Result<Report> read = report_from_json(written, "a.json");
  if (!read.ok()) FAIL(read.error().message);
  CHECK(to_json(read.value()) == written);
}

TEST_CASE("what was written reads back and is written the same") {
  check_round_trip(sample::before());
  check_round_trip(sample::after());
  check_round_trip(sample::troubled());
  check_round_trip(sample::gated());
  check_round_trip(Report{});
  Report frozen = sample::before();
  frozen.standstills.resize(2);
  frozen.standstills[0].start = std::chrono::seconds(4);
  frozen.standstills[0].end = std::chrono::seconds(7);
  frozen.standstills[1].whose = "client";
  frozen.standstills[1].confirmed = false;
  check_round_trip(frozen);
}

TEST_CASE("a report from before standstills were noted has none") {
  Json root = Json::parse(to_json(sample::before()));
  root.erase("standstills");
  const Result<Report> read = report_from_json(root.dump(), "a.json");
  REQUIRE(read.ok());
  CHECK(read.value().standstills.empty());
}

TEST_CASE("a report read back renders as the one that was written") {
  const Report written = sample::troubled();
  const Result<Report> read = report_from_json(to_json(written), "a.json");
  REQUIRE(read.ok());
  CHECK(to_terminal(read.value(), {}) == to_terminal(written, {}));
  CHECK(to_markdown(read.value()) == to_markdown(written));
  CHECK(read.value().verdict.status == VerdictStatus::interrupted);
}

TEST_CASE("a pooler's figures read back, and are shown") {
  Report report = sample::before();
  PoolerFacts facts;
  facts.version = "1.18.0";
  facts.origin = "started";
  facts.pool_mode = "transaction";
  facts.pool_size = 20;
  facts.max_client_conn = 1000;
  facts.config = {{"auth_type", "trust"}};
  report.target.pooler = facts;
  CHECK(to_terminal(report, {}).find("longest wait") == std::string::npos);  // nothing was seen
  PoolerSample sample;
  sample.t_s = 1;
  sample.sv_active = 19;
  sample.cl_active = 940;
  sample.cl_waiting = 60;
  sample.maxwait_s = 0.25;
  report.pooler.series = {sample};
  report.pooler.seconds = 1;
  report.pooler.transactions = 500;
  report.pooler.queries = 2000;
  report.pooler.wait_s = 10;
  report.pooler.transaction_s = 20;
  report.pooler.query_s = 15;
  report.pooler.server_wait_ms = 20;
  report.pooler.server_wait_from = "counters";
  check_round_trip(report);
  TerminalStyle wide;
  wide.width = 400;
  const std::string shown = to_terminal(report, wide);
  for (const char* piece :
       {"PgBouncer 1.18.0 transaction 20", "1,000 clients",
        "at most 19 of 20 server connections in use (19.0 on average)", "60 waiting at peak",
        "longest wait seen 250 ms", "500 transactions, 20.0 ms mean wait"}) {
    INFO(piece);
    CHECK(shown.find(piece) != std::string::npos);
  }
  CHECK(to_markdown(report).find("`auth_type = trust`") != std::string::npos);
}

TEST_CASE("a pooler that tells nothing is named, and so is the wait that BEGIN shows") {
  Report report = sample::before();
  PoolerFacts facts;
  facts.kind = "unknown";
  facts.origin = "noticed";
  facts.pool_mode = "transaction";
  facts.unprepared = true;
  report.target.pooler = facts;
  report.pooler.server_wait_ms = 123;
  report.pooler.server_wait_from = "begin";
  check_round_trip(report);
  const Json root = Json::parse(to_json(report));
  CHECK(root["target"]["pooler"]["version"].is_null());
  CHECK(root["target"]["pooler"]["unprepared"] == true);
  CHECK(root["pooler"]["server_wait_ms"] == 123);
  TerminalStyle wide;
  wide.width = 400;
  const std::string shown = to_terminal(report, wide);
  CHECK(shown.find("a pooler in transaction mode, unprepared statements") != std::string::npos);
  CHECK(shown.find("BEGIN took 123 ms (mean)") != std::string::npos);
}

TEST_CASE("retries are in the report where the scenario asks for them, and read back") {
  CHECK_FALSE(Json::parse(to_json(sample::before())).contains("retries"));
  Report report = sample::before();
  report.breakdown_ms.backoff = 100;
  report.retries = RetryCounts{12, 11, {{"40001", 9}, {"40P01", 5}}};
  check_round_trip(report);
  const Json root = Json::parse(to_json(report));
  CHECK(root["retries"]["by_sqlstate"][1]["count"] == 5);
  CHECK(root["breakdown_ms"]["backoff"] == 100);
  CHECK(to_terminal(report, {}).find("12 with retries (9 × 40001, 5 × 40P01)") !=
        std::string::npos);
  CHECK(to_terminal(report, {}).find("backoff") != std::string::npos);
  CHECK(to_markdown(report).find("backoff") != std::string::npos);
}

TEST_CASE("of two servers an outage says which was gone") {
  Report report = sample::troubled();
  report.target.replica = ReplicaFacts{};
  report.outages[1].target = "replica";
  const Result<Report> read = report_from_json(to_json(report), "a.json");
  REQUIRE(read.ok());
  CHECK(read.value().outages[1].target == "replica");
  const std::string words = to_terminal(read.value(), {});
  CHECK(words.find("the primary kept responding") != std::string::npos);
  CHECK(words.find("replica down from 4.0 s to 5.2 s") != std::string::npos);
}

TEST_CASE("awkward values survive the round trip") {
  Report report = sample::before();
  report.seed = 18446744073709551615ULL;
  report.pools[0].measured.capacity = -1;
  report.pools[0].utilization_mean.reset();
  report.server = ServerView{};
  report.server.note = "no permission";
  report.failures = {{Phase::step, FailureClass::sql_error, "22021", 1, "bad \xff byte \"\n"}};
  report.requests.failed = 1;
  report.latency.mean = 1.0 / 3.0;
  report.throughput_per_s = 1e-9;
  report.scenario_json = "{broken";
  for (int status = 0; status <= static_cast<int>(VerdictStatus::interrupted); ++status) {
    report.verdict.status = static_cast<VerdictStatus>(status);
    report.verdict.exit_code = report.verdict.status == VerdictStatus::interrupted ? 130 : 12;
    check_round_trip(report);
    const Result<Report> read = report_from_json(to_json(report), "a.json");
    CHECK(read.value().verdict.status == report.verdict.status);
  }
  for (int which = 0; which <= static_cast<int>(FailureClass::stopped); ++which) {
    report.failures[0].failure = static_cast<FailureClass>(which);
    const Result<Report> read = report_from_json(to_json(report), "a.json");
    REQUIRE(read.ok());
    CHECK(read.value().failures[0].failure == report.failures[0].failure);
  }
}

// Every name of the contract that scripts read.
// clang-format off
const std::vector<const char*> kNames{
    "/schema_version", "/tool/name", "/tool/version", "/command", "/started_at", "/seed",
    "/partial", "/scenario/name", "/scenario/sha256", "/scenario/resolved/load/users",
    "/target/kind", "/target/server_version", "/target/max_connections",
    "/target/reserved_connections", "/target/pooler", "/verdict/status", "/verdict/exit_code",
    "/verdict/reasons", "/verdict/slo/0/goal", "/verdict/slo/0/measured", "/verdict/slo/0/met",
    "/requests/scheduled", "/requests/completed", "/requests/failed", "/requests/shed",
    "/requests/in_flight", "/failures", "/rates/pool_timeout", "/rates/deadline",
    "/rates/error", "/throughput_per_s", "/latency_ms/count", "/latency_ms/p99_ci95/1",
    "/response_ms/mean", "/pool_wait_ms/p50", "/connect_ms/p90", "/connection_time_ms/p999",
    "/steps/1/request", "/steps/1/name", "/steps/1/kind", "/steps/1/latency_ms/max",
    "/pools/0/name", "/pools/0/kind", "/pools/0/options/pool_size", "/pools/0/processes",
    "/pools/0/capacity", "/pools/0/peak_checked_out", "/pools/0/peak_overflow",
    "/pools/0/peak_waiting", "/pools/0/connects", "/pools/0/closes",
    "/pools/0/utilization_mean", "/timeline/0/t_s", "/timeline/0/completed",
    "/timeline/0/failed", "/timeline/0/latency_p95_ms", "/timeline/0/checked_out",
    "/timeline/0/overflow", "/timeline/0/waiting", "/timeline/0/server_active",
    "/timeline/0/server_idle_in_transaction", "/server/connections_peak",
    "/server/active_mean", "/server/wait_events", "/server/cpu_busy", "/server/settings",
    "/client/cpu_busy", "/client/schedule_lag_p99_ms", "/client/saturated",
    "/diagnosis/0/finding", "/diagnosis/0/evidence", "/diagnosis/0/advice", "/recommendation"};
// clang-format on

TEST_CASE("the names that scripts use are all there") {
  const Json root = Json::parse(to_json(sample::before()));
  for (const char* pointer : kNames) {
    INFO(pointer);
    CHECK(root.contains(Json::json_pointer(pointer)));
  }
  CHECK(root["pools"][0]["options"]["timeout"] == "30s");
  CHECK(root["pools"][0]["options"]["recycle"] == -1);
  CHECK(root["requests"]["scheduled"] == 1442);
}

TEST_CASE("cut, foreign and newer files are refused with file and place") {
  const std::string whole = to_json(sample::before());
  CHECK(refusal(whole.substr(0, whole.size() / 2)).find("is truncated") != std::string::npos);
  CHECK(refusal("") ==
        "reports/a.json:1:1: the report is truncated: the file is incomplete or empty");
  CHECK(refusal("{\n  \"a\": oops\n}") == "reports/a.json:2:8: not valid JSON");
  CHECK(refusal("[1, 2]") == "reports/a.json: this is not a poolgauge report");
  CHECK(refusal("{\"schema_version\": 1}") == "reports/a.json: this is not a poolgauge report");
  CHECK(refusal(R"({"schema_version": 1, "tool": {"name": "pgbench"}})") ==
        "reports/a.json: this is not a poolgauge report");
  CHECK(refusal(R"({"schema_version": "1", "tool": {"name": "poolgauge"}})") ==
        "reports/a.json: /schema_version: expected 1, found \"1\"");
  CHECK(changed("/schema_version", 2) ==
        "reports/a.json: /schema_version: the report has version 2, this poolgauge reads version "
        "1");
  CHECK(refusal(std::string(100000, '[')).find("nested too deeply") != std::string::npos);
  CHECK(refusal("{\"a\": 1e99999}").find("too large") != std::string::npos);
}

TEST_CASE("a wrong value is named with its place and what was expected") {
  CHECK(changed("/latency_ms/p95", "fast") ==
        "reports/a.json: /latency_ms/p95: expected a number or null, found \"fast\"");
  CHECK(changed("/requests/completed", -3) ==
        "reports/a.json: /requests/completed: expected a whole number from 0 up, found -3");
  CHECK(changed("/requests/scheduled", 480) ==
        "reports/a.json: /requests/scheduled: expected 481, the sum of completed, failed, shed and "
        "in_flight, found 480");
  CHECK(changed("/failures/1/class", "bad_luck") ==
        "reports/a.json: /failures/1/class: expected a known name, found \"bad_luck\"");
  CHECK(changed("/verdict/status", "ok") ==
        "reports/a.json: /verdict/status: expected pass, slo_missed, regression, inconclusive or "
        "guard, found \"ok\"");
  CHECK(changed("/verdict/exit_code", 1000).find("/verdict/exit_code: expected an exit status") !=
        std::string::npos);
  CHECK(changed("/timeline", Json::object()) ==
        "reports/a.json: /timeline: expected a list, found an object");
  CHECK(changed("/latency_ms/p95_ci95", Json::array({1})).find("expected two numbers") !=
        std::string::npos);
  CHECK(changed("/pools/0/options/timeout", Json::array())
            .find("/pools/0/options/timeout: expected a whole number, found a list") !=
        std::string::npos);
  CHECK(changed("/partial", nullptr) ==
        "reports/a.json: /partial: expected true or false, found null");
}

TEST_CASE("every part of the contract is needed, every extra may be missing") {
  for (const std::string name : {"command", "seed", "partial", "scenario", "target", "verdict",
                                 "requests", "failures", "rates", "throughput_per_s", "latency_ms",
                                 "steps", "pools", "timeline", "server", "client", "diagnosis"}) {
    Json root = Json::parse(to_json(sample::before()));
    root.erase(name);
    INFO(name);
    CHECK(refusal(root.dump()).find("reports/a.json: /" + name) == 0);
  }
  Json root = Json::parse(to_json(sample::before()));
  for (const std::string name :
       {"notes", "command_line", "window", "breakdown_ms", "statement_ms", "recommendation"}) {
    root.erase(name);
  }
  root["server"].erase("samples");
  root["client"].erase("schedule_lag_ms");
  root["later_feature"] = {1, 2, 3};
  CHECK(report_from_json(root.dump(), "a.json").ok());
}

}  // namespace
}  // namespace poolgauge
