// Guards in a report: read back, in words, in every form.
#include <catch2/catch.hpp>

#include "report/sentences.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

Report guarded() {
  Report report = sample::before();
  GuardRule hold;
  hold.text = "others_active<=4";
  GuardRule stop;
  stop.text = "free_slots>=10";
  stop.action = GuardAction::stop;
  report.guards.rules = {hold, stop};
  report.guards.looks = 20;
  report.guards.look_ms = 1.25;
  report.guards.withheld = 3;
  report.guards.events = {{"SIGUSR2", "pause", -2.5, -1.0, "paused by hand"},
                          {"others_active<=4", "hold", -0.5, 4.0, "others_active was 7"},
                          {"free_slots>=10", "stop", 12.5, std::nullopt, "free_slots was 4"}};
  return report;
}

}  // namespace

TEST_CASE("guards read back as they were written", "[report]") {
  const std::string written = to_json(guarded());
  const Result<Report> read = report_from_json(written, "a.json");
  REQUIRE(read.ok());
  CHECK(to_json(read.value()) == written);
  CHECK(to_json(sample::before()).find("\"guards\"") == std::string::npos);
}

TEST_CASE("what guards did, in words", "[report]") {
  const std::vector<std::string> lines = guard_lines(guarded());
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] ==
        "watched others_active<=4, free_slots>=10; 20 checks, 1.25 ms each; 3 arrivals withheld");
  CHECK(lines[1] ==
        "paused by SIGUSR2 from 2.5 s before the measurement to 1.0 s before the measurement "
        "(1.50 s)");
  CHECK(lines[2] ==
        "others_active<=4 held requests back from 0.5 s before the measurement to 4.0 s (4.50 s): "
        "others_active was 7");
  CHECK(lines[3] == "free_slots>=10 stopped the run at 12.5 s: free_slots was 4");
  CHECK(guard_lines(sample::before()).empty());
}

TEST_CASE("many events are counted, and the stop is never left out", "[report]") {
  Report report = guarded();
  const GuardEvent hold = report.guards.events[1];
  const GuardEvent stop = report.guards.events[2];
  report.guards.events.assign(20, hold);
  report.guards.events.push_back(stop);
  report.guards.events_left_out = 7;
  const std::vector<std::string> lines = guard_lines(report);
  REQUIRE(lines.size() == 1 + 5 + 1 + 1);
  CHECK(lines[6].starts_with("free_slots>=10 stopped the run"));
  CHECK(lines[7] == "and 22 more: see the JSON report");
}

TEST_CASE("guards stand in every form", "[report]") {
  const Report report = guarded();
  CHECK(to_markdown(report).find("stopped the run at 12.5 s") != std::string::npos);
  const std::string page = to_html(report);
  CHECK(page.find("free_slots&gt;=10 stopped the run: free_slots was 4") != std::string::npos);
  CHECK(page.find("paused by hand") == std::string::npos);  // it ended before the window began
}

}  // namespace poolgauge
