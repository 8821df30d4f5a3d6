// Reports of `advise` and `sweep`: read back whole, and shown with the answer first.
#include <catch2/catch.hpp>
#include <string>

#include "advice_sample.h"
#include "poolgauge/report.h"
#include "report/layout.h"

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
       {"RECOMMENDATION", "pool_size 56 · max_overflow 6", "measured, confirmed: 3 of 3",
        "62 is the smallest", "Sized for", "fits: 1 process × 62 = 62 connections",
        "server: max_connections 100 is enough: uses 62 of the 95 available slots",
        "role \"app\": CONNECTION LIMIT 80 is enough: uses 62 of the 79 available slots",
        "Better than a bigger pool", "One connection fewer",
        "workers × 2: pool_size 20, max_overflow 40", "neighbor", "create_engine("}) {
    const std::size_t found = text.find(piece, at);
    INFO(piece << "\n" << text);
    REQUIRE(found != std::string::npos);
    at = found;
  }
}

TEST_CASE("Where only the limits are in the way, no size is called the best of one") {
  Report report = advice();
  Recommendation& r = *report.recommendation;
  r.search->outcome = "impossible";
  CHECK(contains(to_terminal(report, TerminalStyle{}),
                 "the best of the sizes that were run; none meets the goals"));
  r.search->runs.resize(1);
  CHECK(contains(to_terminal(report, TerminalStyle{}),
                 "the only size that was run; it does not meet the goals"));
  r.beyond_limits = 107;
  r.limits[0].recommended = 130;
  const std::string text = to_terminal(report, TerminalStyle{});
  CHECK(contains(text, "the largest size that fits; it does not meet the goals"));
  CHECK(contains(to_markdown(report), "no size that fits meets the goals"));
  const std::string markdown = to_markdown(report);
  CHECK(contains(markdown, "for 107 connections per process, raise max"));
  CHECK(contains(markdown, " from 100 to 130; this size uses"));
}

TEST_CASE("What is not confirmed is not called so") {
  Report report = advice();
  report.recommendation->search->outcome = "impossible";
  CHECK(contains(to_terminal(report, TerminalStyle{}), "NO SIZE WORKS"));
  CHECK(contains(to_markdown(report), "no size meets the goals"));
  SearchRecord& search = *report.recommendation->search;
  search.outcome = "interrupted";
  search.certainty = "not confirmed";
  search.runs_of = search.runs_met = 0;
  CHECK(contains(to_terminal(report, TerminalStyle{}), "interrupted, not confirmed"));
  search.outcome = "unconfirmed";
  search.certainty = "likely";
  search.runs_of = search.runs_met = 2;
  CHECK(contains(to_terminal(report, TerminalStyle{}), "measured, likely: 2 of 2 runs"));
  search.certainty = "not confirmed";
  search.runs_of = 5;
  search.runs_met = 1;
  for (const std::string& text :
       {to_terminal(report, TerminalStyle{}), to_markdown(report), to_html(report)}) {
    CHECK(contains(text, "measured, not confirmed: 1 of 5 runs met the goals"));
  }
  CHECK(contains(to_terminal(report, TerminalStyle{}), "NOT CONFIRMED"));
  report.recommendation->snippets.clear();
  CHECK(contains(to_terminal(report, TerminalStyle{}), "NOT RECOMMENDED"));
  CHECK_FALSE(contains(to_terminal(report, TerminalStyle{}), "--snippet NAME"));
}

TEST_CASE("Every form says why runs are unusable, and the screen each cause once") {
  Report report = advice();
  for (SearchRun& one : report.recommendation->search->runs) {
    if (one.pool_size == 62) continue;
    one.usable = false;
    one.note = "the load generator could not keep up (" + std::to_string(one.pool_size) + " %)";
  }
  for (const std::string& text : {to_terminal(report, TerminalStyle{}), to_markdown(report),
                                  to_html(report), to_junit(report)}) {
    INFO(text);
    CHECK(contains(text, "61 per process, unusable: the load generator could not keep up"));
    CHECK(contains(text, "30 per process: unusable for the same reason"));
  }
}

TEST_CASE("JUnit has the answer, and --explain what its figures mean") {
  const std::string junit = to_junit(advice());
  CHECK(contains(junit, "<property name=\"advice\" value=\"RECOMMENDATION\"/>"));
  CHECK(contains(junit, "name=\"advice.settings\" value=\"pool_size 56"));
  CHECK(contains(junit, "62 is the smallest"));
  TerminalStyle style;
  CHECK_FALSE(contains(to_terminal(advice(), style), "deciding goal  "));
  style.explain = true;
  CHECK(contains(to_terminal(advice(), style), "the goal that comes nearest to being missed"));
  CHECK(contains(to_terminal(advice(), style), "intended start"));
  CHECK(contains(to_terminal(sweep(), style), "intended start"));
  CHECK(contains(to_terminal(sweep(), style), "95 % of its maximum"));
}

TEST_CASE("The report of a run below an advice repeats no verdict") {
  Report report = advice();
  report.verdict.status = VerdictStatus::inconclusive;
  report.verdict.reasons = {report.recommendation->search->sentence};
  const std::string text = to_markdown(report);
  INFO(text);
  CHECK_FALSE(contains(text, "is inconclusive"));
  CHECK_FALSE(contains(text, ".."));
  CHECK(contains(text, "### Last run"));
}

TEST_CASE("Goals keep their whole text, and runs show the figure of the goal that decides") {
  const std::string text = to_terminal(advice(), TerminalStyle{});
  CHECK(contains(text, "p95(latency) for request chat as predicted"));
  CHECK(contains(text, "p95(latency) < 1s for request chat decides"));
  CHECK(contains(text, "1.33 s"));  // the request's own, not the 1.02 s of all
  CHECK_FALSE(contains(text, "1020 ms"));
  CHECK(contains(to_markdown(advice()), "for request chat"));
  CHECK(contains(to_html(advice()), "p95(latency) for request chat"));
}

TEST_CASE("A library's own words, and nothing to paste that is not asked for") {
  const Report report = sample::advised_hikari();
  REQUIRE(report.recommendation->snippets.size() == 1);
  for (const std::string& text : {to_terminal(report, TerminalStyle{}), to_markdown(report)}) {
    const std::string advice = text.substr(0, text.find("### Last run"));
    INFO(advice);
    for (const char* foreign :
         {"pool_size", "max_overflow", "56 + 6", "62 + 0", "pre-ping", "create_engine", "ALTER"}) {
      INFO(foreign);
      CHECK_FALSE(contains(advice, foreign));
    }
    CHECK(contains(advice, "maximumPoolSize"));
    CHECK(advice.find("First, release the connection") < advice.find("is the smallest"));
  }
  CHECK(contains(to_html(report), "First, release the connection"));
}

TEST_CASE("The page of an advice leads with what to set") {
  const std::string page = to_html(advice());
  CHECK(page.find("id=\"advice\"") < page.find("id=\"verdict\""));
}

TEST_CASE("A limit that must be raised is one line to read and one to paste") {
  Report report = advice();
  Recommendation& r = *report.recommendation;
  r.limits.clear();
  add_limits(
      {server_limit({100, 3, 2, 0}, true), {"role", "app", "CONNECTION LIMIT", 50, 0, 1, 0, 50}},
      40, 62, 0.1, r);
  r.snippets = make_snippets(r);
  choose_snippets("", r);
  const std::string text = to_terminal(report, TerminalStyle{});
  CHECK(contains(text,
                 "role \"app\": to keep enough slots free, raise CONNECTION LIMIT from 50 to 70"));
  CHECK(contains(text, "ALTER ROLE \"app\" CONNECTION LIMIT 70;"));
  CHECK_FALSE(contains(text, "ALTER SYSTEM"));
  CHECK(to_json(again(report)) == to_json(report));
}

TEST_CASE("An advice of before is still shown, without what it did not know") {
  Report report = advice();
  Recommendation& r = *report.recommendation;
  r.limits.clear();
  r.search->certainty.clear();
  r.search->decides.clear();
  r.search->decides_unit.clear();
  r.snippets = every_snippet();
  const std::string text = to_terminal(report, TerminalStyle{});
  CHECK(contains(text, "measured, confirmed"));
  CHECK(contains(text, "62 of 95 available slots"));
  CHECK(contains(text, "p95 measured"));
  // What it had to paste for the server may have been the role's limit.
  CHECK_FALSE(contains(text, "ALTER SYSTEM"));
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
