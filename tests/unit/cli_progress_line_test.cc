// The progress line: what it says and that it fits.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "cli/shell/progress_printer.h"

using namespace poolgauge;
using namespace poolgauge::cli;

namespace {

Progress halfway() {
  Progress progress;
  progress.elapsed_s = 11.5;
  progress.total_s = 22;
  progress.warming_up = false;
  progress.throughput_per_s = 67.2;
  progress.latency_p95_ms = 1710;
  progress.completed = 700;
  progress.checked_out = 15;
  progress.waiting = 85;
  progress.capacity = 15;
  return progress;
}

TerminalStyle wide(unsigned width, bool unicode = true) {
  TerminalStyle terminal;
  terminal.width = width;
  terminal.unicode = unicode;
  return terminal;
}

}  // namespace

TEST_CASE("the line shows the run's figures behind a bar") {
  CHECK(progress_line(halfway(), wide(120)) ==
        "▕██████████▍         ▏ 52 %  11 s left   67.2/s   p95 1.71 s   pool 15/15 +85 waiting   "
        "timeouts 0");
  CHECK(progress_line(halfway(), wide(120, false)) ==
        "[##########          ] 52 %  11 s left   67.2/s   p95 1.71 s   pool 15/15 +85 waiting   "
        "timeouts 0");
}

TEST_CASE("the line never exceeds the terminal, down to the percentage alone") {
  for (unsigned width = 20; width <= 130; ++width) {
    const std::string line = progress_line(halfway(), wide(width));
    CHECK(display_width(line) < width);
    CHECK(line.find("52 %") != std::string::npos);
  }
  CHECK(progress_line(halfway(), wide(80)).find("timeouts 0") != std::string::npos);
}

TEST_CASE("a curve of the throughput takes the room that is left") {
  const ThroughputPast past(40, 67.2);
  ThroughputPast growing;
  for (int i = 0; i <= 8; ++i) growing.emplace_back(i);
  CHECK(progress_line(halfway(), wide(150), growing).ends_with("timeouts 0   ▁▂▃▄▅▅▆▇█"));
  CHECK(progress_line(halfway(), wide(150, false), past) ==
        progress_line(halfway(), wide(150, false)));
  for (unsigned width = 20; width <= 200; ++width) {
    const std::string line = progress_line(halfway(), wide(width), past);
    CHECK(display_width(line) < width);
    CHECK(line.find(progress_line(halfway(), wide(width))) == 0);  // it costs no figure
  }
}

TEST_CASE("what stands in the line keeps its place from one drawing to the next") {
  ProgressWidths widths;
  Progress progress = halfway();
  const auto draw = [&] { return progress_line(progress, wide(120), {}, widths); };
  const std::string before = draw();
  progress.elapsed_s = 13.2;  // "9 s left" is shorter than "11 s left", "4.1/s" than "67.2/s"
  progress.throughput_per_s = 4.12;
  progress.waiting = 7;
  progress.checked_out = 9;
  const std::string after = draw();
  for (const char* mark : {"s left", "/s ", "p95", "pool", "timeouts"}) {
    CAPTURE(before, after, mark);
    CHECK(display_width(before.substr(0, before.find(mark))) ==
          display_width(after.substr(0, after.find(mark))));
  }
  CHECK(display_width(before) == display_width(after));
  for (const double latency : {999.0, 12.3, 0.5, 1500.0}) {
    progress.latency_p95_ms = latency;
    const std::string next = draw();
    progress.waiting = 100;
    CHECK(display_width(draw()) >= display_width(next));
    progress.waiting = 0;
    CHECK(display_width(draw()) >= display_width(next));  // never narrower again
  }
}

TEST_CASE("what the server does stands last, and goes first where there is no room") {
  Progress progress = halfway();
  progress.server_active = 3;
  CHECK(progress_line(progress, wide(120)).ends_with("timeouts 0   server 3 active"));
  CHECK(progress_line(progress, wide(80)).ends_with("timeouts 0"));
  progress.waiting = 0;
  CHECK(progress_line(progress, wide(85)).ends_with("timeouts 0   server 3 active"));
  CHECK(plain_progress(progress).ends_with("timeouts 0, server 3 active\n"));
  CHECK(plain_progress(halfway()).find("server") == std::string::npos);
}

TEST_CASE("warm-up, failures and unlimited pools are said") {
  Progress progress = halfway();
  progress.warming_up = true;
  progress.capacity = -1;
  progress.waiting = 0;
  progress.latency_p95_ms = 0;
  progress.failed = 12;
  progress.pool_timeouts = 4;
  CHECK(plain_progress(progress) ==
        "poolgauge: 52 %, 11 s left, warm-up, 67.2/s, pool 15, failed 8, timeouts 4\n");
}

TEST_CASE("odd instants do not break the bar") {
  Progress progress = halfway();
  progress.elapsed_s = 30;
  CHECK(progress_line(progress, wide(120)).find("▕████████████████████▏ 100 %  0 s left") == 0);
  progress.elapsed_s = -1;
  CHECK(progress_line(progress, wide(120)).find("▕                    ▏ 0 %") == 0);
  progress.total_s = 0;
  CHECK(progress_line(progress, wide(120)).find(" 0 %") != std::string::npos);
}

TEST_CASE("where progress goes") {
  using Mode = ProgressPrinter::Mode;
  Terminal terminal;
  CHECK(progress_mode("auto", false, terminal) == Mode::plain);
  terminal.interactive = true;
  CHECK(progress_mode("auto", false, terminal) == Mode::redraw);
  CHECK(progress_mode("plain", false, terminal) == Mode::plain);
  CHECK(progress_mode("none", false, terminal) == Mode::none);
  CHECK(progress_mode("auto", true, terminal) == Mode::none);
}
