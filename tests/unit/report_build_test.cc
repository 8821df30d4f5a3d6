// From measurement to report: summaries, shares, circumstances, and the texts that name a run.
#include <catch2/catch.hpp>

#include "assess/describe.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

TEST_CASE("a summary leaves out what its sample cannot support") {
  const LatencySummary none = summarize(Histogram{});
  CHECK(none.count == 0);
  CHECK_FALSE(none.mean.has_value());
  CHECK_FALSE(none.max.has_value());

  const LatencySummary one = summarize(sample::spread(1, 5, 5));
  CHECK(*one.mean == Approx(5));
  CHECK(*one.max == Approx(5));
  CHECK_FALSE(one.p50.has_value());

  const LatencySummary some = summarize(sample::spread(72, 1, 72));
  CHECK(some.p50.has_value());
  CHECK(some.p90.has_value());
  CHECK(*some.p95 == Approx(69).epsilon(0.01));
  CHECK_FALSE(some.p99.has_value());
  CHECK_FALSE(some.p99_ci95.has_value());

  const LatencySummary many = summarize(sample::spread(3688, 1, 100));
  CHECK(many.p999.has_value());
  CHECK(many.p95_ci95->first < *many.p95);
  CHECK(many.p95_ci95->second > *many.p95);
}

TEST_CASE("the breakdown is the mean per completed request and sums to the mean latency") {
  const Report report = sample::before();
  CHECK(report.breakdown_ms.pool_wait == Approx(1300));
  CHECK(report.breakdown_ms.total() == Approx(*report.latency.mean));
}

TEST_CASE("a busy server and its machine reach the diagnosis: CPUs, locks, the log") {
  Measurement m = sample::drowning();
  m.phases = PhaseTotals{};
  m.phases.sql_ns = m.latency.sum_ns();
  m.connection_time = m.latency;
  m.pools[0].waiting_mean = 0;
  m.pools[0].peak_waiting = 0;
  m.server.active_mean = 8;
  m.server.wait_events = {{"CPU", 7.9}, {"Lock", 0.1}};
  m.server.single_events = {};
  m.server.cpu_s = 0.9 * 4 * to_s(m.window);
  m.server.cores = m.calibration.cores = 4;
  m.client.machine = {0.1, 3.6, 0.1, 0, 4};
  const auto first = [](const Measurement& measured) {
    return make_report(sample::chat(5, 10), measured, sample::facts()).diagnosis.at(0);
  };
  CHECK(first(m).finding == "cpu_bound");
  CHECK(first(m).evidence ==
        "7.9 statements were running or ready to run on average, but the server has only 4 cores, "
        "95 % busy "
        "(90 % by its own processes).");
  m.client.machine.databases = 2;  // they only queue for it in our own sampling
  CHECK(first(m).finding == "database_bound");
  m.server.wait_events = {{"Lock", 7.0}, {"CPU", 1.0}};
  m.server.single_events = {{"Lock:transactionid", 6.5}, {"Lock:tuple", 0.5}};
  CHECK(first(m).finding == "lock_bound");
  CHECK(first(m).evidence.find(": Lock:transactionid 6.5, Lock:tuple 0.5.") != std::string::npos);
  m.server.wait_events = {{"IO", 7.0}, {"CPU", 1.0}};
  m.server.single_events = {{"IO:WALSync", 6.9}};
  CHECK(first(m).finding == "commit_bound");
  m.server.wait_events = {{"LWLock", 3.0}, {"BufferPin", 1.0}, {"CPU", 4.0}};
  m.server.single_events = {{"LWLock:BufferMapping", 3.0}, {"BufferPin:BufferPin", 1.0}};
  CHECK(first(m).finding == "lwlock_bound");
}

TEST_CASE("steps, pool and statement figures are gathered") {
  const Report report = sample::before();
  REQUIRE(report.steps.size() == 3);
  CHECK(report.steps[1].request == "chat");
  CHECK(report.steps[1].kind == "hold");
  CHECK(report.statement.count == 2 * 1342);
  CHECK(report.pool_text == "sqlalchemy-async 5+10");
  CHECK(*report.pools[0].utilization_mean == Approx(14.98 / 15));
  CHECK(report.timeline.size() == 20);
  CHECK(report.timeline[19].t_s == 20);
}

TEST_CASE("all the pool's options come from the caller where it knows them") {
  RunFacts facts = sample::facts();
  facts.pool_options = {{{"pool_size", std::int64_t{7}}, {"max_overflow", std::int64_t{-1}}}};
  const Report report = make_report(sample::chat(5, 10), sample::drowning(), facts);
  CHECK(report.pool_text == "sqlalchemy-async 7+unlimited");
  CHECK(report.pools[0].options.size() == 2);
}

TEST_CASE("a second with few requests shows no tail") {
  Measurement m = sample::drowning();
  m.series.resize(1);
  m.series[0].latency = Histogram{5};
  m.series[0].latency.record_n(from_ms(10), 19);
  m.series[0].server_active = -1;
  const Report few = make_report(sample::chat(5, 10), m, sample::facts());
  CHECK(few.timeline[0].latency_p50_ms.has_value());
  CHECK_FALSE(few.timeline[0].latency_p95_ms.has_value());
  CHECK_FALSE(few.timeline[0].server_active.has_value());
  m.series[0].latency.record(from_ms(10));
  const Report enough = make_report(sample::chat(5, 10), m, sample::facts());
  CHECK(enough.timeline[0].latency_p95_ms.has_value());
}

TEST_CASE("an empty measurement makes a report that says so") {
  const Report report = make_report(sample::chat(5, 10), Measurement{}, sample::facts());
  CHECK(report.verdict.exit_code == 12);
  CHECK(report.diagnosis.empty());
  CHECK(report.rate_error == 0);
  const std::string text = to_terminal(report, {});
  CHECK(text.find("INCONCLUSIVE") != std::string::npos);
  CHECK(text.find("No request completed") != std::string::npos);
  CHECK(to_markdown(report).find("**chat-100-before is inconclusive: no request finished") == 0);
  const Result<Report> read = report_from_json(to_json(report), "a.json");
  CHECK(read.ok());
}

TEST_CASE("circumstances of the run reach the verdict") {
  RunFacts facts = sample::facts();
  facts.guards.stopped_by = "3 slots left on the server";
  CHECK(make_report(sample::chat(5, 10), sample::drowning(), facts).verdict.exit_code == 13);
  facts = sample::facts();
  facts.target_died = true;
  CHECK(make_report(sample::chat(5, 10), sample::drowning(), facts).verdict.exit_code == 12);
  facts = sample::facts();
  facts.interrupted = true;
  const Report interrupted = make_report(sample::chat(5, 10), sample::drowning(), facts);
  CHECK(interrupted.verdict.exit_code == 130);
  CHECK(interrupted.partial);
  Measurement busy = sample::drowning();
  busy.client.cpu_busy_ratio_max = 0.99;
  const Report saturated = make_report(sample::chat(5, 10), busy, sample::facts());
  CHECK(saturated.verdict.exit_code == 12);
  CHECK(saturated.client_saturated);
  CHECK(saturated.diagnosis[0].finding == "client_bound");
  CHECK(saturated.verdict.reasons[0].find("99 % busy") != std::string::npos);
}

TEST_CASE("several pools are shown each and together; the fullest is diagnosed by name") {
  Scenario scenario = sample::chat(5, 10);
  Measurement m = sample::drowning();
  DeployedPool replica = scenario.deployment.pool;
  replica.name = "replica";
  replica.target = PoolTarget::replica;
  replica.role = "reader";
  scenario.deployment.others.push_back(replica);
  PoolMeasurement idle = m.pools[0];
  idle.name = "replica";
  idle.peak_checked_out = idle.peak_waiting = 2;
  idle.waiting_mean = 0;
  idle.connects = 2;
  m.pools.push_back(idle);
  m.server.connections = {{"replica", "replica", "reader", "poolgauge-1-replica", 2, 1.5}};
  const Report report = make_report(scenario, m, sample::facts());
  CHECK(report.pool_text.find("primary sqlalchemy-async 5+10, replica sqlalchemy-async 5+10") == 0);
  CHECK(report.diagnosis[0].evidence.find("In pool \"primary\", ") != std::string::npos);
  TerminalStyle wide;
  wide.width = 200;
  const std::string text = to_terminal(report, wide);
  CHECK(text.find("2 pools · 30 connections allowed") != std::string::npos);
  CHECK(text.find("replica (on the replica, as reader): at most 2 of 15 in use") !=
        std::string::npos);
  CHECK(text.find("at most 2 in the samples of the server") != std::string::npos);
  CHECK(to_markdown(report).find("  - pool replica (on the replica, as reader)") !=
        std::string::npos);
  const Result<Report> read = report_from_json(to_json(report), "a.json");
  REQUIRE(read.ok());
  CHECK(to_json(read.value()) == to_json(report));
  CHECK(to_terminal(read.value(), wide) == text);
}

TEST_CASE("loads, fleets and options are named as people write them") {
  CHECK(load_text(ClosedLoad{1, FixedDuration{}}) == "1 user");
  CHECK(load_text(ClosedLoad{10000, FixedDuration{std::chrono::seconds(1)}}) ==
        "10,000 users thinking 1.00 s");
  CHECK(load_text(OpenLoad{200, true}) == "200/s (Poisson)");
  CHECK(load_text(OpenLoad{12.5, false}) == "12.5/s (constant)");
  CHECK(load_text(BurstLoad{100, std::chrono::seconds(5)}) == "bursts of 100 every 5 s");
  CHECK(load_text(BurstLoad{100}) == "one burst of 100");
  using std::chrono::seconds;
  const DurationSpec think = FixedDuration{seconds(2)};
  CHECK(load_text(UserStages{{{seconds(5), 40, true}, {seconds(5), 1200, false}}, think}) ==
        "2 stages, up to 1,200 users thinking 2.00 s");
  CHECK(load_text(RateStages{{{seconds(5), 0.5, true}}, false}) ==
        "1 stage, up to 0.5/s (constant)");
  CHECK(load_text(ReplayLoad{"a.csv", 1, nullptr}) == "replay of a.csv");
  CHECK(load_text(ReplayLoad{"a.csv", 2.5, nullptr}) == "replay of a.csv at 2.5x");
  CHECK(fleet_text(Deployment{1, 1, {}}).empty());
  CHECK(fleet_text(Deployment{2, 4, {}}) == "2 instances × 4 processes");
  CHECK(fleet_text(Deployment{1, 4, {}}) == "1 instance × 4 processes");
  CHECK(pool_text("none", {}) == "none");
  CHECK(option_text(Duration(-1)) == "-1");
  CHECK(option_text(Duration(std::chrono::minutes(30))) == "30m");
  CHECK(option_text(false) == "false");
}

}  // namespace
}  // namespace poolgauge
