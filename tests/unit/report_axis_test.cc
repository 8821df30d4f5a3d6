// Axes and pictures: round figures, places within the picture, names that do not collide.
#include <catch2/catch.hpp>
#include <regex>
#include <string>

#include "report/html/html_parts.h"
#include "report/html/picture.h"

namespace poolgauge {
namespace {

std::string labels(const Axis& axis) {
  std::string text;
  for (const auto& [value, words] : axis.ticks) text += (text.empty() ? "" : "|") + words;
  return text;
}

TEST_CASE("axes end at round figures and begin at zero") {
  CHECK(labels(count_axis(93)) == "0|20|40|60|80|100");
  CHECK(labels(count_axis(1800)) == "0|500|1,000|1,500|2,000");
  CHECK(labels(count_axis(0)) == "0|1");
  CHECK(labels(time_axis(1630)) == "0 s|0.5 s|1 s|1.5 s|2 s");
  CHECK(labels(time_axis(0.3)) == "0 µs|100 µs|200 µs|300 µs");
  CHECK(labels(clock_axis(20)) == "0|5 s|10 s|15 s|20 s");
  CHECK(labels(clock_axis(600)) == "0|2m|4m|6m|8m|10m");
  CHECK(labels(size_axis(3, 12)) == "4|6|8|10|12");
}

TEST_CASE("every axis has few ticks, all within it, for any largest value") {
  for (double largest = 1e-6; largest < 1e9; largest *= 1.7) {
    for (const Axis& axis : {count_axis(largest), time_axis(largest), clock_axis(largest),
                             log_time_axis(largest / 1000, largest)}) {
      INFO(largest);
      CHECK(axis.ticks.size() >= 1);
      CHECK(axis.ticks.size() <= 13);
      for (const auto& [value, words] : axis.ticks) {
        CHECK(axis.at(value) >= 0);
        CHECK(axis.at(value) <= 1);
      }
    }
    CHECK(count_axis(largest).high >= largest * 0.999);
    CHECK(time_axis(largest).high >= largest * 0.999);
  }
}

TEST_CASE("a logarithmic axis holds what it must, and zero at its lower end") {
  const Axis axis = log_time_axis(3, 1710);
  CHECK(axis.low <= 3);
  CHECK(axis.high >= 1710);
  CHECK(axis.at(0) == 0);
  CHECK(axis.at(axis.high * 10) == 1);
  CHECK(axis.at(30) - axis.at(3) == Approx(axis.at(300) - axis.at(30)));
}

TEST_CASE("each further nine takes the same room on the percentile axis") {
  const Axis axis = percentile_axis(1e6);
  REQUIRE(labels(axis) == "0|50|90|99|99.9|99.99|99.999");
  const auto at = [&](std::size_t i) { return axis.at(axis.ticks[i].first); };
  CHECK(at(3) - at(2) == Approx(at(4) - at(3)));
}

TEST_CASE("a picture is text: escaped words, gaps in curves, names apart") {
  Picture picture("p", "a <b>", "d & e", 100);
  picture.y_axis(count_axis(10));
  picture.x_axis(clock_axis(4), true);
  picture.line({{1, 2, 3, 4}, {1, std::nullopt, 3, 10}}, "sql");
  for (const char* name : {"one", "two", "three"}) picture.name(5, "sql", name);
  const std::string svg = picture.svg();
  CHECK(svg.find("a &lt;b&gt;") != std::string::npos);
  CHECK(svg.find("d=\"M250.0 90.0M750.0 70.0L1000.0 0.0\"") != std::string::npos);
  const std::regex name("class=\"name sql\"[^>]*y=\"([0-9.]+)\"");
  double last = -100;
  int names = 0;
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), name); it != std::sregex_iterator();
       ++it, ++names) {
    CHECK(std::stod((*it)[1]) - last >= 13.9);
    last = std::stod((*it)[1]);
  }
  CHECK(names == 3);
  CHECK(last <= 105);
}

TEST_CASE("names at the lower edge move up") {
  Picture picture("p", "t", "d", 100);
  picture.y_axis(count_axis(10));
  picture.x_axis(clock_axis(4), false);
  picture.name(0, "sql", "one");
  picture.name(0, "sql", "two");
  CHECK(picture.svg().find("y=\"104.0\">two") != std::string::npos);
  CHECK(picture.svg().find("y=\"90.0\">one") != std::string::npos);
}

}  // namespace
}  // namespace poolgauge
