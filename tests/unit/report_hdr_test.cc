// HdrHistogram's encoding and text forms, and a report's whole histograms.
#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"
#include "poolgauge/report.h"
#include "report/json/histograms.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Histogram values(std::uint64_t seed, int count) {
  Rng rng(seed);
  Histogram histogram;
  for (int i = 0; i < count; ++i) {
    histogram.record(Duration{static_cast<std::int64_t>(std::exp(rng.uniform() * 28))});
  }
  return histogram;
}

TEST_CASE("what was encoded is read back count by count", "[hdr]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const PackedHistogram packed = values(seed, static_cast<int>(seed * 97)).packed();
    const std::string text = hdr_encoded(packed);
    CHECK(text.starts_with("HISTFAAA"));  // the cookie, as every library of the family has it
    CHECK(text.size() % 4 == 0);
    REQUIRE(hdr_counts(text));
    CHECK(*hdr_counts(text) == packed.counts);
  }
}

TEST_CASE("damaged encodings are refused", "[hdr]") {
  const std::string good = hdr_encoded(values(1, 300).packed());
  CHECK_FALSE(hdr_counts(""));
  CHECK_FALSE(hdr_counts("HISTFAAA"));
  CHECK_FALSE(hdr_counts(good.substr(0, good.size() - 4)));
  CHECK_FALSE(hdr_counts("x" + good.substr(1)));
  CHECK_FALSE(hdr_counts(good + "===="));
  std::string other = good;
  other[30] = other[30] == 'A' ? 'B' : 'A';
  CHECK_FALSE(hdr_counts(other));
  other[30] = '!';
  CHECK_FALSE(hdr_counts(other));
}

Report with_histograms() {
  Report report = make_report(sample::chat(5, 10), sample::drowning(), sample::facts());
  report.started_at = "2026-01-31T12:00:00Z";
  report.window_s = 2.5;
  report.slice_s = 0.5;
  KeptHistogram kept;
  kept.name = "latency";
  Histogram whole;
  for (std::uint64_t slice = 0; slice < 5; ++slice) {
    const Histogram part = values(slice + 1, 100);
    whole.merge(part);
    kept.slices.push_back(part.packed());
  }
  kept.whole = whole.packed();
  report.histograms = {kept};
  return report;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TEST_CASE("an interval log has a line for each second and the same counts", "[hdr]") {
  const Report report = with_histograms();
  const std::vector<std::string> lines = lines_of(to_hdr_log(report));
  REQUIRE(lines.size() == 7);
  CHECK(lines[1] == "#[Histogram log format version 1.3]");
  CHECK(lines[2] == "#[StartTime: 1769860800.000 (seconds since epoch), 2026-01-31T12:00:00Z]");
  CHECK(lines[4].starts_with("Tag=latency,0.000,1.000,"));
  CHECK(lines[5].starts_with("Tag=latency,1.000,1.000,"));
  CHECK(lines[6].starts_with("Tag=latency,2.000,0.500,"));
  const auto last = hdr_counts(lines[6].substr(lines[6].rfind(',') + 1));
  REQUIRE(last);
  CHECK(*last == report.histograms[0].slices[4].counts);
}

TEST_CASE("a saved report has the same bytes, of a long run in longer intervals", "[hdr]") {
  Report report = with_histograms();
  const Report saved = as_saved(report);
  CHECK(to_hdr_log(saved) == to_hdr_log(report));
  CHECK(to_hdr_log(as_saved(saved)) == to_hdr_log(report));
  CHECK(to_json(saved) == to_json(as_saved(saved)));
  KeptHistogram& kept = report.histograms[0];
  kept.slices.resize(2 * 3600, kept.slices[0]);
  report.window_s = 3600;
  const Report hour = as_saved(report);
  CHECK(hour.histograms[0].slices.size() == 300);
  CHECK(hour.slice_s == 12);
  CHECK(lines_of(to_hdr_log(hour)).size() == 4 + 300);
  CHECK(to_hdr_log(as_saved(hour)) == to_hdr_log(hour));
}

TEST_CASE("damaged intervals are refused", "[hdr]") {
  const std::string good = to_json(with_histograms());
  const std::size_t at = good.find("\"intervals\"");
  REQUIRE(at != std::string::npos);
  for (const auto& [from, to] : {std::pair("200", "201"), {"HIST", "HISS"}}) {
    std::string text = good;
    text.replace(text.find(from, at), std::string(from).size(), to);
    const auto damaged = report_from_json(text, "r.json");
    REQUIRE_FALSE(damaged.ok());
    CHECK(damaged.error().message.find("/histograms/0/intervals/0") != std::string::npos);
  }
}

TEST_CASE("a report without seconds has one interval", "[hdr]") {
  Report report = with_histograms();
  report.histograms[0].slices.clear();
  const std::vector<std::string> lines = lines_of(to_hdr_log(report));
  REQUIRE(lines.size() == 5);
  CHECK(lines[4].starts_with("Tag=latency,0.000,2.500,"));
}

TEST_CASE("a percentile distribution by hand", "[hdr]") {
  Report report;
  Histogram four;
  for (const Duration value : {1000ns, 1001ns, 1002ns, 1003ns}) four.record(value * 1000);
  report.histograms = {{"latency", four.packed(), {}}};
  const auto text = to_hgrm(report, "latency");
  REQUIRE(text);
  const std::vector<std::string> lines = lines_of(*text);
  CHECK(lines[0] == "       Value     Percentile TotalCount 1/(1-Percentile)");
  CHECK(lines[2] == "       1.000 0.000000000000          1           1.00");
  CHECK(lines[3] == "       1.000 0.100000000000          1           1.11");
  CHECK(lines[5] == "       1.001 0.300000000000          2           1.43");
  CHECK(lines[lines.size() - 4] == "       1.003 1.000000000000          4");
  CHECK(lines[lines.size() - 2] == "#[Max     =        1.003, Total count    =            4]");
  CHECK_FALSE(to_hgrm(report, "nothing"));
}

TEST_CASE("a report keeps its histograms exactly", "[hdr]") {
  Report report = with_histograms();
  const auto read = report_from_json(to_json(report), "r.json");
  REQUIRE(read.ok());
  REQUIRE(read.value().histograms.size() == 1);
  CHECK(read.value().histograms[0].name == "latency");
  CHECK(read.value().histograms[0].whole == report.histograms[0].whole);
  std::string text = to_json(report);
  const std::size_t at = text.find("\"count\": 500", text.find("\"histograms\""));
  REQUIRE(at != std::string::npos);
  text.replace(at, 12, "\"count\": 501");
  const auto damaged = report_from_json(text, "r.json");
  REQUIRE_FALSE(damaged.ok());
  CHECK(damaged.error().message.find("/histograms/0/hdr") != std::string::npos);
}

TEST_CASE("a million requests with ten steps take less than a mebibyte", "[hdr]") {
  Report report = make_report(sample::chat(5, 10), sample::drowning(), sample::facts());
  Rng rng(1);
  for (int metric = 0; metric < 16; ++metric) {
    Histogram histogram;
    for (int i = 0; i < 1'000'000; ++i) {
      histogram.record(from_ms(150 * std::exp(0.6 * rng.normal())));
    }
    report.histograms.push_back({"step:x." + std::to_string(metric), histogram.packed(), {}});
  }
  report.timeline.resize(200);
  CHECK(to_json(report).size() < 1024U * 1024U);
}

TEST_CASE("a timeline as CSV", "[hdr]") {
  Report report;
  report.timeline.resize(2);
  report.timeline[0].t_s = 1;
  report.timeline[0].completed = 7;
  report.timeline[0].latency_p50_ms = 1.23456789;
  report.timeline[1].t_s = 1.5;
  report.timeline[1].failed = 3;
  report.timeline[1].server_active = 0.25;
  const std::string text = to_csv(report);
  CHECK(text.starts_with("t_s,completed,failed,latency_p50_ms,"));
  CHECK(text.find("\r\n1,7,0,1.23457,,,0,0,0,,,\r\n") != std::string::npos);
  CHECK(text.find("\r\n1.5,0,3,,,,0,0,0,0.25,,\r\n") != std::string::npos);
}

}  // namespace
}  // namespace poolgauge
