// Layout: wrapping without loss, widths, bars, plain ASCII, colour, Markdown's special characters.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "base/text.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/words.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void check_width(const std::string& text, std::size_t width) {
  for (const std::string& line : lines_of(text)) {
    INFO(line);
    CHECK(display_width(line) <= width);
    CHECK((line.empty() || line.back() != ' '));
  }
}

std::string without_space(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n') out += c;
  }
  return out;
}

TEST_CASE("no line is wider than the terminal, and narrower ones lose nothing") {
  for (const Report& report : {sample::before(), sample::after(), sample::troubled()}) {
    for (const unsigned width : {80U, 100U, 140U, 72U, 62U, 60U, 50U}) {
      INFO("width " << width);
      TerminalStyle style;
      style.width = width;
      check_width(to_terminal(report, style), width);
      check_width(side_by_side(sample::before(), report, style), width);
      style.unicode = false;
      check_width(to_terminal(report, style), width);
      style.explain = true;
      check_width(to_terminal(report, style), width);
    }
  }
}

TEST_CASE("a narrow screen holds every word of the wide one but the bars") {
  TerminalStyle wide, narrow;
  wide.unicode = narrow.unicode = false;
  narrow.width = 44;
  const std::string text = without_space(to_terminal(sample::troubled(), narrow));
  for (const std::string part :
       {"QueuePoollimitofsize5overflow10reached,connectiontimedout", "schedulelagp99198us",
        "rate(pool_timeout)<=0.1%", "measured33.3%(95%CI28.8-38.2)", "2.46ms", "85.1%"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("plain text has no signs beyond ASCII, no bars and no colour") {
  TerminalStyle style;
  style.unicode = false;
  for (const Report& report : {sample::before(), sample::after(), sample::troubled()}) {
    for (const char c : to_terminal(report, style) + side_by_side(report, report, style)) {
      const bool plain = c == '\n' || (c >= ' ' && c <= '~');
      if (!plain) FAIL("found a byte " << static_cast<int>(c));
    }
  }
}

TEST_CASE("every sign that the sources write has a plain form") {
  std::set<std::string> signs;
  for (const char* folder : {"assess", "advise", "gate", "observe", "report", "app", "cli"}) {
    const auto sources = std::filesystem::path(POOLGAUGE_SOURCE_DIR) / "src" / folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(sources)) {
      if (!entry.is_regular_file()) continue;
      if (entry.path().filename() == "layout.cc") continue;  // the signs themselves, and bars
      std::ifstream file(entry.path());
      const std::string text(std::istreambuf_iterator<char>(file), {});
      for (std::size_t at = 0; at < text.size(); ++at) {
        const auto lead = static_cast<unsigned char>(text[at]);
        if (lead < 0xC0) continue;
        signs.insert(text.substr(at, lead >= 0xE0 ? 3 : 2));
      }
    }
  }
  CHECK(signs.size() > 10);
  // Drawn where there are no words, with other signs in plain text.
  for (const char* drawn :
       {"█", "▉", "▊", "▋", "▌", "▍", "▎", "▏", "▕", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "✓", "✗"}) {
    signs.erase(drawn);
  }
  for (const std::string& sign : signs) {
    const auto is_plain = [](const std::string& text) {
      return std::all_of(text.begin(), text.end(),
                         [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    };
    INFO(sign);
    CHECK((is_plain(to_ascii(sign + "s")) || is_plain(to_ascii(sign + " "))));
  }
}

TEST_CASE("colour adds escapes and nothing else, each line closed") {
  TerminalStyle style;
  const std::string plain = to_terminal(sample::troubled(), style);
  style.color = true;
  std::string stripped;
  const std::string colored = to_terminal(sample::troubled(), style);
  for (std::size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b') {
      i = colored.find('m', i);
    } else {
      stripped += colored[i];
    }
  }
  CHECK(stripped == plain);
  for (const std::string& line : lines_of(colored)) {
    const bool opened = line.find('\x1b') != std::string::npos;
    CHECK(line.ends_with("\x1b[0m") == opened);
  }
}

TEST_CASE("wrapping keeps figures with their units and long words whole") {
  CHECK(wrap("waited 1.71 s (p95)", 11, 2) ==
        std::vector<std::string>{"waited", "  1.71 s", "  (p95)"});
  CHECK(wrap("a · b · c", 5, 0) == std::vector<std::string>{"a ·", "b · c"});
  CHECK(wrap("12 done · 0 failed · 3 left", 18, 1) ==
        std::vector<std::string>{"12 done ·", " 0 failed · 3 left"});
  CHECK(wrap("a part wider than a line · b", 12, 0) ==
        std::vector<std::string>{"a part wider", "than a", "line · b"});
  CHECK(wrap("x averyveryverylongword y", 8, 1) ==
        std::vector<std::string>{"x", " averyveryverylongword", " y"});
  CHECK(wrap("one\ntwo", 20, 2) == std::vector<std::string>{"one", "  two"});
  CHECK(wrap("", 20, 2) == std::vector<std::string>{""});
  CHECK(hang("label", 7, "some words here", 12) ==
        std::vector<std::string>{"label  some", "       words", "       here"});
}

TEST_CASE("bars and curves are proportional and show the smallest share") {
  CHECK(share_bar(0, 8).empty());
  CHECK(share_bar(1, 4) == "████");
  CHECK(share_bar(0.5, 1) == "▌");
  CHECK(share_bar(0.0001, 10) == "▏");
  CHECK(share_bar(7, 2) == "██");
  using Values = std::vector<std::optional<double>>;
  CHECK(sparkline(Values{0.0, 7.0, std::nullopt, 3.5}, 10) == "▁█ ▅");
  CHECK(sparkline(Values{0.0, 0.0}, 10) == "▁▁");
  CHECK(sparkline(Values{2.0, 2.0, 4.0, 4.0}, 2) == "▅█");
  CHECK(sparkline(Values{}, 10).empty());
}

TEST_CASE("a column keeps its unit until too few digits would be left") {
  CHECK(column_time(1710, "s") == "1.71 s");
  CHECK(column_time(150, "s") == "0.15 s");
  CHECK(column_time(17100, "s") == "17.1 s");
  CHECK(column_time(1.1, "s") == "1.10 ms");
  CHECK(column_time(0.0, "s") == "0.00 s");
  CHECK(column_time(std::nullopt, "s") == "–");
  CHECK(column_time(312, "ms") == "312 ms");
}

TEST_CASE("Markdown takes nothing from a name or a message for markup") {
  // Nobody is notified, whatever GitHub makes of a backslash.
  CHECK(escaped("@a @b/c x@y.z #1 o/r#2 GH-3 gh-4 a@ #b GH-x") ==
        "@&#8203;a @&#8203;b/c x@&#8203;y.z \\#&#8203;1 o/r\\#&#8203;2 GH-&#8203;3 gh-&#8203;4 a@ "
        "\\#b GH-x");
  CHECK(escaped("a|b_c*<img>\n[x](y)") == "a\\|b\\_c\\*&lt;img> \\[x\\](y)");
  CHECK(code("p95 < `1s` | x") == "`` p95 < `1s` \\| x ``");
  CHECK(table_row({"a", "", "b"}) == "| a | | b |\n");
  Report report = sample::before();
  report.scenario_name = "x*y|<script>";
  const std::string text = to_markdown(report);
  CHECK(text.find("<script") == std::string::npos);
}

TEST_CASE("Markdown changes between runs only where a figure did, details aside") {
  Report again = sample::before();
  again.started_at = "2026-02-01T08:30:00Z";
  again.seed = 2;
  const std::string one = to_markdown(sample::before()), two = to_markdown(again);
  const std::string details = "<summary>How to reproduce";
  CHECK(one.substr(0, one.find(details)) == two.substr(0, two.find(details)));
  CHECK(one != two);
}

TEST_CASE("an inconclusive run says so before its figures, and what would help") {
  Scenario scenario = sample::chat(5, 10);
  Measurement m = sample::drowning();
  m.latency = sample::spread(60, 1250, 1735);
  m.requests.completed = 60;
  const Report report = make_report(scenario, m, sample::facts());
  CHECK(report.verdict.exit_code == 12);
  const std::string text = to_terminal(report, {});
  const std::size_t verdict =
      text.find("? INCONCLUSIVE  p95(latency) < 1s: the sample is too small");
  CHECK(verdict != std::string::npos);
  CHECK(text.find("--duration 27s") != std::string::npos);
  CHECK(verdict < text.find("latency  "));
}

TEST_CASE("the effect names what was set and how each figure moved") {
  const std::string text = side_by_side(sample::before(), sample::after(), {});
  CHECK(text.find("20+40 instead of 5+10: p95 latency fell from 1.71 s to 0.50 s") !=
        std::string::npos);
  TerminalStyle explained;
  explained.explain = true;
  CHECK(side_by_side(sample::before(), sample::after(), explained).find("intended start") !=
        std::string::npos);
  const std::string same = side_by_side(sample::before(), sample::before(), {});
  CHECK(same.find("Same pool and load: p95 latency stayed at 1.71 s") != std::string::npos);
  const std::string worse = side_by_side(sample::after(), sample::before(), {});
  CHECK(worse.find("p95 latency rose from 0.50 s to 1.71 s") != std::string::npos);
  // A figure that is known only from below is the most important change, not none.
  Report endless = sample::before();
  endless.latency.p95.reset();
  endless.latency.p95.at_least = 5000;
  const std::string bounded = side_by_side(sample::before(), endless, {});
  CHECK(bounded.find("p95 latency rose from 1.71 s to more than 5.00 s") != std::string::npos);
  const std::string empty = side_by_side(Report{}, Report{}, {});
  CHECK(empty.find("throughput") != std::string::npos);
}

}  // namespace
}  // namespace poolgauge
