// Times in which somebody stood still, where people and machines look for them.
#include <catch2/catch.hpp>

#include "report_sample.h"
#include "stats/over_time.h"

namespace poolgauge {
namespace {

using namespace std::chrono_literals;

Report stood_still() {
  Report report = sample::before();
  report.standstills = {{2s, 4500ms, "server", true},
                        {3s, 5s, "client", true},
                        {from_s(report.window_s) - 1s, std::nullopt, "server", false}};
  return report;
}

TEST_CASE("standstills are in the page's timeline") {
  const std::string page = to_html(stood_still());
  CHECK(page.find("the server did not respond") != page.npos);
  CHECK(page.find("Poolgauge itself was paused") != page.npos);
  CHECK(to_html(sample::before()).find("did not respond") == page.npos);
}

TEST_CASE("standstills are in Prometheus by whose they were") {
  const std::string text = to_prometheus(stood_still());
  CHECK(text.find("whose=\"server\"} 3.5\n") != text.npos);
  CHECK(text.find("whose=\"client\"} 2\n") != text.npos);
  CHECK(to_prometheus(sample::before()).find("standstill") == text.npos);
}

TEST_CASE("standstills that overlap count once") {
  const std::vector<Standstill> all = {{1s, 3s, "server", true}, {2s, 4s, "server", true}};
  CHECK(standstill_s(all, "server", 10s) == 3);
  CHECK(standstill_s(all, "server", 2500ms) == 1.5);
  CHECK(standing_still(all) == std::vector<std::string>{"server"});
}

}  // namespace
}  // namespace poolgauge
