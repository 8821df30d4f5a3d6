// What readers stumbled over on the HTML page, by the numbers of its SVG. tests/cli/test_html.py
// looks at the same in a browser, where there is one.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>

#include "report_sample.h"

namespace poolgauge {
namespace {

/// One chart of the page: from its id to the end of its SVG, the inner one included.
std::string chart_of(const std::string& page, const std::string& id) {
  const std::size_t from = page.find("<svg id=\"" + id + "\"");
  REQUIRE(from != std::string::npos);
  return page.substr(from, page.find("</figure>", from) - from);
}

/// The places of the curve of this kind.
std::vector<std::pair<double, double>> curve_of(const std::string& chart, const std::string& kind) {
  const std::string mark = "class=\"line " + kind + "\" d=\"";
  const std::size_t from = chart.find(mark);
  REQUIRE(from != std::string::npos);
  const char* at = chart.c_str() + from + mark.size();
  std::vector<std::pair<double, double>> places;
  while (*at == 'M' || *at == 'L') {
    char* next = nullptr;
    const double x = std::strtod(at + 1, &next);
    const double y = std::strtod(next, &next);
    places.emplace_back(x, y);
    at = next;
  }
  return places;
}

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

/// Most requests took a second; the fastest ones found a free connection at once.
Report few_fast_ones() {
  Report report = sample::before();
  report.latency_percentiles = {{0, 34}, {5, 900}, {50, 1240}, {95, 2130}, {99, 2420}};
  report.pool_wait_percentiles = {{0, 0.004}, {5, 720}, {50, 1060}, {95, 1970}, {99, 2220}};
  return report;
}

TEST_CASE("the curves of the distribution use the height of their chart") {
  const std::string chart = chart_of(to_html(few_fast_ones()), "chart-distribution");
  const auto places = curve_of(chart, "strong");
  double top = 1e9, bottom = 0;
  for (const auto& [x, y] : places) {
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  CHECK(bottom <= 270);
  CHECK(bottom - top > 270 / 2.0);
  // From the slow half on it is still a third: not the lowest point alone makes the difference.
  const auto half =
      std::find_if(places.begin(), places.end(), [](auto& p) { return p.first > 80; });
  REQUIRE(half != places.end());
  CHECK(half->second - top > 270 / 10.0);
}

TEST_CASE("a page says which part of the distribution lies at the lower edge") {
  CHECK(has(to_html(few_fast_ones()),
            "both axes logarithmic; values below 1 s are at the lower edge"));
  Report report = few_fast_ones();
  for (Percentiles* list : {&report.latency_percentiles, &report.pool_wait_percentiles}) {
    for (PercentilePoint& point : *list) point.ms = std::max(point.ms, 1000.0);
  }
  CHECK_FALSE(has(to_html(report), "at the lower edge"));
}

TEST_CASE("a goal is named beside the distribution, not over its curves") {
  const std::string chart = chart_of(to_html(few_fast_ones()), "chart-distribution");
  CHECK(has(chart, "class=\"name goal\" x=\"100%\""));
  CHECK(has(chart, ">goal 1.00 s</text>"));
  CHECK_FALSE(has(chart, "class=\"note goal\""));
  CHECK(has(chart, "the limit of p95(latency) &lt; 1s"));
}

TEST_CASE("the first second is drawn from its begin") {
  const std::string page = to_html(sample::before());
  CHECK(curve_of(chart_of(page, "chart-latency"), "strong").front().first == 0);
  CHECK(curve_of(chart_of(page, "chart-pools"), "sql").front().first == 0);
}

TEST_CASE("a bar says what a request did, not the name of its pool") {
  Report report = sample::before();
  std::string chart = chart_of(to_html(report), "chart-slowest");
  CHECK(has(chart, ">pool wait</text>"));
  CHECK_FALSE(has(chart, ">primary</text>"));
  report.pools.push_back(report.pools.front());
  chart = chart_of(to_html(report), "chart-slowest");
  CHECK(has(chart, ">pool wait (primary)</text>"));
}

TEST_CASE("captions of single requests fit a phone") {
  Report report = sample::before();
  report.samples[0].request = "a-request-with-a-name-that-is-far-too-long-for-any-phone";
  const std::string chart = chart_of(to_html(report), "chart-slowest");
  constexpr std::size_t kMost = 44;  // letters of 6.5 pixels in 290
  std::size_t seen = 0;
  for (std::size_t at = chart.find("<text class=\"row"); at != std::string::npos;
       at = chart.find("<text class=\"row", at + 1)) {
    const std::size_t from = chart.find('>', at) + 1;
    CHECK(chart.find('<', from) - from <= kMost);
    ++seen;
  }
  CHECK(seen >= 2);
  CHECK(has(chart, "350 ms before the window"));
}

TEST_CASE("a page says at its top when the run was") {
  const std::string page = to_html(sample::before());
  const std::string top = page.substr(0, page.find("<main>"));
  CHECK(has(top, "2026-01-31 12:00:00 UTC"));
}

TEST_CASE("a setting of the server does not go as one of each process") {
  Report report = sample::before();
  Recommendation r;
  r.pool_size = 12;
  r.max_overflow = 24;
  r.max_connections = 60;
  report.recommendation = r;
  for (const std::string& text : {to_html(report), to_markdown(report), to_terminal(report, {})}) {
    // Nothing says what the server has.
    CHECK(has(text, "server: max\\_connections at least 60") +
              has(text, "server: max_connections at least 60") >
          0);
  }
}

}  // namespace
}  // namespace poolgauge
