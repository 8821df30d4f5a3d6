// Every renderer against a stored file, byte for byte. POOLGAUGE_UPDATE_GOLDEN=1 rewrites them.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "report_sample.h"

namespace poolgauge {
namespace {

std::string path_of(const std::string& name) {
  return std::string(POOLGAUGE_SOURCE_DIR) + "/tests/golden/" + name;
}

std::string content_of(const std::string& name) {
  std::ifstream in(path_of(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void check_golden(const std::string& name, const std::string& actual) {
  const char* update = std::getenv("POOLGAUGE_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path_of(name), std::ios::binary) << actual;
  }
  INFO("golden file " << name << "; POOLGAUGE_UPDATE_GOLDEN=1 rewrites it");
  CHECK(actual == content_of(name));
}

TerminalStyle plain() {
  TerminalStyle style;
  style.unicode = false;
  return style;
}

TEST_CASE("a report in every format equals its golden file") {
  const struct {
    std::string name;
    Report report;
  } cases[] = {{"chat-100-before", sample::before()},
               {"chat-100", sample::after()},
               {"troubled", sample::troubled()}};
  for (const auto& c : cases) {
    check_golden(c.name + ".json", to_json(c.report));
    check_golden(c.name + ".md", to_markdown(c.report));
    check_golden(c.name + ".junit.xml", to_junit(c.report));
    check_golden(c.name + ".prom", to_prometheus(c.report));
    check_golden(c.name + ".github-benchmark.json", to_github_benchmark(c.report));
    check_golden(c.name + ".bencher.json", to_bencher(c.report));
    check_golden(c.name + ".txt", to_terminal(c.report, {}));
    check_golden(c.name + ".ascii.txt", to_terminal(c.report, plain()));
  }
}

TEST_CASE("the HTML page equals its golden file") {
  check_golden("troubled.html", to_html(sample::troubled()));
}

TEST_CASE("the explained and the coloured screen equal their golden files") {
  TerminalStyle style;
  style.explain = true;
  check_golden("chat-100.explain.txt", to_terminal(sample::after(), style));
  style.explain = false;
  style.color = true;
  check_golden("troubled.color.txt", to_terminal(sample::troubled(), style));
}

TEST_CASE("two reports side by side equal their golden file") {
  check_golden("side-by-side.txt", side_by_side(sample::before(), sample::after(), {}));
  check_golden("side-by-side.ascii.txt", side_by_side(sample::before(), sample::after(), plain()));
  TerminalStyle narrow;
  narrow.width = 48;
  check_golden("side-by-side.narrow.txt",
               side_by_side(sample::before(), sample::troubled(), narrow));
}

}  // namespace
}  // namespace poolgauge
