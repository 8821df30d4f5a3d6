// What the report of a part carries: every byte of it may be wrong.
#include <catch2/catch.hpp>

#include <string>

#include "report/json/measurement_bytes.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

Measurement full() {
  Measurement measured = sample::drowning();
  measured.retries.add("40001", 3);
  measured.tracks.resize(2);
  measured.tracks[1].seconds.emplace_back(GoalTrack::kSecondBits, GoalTrack::kAgeBits);
  measured.tracks[1].seconds[0].times.record(std::chrono::milliseconds(3));
  measured.client.by_thread = {{0.5, 0.25}};
  Slice slice;
  slice.completed = 4;
  slice.failures = {{FailureClass::deadline, 2}};
  slice.latency = sample::spread(4, 1, 2).packed();
  slice.steps = {{1, sample::spread(2, 1, 2).packed()}};
  measured.slices = {slice, Slice{}};
  Outage outage;
  outage.end = std::chrono::seconds(3);
  measured.outages = {outage};
  measured.calibration.transactions = {{0, {{1.5F, 2.5F}}}};
  return measured;
}

TEST_CASE("a part's measurement survives being bytes, to the last one", "[parts]") {
  const Measurement measured = full();
  const Bytes bytes = measurement_bytes(measured);
  const auto back = measurement_from(bytes);
  REQUIRE(back);
  CHECK(measurement_bytes(*back) == bytes);
  CHECK(back->latency.packed() == measured.latency.packed());
  CHECK(back->slices[0].steps[0].index == 1);
  CHECK(back->tracks[1].seconds[0].times.count() == 1);
  CHECK(back->calibration.transactions[0].exchanges[0].active == 2.5F);
  CHECK(back->outages[0].end == std::chrono::seconds(3));
  Measurement sum = *back;
  sum.merge(measured);  // the same layout everywhere
  CHECK(sum.requests.completed == 2 * measured.requests.completed);
}

TEST_CASE("damaged bytes are refused or harmless, never more", "[parts]") {
  const Bytes bytes = measurement_bytes(full());
  REQUIRE(bytes.size() > 500);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 50) {
    CHECK_FALSE(measurement_from(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size))));
  }
  for (std::size_t at = 0; at < bytes.size(); at += 1 + at / 100) {
    for (const std::uint8_t value : Bytes{0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      Bytes damaged = bytes;
      damaged[at] = value;
      if (const auto read = measurement_from(damaged)) {
        Measurement sum = *read;
        sum.merge(*read);
      }
    }
  }
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(measurement_from(longer));
  CHECK_FALSE(measurement_from(Bytes{2}));
}

TEST_CASE("text that is no packed measurement is named with its place", "[parts]") {
  RunFacts facts = sample::facts();
  facts.part = PartFacts{
      RunPart{1, 4}, "", false, std::nullopt, {"part 3 vanished 12.0 s after the start"}, {}};
  const Report report = make_report(sample::chat(5, 10), full(), facts);
  std::string text = to_json(report);
  REQUIRE(report_from_json(text, "part.json").ok());
  const std::size_t at = text.find("\"measured\": \"") + 13;
  REQUIRE(at > 13);
  text.replace(at, 4, "AAAA");
  const Result<Report> read = report_from_json(text, "part.json");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().message.find("part.json: /part/measured") == 0);
}

}  // namespace
}  // namespace poolgauge
