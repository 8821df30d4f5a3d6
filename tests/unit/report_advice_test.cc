// Reports of `advise` and `sweep`: read back whole, and shown with the answer first.
#include <catch2/catch.hpp>
#include <string>

#include "advice_sample.h"
#include "poolgauge/report.h"
#include "report/plot.h"

using namespace poolgauge;

namespace {

Report advice() {
  return sample::advised();
}

Report sweep() {
  return sample::swept();
}

Report again(const Report& report) {
  const Result<Report> read = report_from_json(to_json(report), "r.json");
  if (!read.ok()) FAIL(read.error().message);
  return read.value();
}

bool contains(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("An advice is read back as it was written") {
  const Report report = advice();
  const Report read = again(report);
  REQUIRE(read.recommendation);
  CHECK(to_json(read) == to_json(report));
  const TerminalStyle style;
  CHECK(to_terminal(read, style) == to_terminal(report, style));
  CHECK(read.recommendation->search->runs.size() == 4);
  CHECK(read.recommendation->snippets.size() == report.recommendation->snippets.size());
}

TEST_CASE("The answer stands first, then why, then what was measured, then what to paste") {
  const std::string text = to_terminal(advice(), TerminalStyle{});
  std::size_t at = 0;
  for (const char* piece :
       {"RECOMMENDATION", "pool_size 56 · max_overflow 6", "measured and confirmed",
        "62 is the smallest", "fits: ", "62 of 95 available", "Better than a bigger pool",
        "One connection fewer", "workers × 2 → 20+40", "neighbour", "create_engine("}) {
    const std::size_t found = text.find(piece, at);
    INFO(piece << "\n" << text);
    REQUIRE(found != std::string::npos);
    at = found;
  }
}

TEST_CASE("What is not confirmed is not called so") {
  Report report = advice();
  report.recommendation->search->outcome = "impossible";
  CHECK(contains(to_terminal(report, TerminalStyle{}), "NO SIZE DOES"));
  CHECK(contains(to_markdown(report), "no size meets the goals"));
  report.recommendation->search->outcome = "interrupted";
  CHECK(contains(to_terminal(report, TerminalStyle{}), "best answer so far"));
  report.recommendation->search->outcome = "confirmed";
  report.recommendation->confirmed = false;
  CHECK(contains(to_terminal(report, TerminalStyle{}), "measured, not confirmed"));
}

TEST_CASE("A curve is read back as it was written") {
  const Report report = sweep();
  const Report read = again(report);
  REQUIRE(read.curve);
  CHECK(to_json(read) == to_json(report));
  CHECK(to_terminal(read, TerminalStyle{}) == to_terminal(report, TerminalStyle{}));
  CHECK(to_markdown(read) == to_markdown(report));
  CHECK(contains(to_markdown(report), "4: the load generator was saturated"));
}

TEST_CASE("Without Unicode a curve is plain ASCII") {
  TerminalStyle plain;
  plain.unicode = false;
  for (const Report& report : {sweep(), advice()}) {
    for (const char c : to_terminal(report, plain)) {
      REQUIRE(static_cast<unsigned char>(c) < 128);
    }
  }
}

TEST_CASE("A plot has its points where they belong") {
  Plot plot;
  plot.title = "title";
  plot.points = {{0, 0, false}, {10, 5, false}, {20, 10, true}};
  plot.mark = 10.0;
  plot.top_label = "10";
  const std::vector<std::string> lines = draw(plot, 44, 5);
  REQUIRE(lines.size() == 7);
  CHECK(lines[0] == "title");
  CHECK(lines[1].rfind("○") == lines[1].size() - std::string("○").size());
  CHECK(contains(lines[3], "●"));
  CHECK(lines[5].starts_with(" 0 │●"));
  CHECK(contains(lines[6], "20"));
  plot.points.clear();
  CHECK(draw(plot, 44, 5).empty());
}
