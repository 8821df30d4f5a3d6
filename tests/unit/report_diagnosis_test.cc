// What the diagnosis is given: goals, parts of the wait, the window after its first second, the
// place.
#include <catch2/catch.hpp>

#include "assess/describe.h"
#include "report/sentences.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Figures figures(const Scenario& scenario, const Measurement& measured, const RunFacts& facts) {
  return figures_of(scenario, measured, make_report(scenario, measured, facts));
}

TEST_CASE("waits of the first second are told from those of the others") {
  Measurement m = sample::drowning();
  m.slice_length = 1s;
  m.slices.resize(20);
  m.pool_wait = Histogram{};
  Histogram filling, calm;
  filling.record_n(2s, 60);
  calm.record_n(1us, 70);
  for (Slice& slice : m.slices) slice.pool_wait = calm.packed();
  m.slices[0].pool_wait = filling.packed();
  m.pool_wait.merge(filling);
  for (int i = 1; i < 20; ++i) m.pool_wait.merge(calm);
  const Figures f = figures(sample::chat(5, 10), m, sample::facts());
  REQUIRE(f.later_waited_fraction);
  CHECK(*f.later_waited_fraction == 0);
  CHECK(*f.later_wait < 0.01);
  CHECK(f.waited_fraction > 0.04);

  m.slices.resize(1);  // a burst: nearly everything happens in the first second
  CHECK_FALSE(figures(sample::chat(5, 10), m, sample::facts()).later_wait);
}

TEST_CASE("the part of the waits that is connecting, and connects within statements") {
  Measurement m = sample::drowning();
  const double n = static_cast<double>(m.requests.completed);
  m.phases.pool_wait_ns = 10e6 * n;
  m.phase_times.connect = Histogram{7};
  m.phase_times.connect.record_n(40ms, m.requests.completed / 10);  // 4 ms per request
  Figures f = figures(sample::chat(5, 10), m, sample::facts());
  CHECK(f.connect_per_request_ms == Approx(4).epsilon(0.01));
  CHECK(f.connect_in_wait == Approx(0.4).epsilon(0.01));
  m.phases.pool_wait_ns = 0.1e6 * n;  // a pool that connects at the first exchange
  f = figures(sample::chat(5, 10), m, sample::facts());
  CHECK(f.connect_in_wait == 0);
  CHECK(f.connect_per_request_ms == Approx(4).epsilon(0.01));
}

TEST_CASE("goals, users, and the place reach the diagnosis") {
  Scenario scenario = sample::chat(5, 10);
  RunFacts facts = sample::facts();
  facts.machine.memory_mib = 2048;
  Measurement m = sample::drowning();
  m.outages = {{1s, 3s, 12, 4, "primary"}};
  const Figures f = figures(scenario, m, facts);
  CHECK(f.goals.any);
  CHECK_FALSE(f.goals.all_met);
  CHECK(f.goals.times_missed);
  CHECK(f.goals.on_failures);
  CHECK_FALSE(f.goals.failures_missed);
  CHECK(f.users == 100);
  CHECK(f.server_near);
  CHECK(f.server_memory_mib == 2048);
  CHECK(f.lost_connections == 12);
  CHECK(f.outages_s == 2);
  CHECK(f.pool_timeout_option == "timeout");
  facts.target.kind = "server";
  m.server.cpu_s.reset();
  const Figures away = figures(scenario, m, facts);
  CHECK_FALSE(away.server_near);
  CHECK(away.server_memory_mib == 0);
}

TEST_CASE("where nothing was completed, nothing ran longer than what was") {
  Measurement m = sample::drowning();
  m.requests = {};
  m.requests.in_flight = 12;
  m.latency = Histogram{};
  m.in_flight.latency.record_n(9s, 12);
  const Report report = make_report(sample::chat(5, 10), m, sample::facts());
  CHECK(in_flight_text(report) == "12 in flight at the end, the oldest for 9.00 s");
  REQUIRE_FALSE(report.diagnosis.empty());
  CHECK(report.diagnosis[0].finding == "no_completions");
}

TEST_CASE("a finding's sentence is in the JSON, and a report without it has that of its name") {
  const Report report = make_report(sample::chat(5, 10), sample::drowning(), sample::facts());
  const std::string text = to_json(report);
  const std::string key = R"("headline": ")";
  REQUIRE(text.find(key) != std::string::npos);
  const Result<Report> read = report_from_json(text, "a.json");
  REQUIRE(read.ok());
  CHECK(headline(read.value().diagnosis.at(0)) == headline(report.diagnosis.at(0)));
  CHECK(headline(Finding{"pool_bound", "", ""}) == "The pool is the bottleneck.");
}

}  // namespace
}  // namespace poolgauge
