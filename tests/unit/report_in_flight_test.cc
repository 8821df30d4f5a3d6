// Ages of requests in flight in a report: written, read back, shown, and joined exactly.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "report_sample.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// A tenth of the requests is stuck, all in the second step; from second 12 on nothing is
/// completed.
Measurement stuck() {
  Measurement m = sample::drowning();
  m.in_flight.steps.resize(3);
  m.in_flight.requests.resize(1);
  for (int i = 0; i < 150; ++i) {
    const Duration age = from_ms(2000 + 100 * i);
    m.in_flight.latency.record(age);
    m.in_flight.response.record(age);
    m.in_flight.connection_time.record(age / 2);
    m.in_flight.requests[0].record(age);
    m.in_flight.steps[1].record(age / 2);
  }
  m.in_flight.pool_wait.record(from_ms(9000));
  m.requests.in_flight = 150;
  for (std::size_t i = 12; i < m.series.size(); ++i) {
    m.series[i].completed = 0;
    m.series[i].latency.clear();
  }
  return m;
}

Report stuck_report() {
  return make_report(sample::chat(5, 10), stuck(), sample::facts());
}

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

TEST_CASE("ages and stalls read back as they were written, and say the same", "[in_flight]") {
  const Report written = stuck_report();
  const std::string json = to_json(written);
  const Result<Report> read = report_from_json(json, "a.json");
  if (!read.ok()) FAIL(read.error().message);
  CHECK(to_json(read.value()) == json);
  CHECK(to_terminal(read.value(), {}) == to_terminal(as_saved(written), {}));
  CHECK(to_markdown(read.value()) == to_markdown(as_saved(written)));
  CHECK(to_prometheus(read.value()) == to_prometheus(as_saved(written)));

  const Json root = Json::parse(json);
  CHECK(root["latency_ms"]["count"] == 1342);
  CHECK(root["latency_ms"]["p50"].is_number());
  CHECK(root["latency_ms"]["p95"].is_null());
  CHECK(root["latency_ms"]["p95_at_least"] == 16900);
  CHECK(root["latency_ms"]["max"] < 1740);
  CHECK(root["latency_ms"]["max_at_least"] == 16900);
  CHECK(root["in_flight"]["ages_ms"]["count"] == 150);
  CHECK(root["in_flight"]["older_than_completed"] == 150);
  CHECK(root["in_flight"]["by_request"][0]["request"] == "chat");
  CHECK(root["stalls"][0]["start_s"] == 12);
  CHECK(root["stalls"][0]["to_the_end"] == true);
}

TEST_CASE("the terminal, Markdown and HTML say it in plain words", "[in_flight]") {
  const Report report = stuck_report();
  TerminalStyle wide;
  wide.width = 200;
  for (const std::string& text :
       {to_terminal(report, wide), to_markdown(report), to_html(report), to_junit(report)}) {
    CHECK(says(text, "150 in flight at the end, the oldest for 16.9 s"));
    CHECK((says(text, "> 16.9 s") || says(text, "&gt; 16.9 s")));
  }
  CHECK(says(to_terminal(report, wide), "no request completed from 12.0 s to 20.0 s"));
  CHECK(says(to_prometheus(report), "poolgauge_in_flight_age_seconds_count"));
  CHECK(says(to_prometheus(report), "figure=\"p95\"} 16.9"));
}

TEST_CASE("a report without requests in flight has none of the new members", "[in_flight]") {
  const Json root = Json::parse(to_json(sample::before()));
  CHECK_FALSE(root.contains("in_flight"));
  CHECK_FALSE(root.contains("stalls"));
  for (const auto& [name, value] : root["latency_ms"].items()) {
    CHECK(name.find("at_least") == std::string::npos);
  }
}

TEST_CASE("the ages of parts add up to those of the whole, through the reports", "[in_flight]") {
  const Result<Measurement> one = measurement_of(as_saved(stuck_report()));
  REQUIRE(one.ok());
  const InFlightAges& ages = one.value().in_flight;
  const InFlightAges before = stuck().in_flight;
  CHECK(ages.latency.packed() == before.latency.packed());
  CHECK(ages.pool_wait.packed() == before.pool_wait.packed());
  CHECK(ages.connection_time.packed() == before.connection_time.packed());
  REQUIRE(ages.steps.size() == 3);
  CHECK(ages.steps[1].packed() == before.steps[1].packed());
  REQUIRE(ages.requests.size() == 1);
  CHECK(ages.requests[0].packed() == before.requests[0].packed());
  Measurement both = one.value();
  both.merge(one.value());
  const Report merged = make_report(sample::chat(5, 10), both, sample::facts());
  CHECK(merged.in_flight.ages.count == 300);
  CHECK(*merged.latency.p95.at_least == Approx(16900));
  CHECK_FALSE(merged.stalls.empty());
}

TEST_CASE("damaged ages are refused", "[in_flight]") {
  Json root = Json::parse(to_json(stuck_report()));
  root["in_flight"]["histograms"][0]["count"] = 151;
  CHECK_FALSE(report_from_json(root.dump(), "a.json").ok());
  Report report = stuck_report();
  report.age_histograms[0].name = "pool_wait";
  CHECK_FALSE(measurement_of(report).ok());
}

}  // namespace
}  // namespace poolgauge
