// From one run to others: what a run carries must predict runs that were never made. The truth is a
// modelled server here, so that any error is the method's own.
#include <catch2/catch.hpp>
#include <cmath>

#include "advise/prediction.h"
#include "poolgauge/report.h"
#include "sim_bench.h"

namespace poolgauge::test {
namespace {

/// Two cores, statements of 1 ms: fifteen connections that hold 5 ms ask for more than it has.
ServerProfile truth(unsigned cores) {
  ServerProfile server;
  server.cores = cores;
  server.statement_work = 1ms;
  return server;
}

Scenario chat(std::int64_t connections) {
  Scenario scenario = hold_scenario(ExponentialDuration{5ms}, connections, 0);
  RequestSpec& request = scenario.requests[0];
  request.transaction = TransactionMode::read_write;
  request.steps[0].name = "model";
  request.steps.insert(request.steps.begin(), sql_step("SELECT 1"));
  request.steps[0].name = "read";
  request.steps.push_back(sql_step("INSERT 1"));
  request.steps[2].name = "write";
  scenario.load = users(40);
  scenario.warmup = 1s;
  scenario.duration = 20s;
  return scenario;
}

Report measured_with(std::int64_t connections, unsigned cores) {
  const Scenario scenario = chat(connections);
  RunFacts facts;
  facts.seed = 1;
  facts.started_at = "2026-01-31T12:00:00Z";
  Measurement measured = run_simulated(scenario, truth(cores), 1);
  measured.calibration.cores = cores;
  return make_report(scenario, measured, facts);
}

double off(double predicted, double observed) {
  return std::abs(std::log(predicted / observed));
}

double p95(const Histogram& histogram) {
  return static_cast<double>(histogram.quantile(0.95).count());
}

void check_prediction(const Report& report, unsigned cores, std::int64_t connections) {
  const Scenario scenario = chat(connections);
  const Measurement predicted = run_simulated(scenario, profile_of(report, scenario), 1);
  const Measurement observed = run_simulated(scenario, truth(cores), 2);
  INFO(connections << " connections on " << cores << " cores");
  // A larger pool is nothing but capacity where the cores are all busy, and how they slow each
  // other down beyond what was seen is an assumption.
  const double more = connections > 10 ? 0.03 : 0;
  CHECK(off(static_cast<double>(predicted.requests.completed),
            static_cast<double>(observed.requests.completed)) < 0.03 + more);
  CHECK(off(p95(predicted.latency), p95(observed.latency)) < 0.05 + more);
  CHECK(off(p95(predicted.pool_wait), p95(observed.pool_wait)) < 0.06 + more);
}

TEST_CASE("one run predicts pools half and one and a half times as large", "[predict]") {
  for (const unsigned cores : {2U, 4U}) {
    const Report report = measured_with(10, cores);
    const ServerFit fit = fit_server(report.calibration);
    INFO("capacity " << fit.capacity << " (" << fit.capacity_low << " .. " << fit.capacity_high
                     << ") of " << cores << ", observed " << fit.observed);
    CHECK(fit.capacity > 0.7 * cores);
    CHECK(fit.capacity < 1.5 * cores);
    for (const std::int64_t connections : {5, 7, 13, 15}) {
      check_prediction(report, cores, connections);
    }
  }
}

TEST_CASE("a report keeps its calibration through JSON", "[predict]") {
  const Report report = measured_with(10, 2);
  const Result<Report> read = report_from_json(to_json(report), "r.json");
  REQUIRE(read.ok());
  const Calibration& before = report.calibration;
  const Calibration& after = read.value().calibration;
  REQUIRE(after.transactions.size() == before.transactions.size());
  CHECK(after.cores == 2);
  CHECK(after.dispersion == Approx(before.dispersion).epsilon(1e-4));
  CHECK(after.exchanges[0][1].count == before.exchanges[0][1].count);
  CHECK(after.exchanges[0][1].mean_us() == Approx(before.exchanges[0][1].mean_us()).epsilon(1e-4));
  CHECK(fit_server(after).capacity == Approx(fit_server(before).capacity).epsilon(0.06));
  CHECK(to_json(read.value()) == to_json(report));
}

TEST_CASE("a damaged sample is refused with its place", "[predict]") {
  std::string text = to_json(measured_with(10, 2));
  const std::size_t at = text.find('@');
  text[at] = '#';
  const Result<Report> read = report_from_json(text, "r.json");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().message.find("/calibration/requests/0/samples/0") != std::string::npos);
}

TEST_CASE("predictions have intervals, and say when they leave what was measured", "[predict]") {
  const Report report = measured_with(10, 2);
  const Scenario unchanged = chat(10);
  const auto runs_of = [&](const Scenario& asked) {
    SimulatedRuns runs;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      runs.question.push_back(run_simulated(asked, profile_of(report, asked), seed));
    }
    runs.unchanged.push_back(run_simulated(unchanged, profile_of(report, unchanged), 1));
    return runs;
  };
  const Prediction same = predict(report, unchanged, unchanged, runs_of(unchanged));
  CHECK(same.same_question);
  CHECK(same.runs == 3);
  CHECK(same.beyond.empty());
  for (const PredictedFigure& figure : same.figures) {
    if (figure.name == "rates.pool_timeout") continue;
    INFO(figure.name);
    REQUIRE(figure.value);
    REQUIRE(figure.measured);
    CHECK(*figure.low < *figure.value);
    CHECK(*figure.value < *figure.high);
    CHECK(*figure.low < *figure.measured);
    CHECK(*figure.measured < *figure.high);
  }
  Scenario larger = chat(40);
  larger.resolved_json = "{}";
  const Prediction beyond = predict(report, unchanged, larger, runs_of(larger));
  CHECK_FALSE(beyond.same_question);
  CHECK_FALSE(beyond.figures[0].measured);
  REQUIRE(beyond.beyond.size() == 2);
  CHECK(beyond.beyond[0].find("40 connections") != std::string::npos);
  CHECK(beyond.beyond[1].find("in progress at a time") != std::string::npos);
}

TEST_CASE("a connection released during a hold serves others meanwhile", "[predict]") {
  Scenario scenario = chat(4);
  const Measurement held = run_simulated(scenario, truth(4), 1);
  Result<Scenario> changed = release_during(scenario, "model");
  REQUIRE(changed.ok());
  const Measurement released = run_simulated(changed.value(), truth(4), 1);
  check_identities(released);
  CHECK(released.requests.completed > 2 * held.requests.completed);
  CHECK(released.phases.hold_ns == 0);
  CHECK(released.phases.pause_ns > 0);
  // Two transactions instead of one: about twice the time in BEGIN.
  const double each = released.phases.begin_ns / static_cast<double>(released.requests.completed);
  const double before = held.phases.begin_ns / static_cast<double>(held.requests.completed);
  CHECK(each > 1.5 * before);
  const Result<Scenario> wrong = release_during(scenario, "read");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().hint == "hold steps: request.model");
}

}  // namespace
}  // namespace poolgauge::test
