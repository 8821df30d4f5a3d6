// The verdict where nothing else is seen: in one line, and below an answer that scrolled away.
#include <algorithm>
#include <catch2/catch.hpp>

#include "base/text.h"
#include "report/terminal/parts.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

bool has_piece(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0, start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    widest = std::max(widest, display_width(text.substr(start, end - start)));
    start = end + 1;
  }
  return widest;
}

TEST_CASE("one line has the verdict and its reason") {
  const std::string missed = verdict_line(sample::before());
  CAPTURE(missed);
  CHECK(missed.find("goal missed: p95(latency) < 1s: measured ") == 0);
  CHECK(has_piece(missed, "; bottleneck: pool"));
  CHECK_FALSE(has_piece(missed, "\n"));
  CHECK(verdict_line(sample::gated()).find("regression: p95(latency) rose by 12.4 %") == 0);
  Report interrupted = sample::before();
  interrupted.verdict.status = VerdictStatus::interrupted;
  CHECK(verdict_line(interrupted).find("interrupted; the report has the results") == 0);
  Report doubtful = sample::before();
  doubtful.verdict.status = VerdictStatus::inconclusive;
  doubtful.verdict.reasons = {"the load generator\ncould not keep up", "too few samples"};
  CHECK(verdict_line(doubtful) ==
        "inconclusive: the load generator could not keep up; too few samples");
}

TEST_CASE("several missed goals are counted") {
  Report report = sample::before();
  report.verdict.goals.push_back(report.verdict.goals.front());
  report.verdict.goals.push_back(report.verdict.goals.front());
  CHECK(has_piece(verdict_line(report), "; 2 more goals were missed"));
}

TEST_CASE("the closing block is short, and has verdict and cause") {
  for (const Report& report : {sample::before(), sample::after(), sample::troubled()}) {
    const std::string block = closing_block(report, {});
    CAPTURE(block);
    CHECK(std::count(block.begin(), block.end(), '\n') <= 14);
    CHECK(widest_line(block) <= 80);
    CHECK_FALSE(block.find("requests ") == 0);
  }
  const std::string missed = closing_block(sample::before(), {});
  CHECK(missed.find("✗ GOAL MISSED   p95(latency) < 1s") == 0);
  CHECK_FALSE(has_piece(missed, "goal met"));
  CHECK(has_piece(missed, "The pool is the bottleneck"));
  CHECK(has_piece(closing_block(sample::after(), {}), "✓ goal met"));
  const std::string gate = closing_block(sample::gated(), {});
  CHECK(gate.find("✗ REGRESSION  p95(latency) rose by 12.4 %") == 0);
}

TEST_CASE("a gate's screen is no wider than the terminal and loses nothing") {
  for (const unsigned width : {120U, 80U, 72U, 60U, 48U}) {
    TerminalStyle style;
    style.width = width;
    const std::string screen = gate_to_terminal(sample::gated(), style);
    CAPTURE(width, screen);
    CHECK(widest_line(screen) <= width);
    for (const char* piece : {"1.20 s", "+12.4 %", "+8.11 %", "+15.9 %", "+10 %", "unchanged"}) {
      CHECK(has_piece(screen, piece));
    }
  }
}

TEST_CASE("a goal of several runs says whose figure it is") {
  CHECK(has_piece(gate_to_terminal(sample::gated(), {}), "of the two middle ones"));
}

}  // namespace
}  // namespace poolgauge
