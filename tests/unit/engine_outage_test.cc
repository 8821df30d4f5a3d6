// When the server was gone: from the first failure that says so to the first success.
#include "engine/logs.h"

#include "engine_bench.h"
#include "stats/over_time.h"

namespace poolgauge {
namespace {

using namespace test;

TEST_CASE("an outage lasts from the first failure to the first success", "[outage]") {
  OutageLog log;
  log.succeeded(at(1s));
  log.lost(at(2s));
  log.lost(at(2100ms));
  log.connect_failed(at(3s), FailureClass::connection_refused);
  CHECK(log.open());
  log.succeeded(at(4s));
  log.succeeded(at(5s));
  const auto seen = log.within(at(1s), at(10s));
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].start == 1s);
  CHECK(seen[0].end == Duration(3s));
  CHECK(seen[0].lost_connections == 2);
  CHECK(seen[0].failed_connects == 1);
}

TEST_CASE("a server that refuses a login is there", "[outage]") {
  OutageLog log;
  log.lost(at(2s));
  log.connect_failed(at(3s), FailureClass::too_many_connections);
  CHECK(log.open());
  log.connect_failed(at(4s), FailureClass::authentication);
  CHECK_FALSE(log.open());
  const auto seen = log.within(at(0s), at(10s));
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].end == Duration(4s));
}

TEST_CASE("an answer that was under way does not split an outage", "[outage]") {
  OutageLog log;
  log.lost(at(2s));
  log.succeeded(at(2001ms));
  log.lost(at(2002ms));
  log.succeeded(at(3s));
  log.lost(at(3101ms));
  const auto seen = log.within(at(0s), at(10s));
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].end == Duration(3s));
  CHECK_FALSE(seen[1].end.has_value());
}

TEST_CASE("a server that answers with a refusal is not gone", "[outage]") {
  OutageLog log;
  for (const FailureClass failure :
       {FailureClass::too_many_connections, FailureClass::authentication,
        FailureClass::connect_error, FailureClass::backlog_full, FailureClass::tls,
        FailureClass::pooler_refused, FailureClass::stopped}) {
    log.connect_failed(at(1s), failure);
  }
  CHECK(log.within(at(0s), at(2s)).empty());
}

TEST_CASE("outages are cut to the window", "[outage]") {
  OutageLog log;
  log.lost(at(1s));
  log.succeeded(at(2s));
  log.lost(at(3s));
  log.succeeded(at(6s));
  log.lost(at(9s));
  log.succeeded(at(11s));
  log.lost(at(12s));
  const auto seen = log.within(at(5s), at(10s));
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].start == 0s);
  CHECK(seen[0].end == Duration(1s));
  CHECK(seen[1].start == 4s);
  CHECK_FALSE(seen[1].end.has_value());
}

TEST_CASE("what several threads saw is joined", "[outage]") {
  std::vector<Outage> mine{{1s, Duration(2s), 1, 0}, {8s, std::nullopt, 1, 2}};
  const std::vector<Outage> theirs{{1500ms, Duration(3s), 2, 5}, {4s, Duration(5s), 1, 0}};
  join_outages(mine, theirs);
  REQUIRE(mine.size() == 3);
  CHECK(mine[0].start == 1s);
  CHECK(mine[0].end == Duration(3s));
  CHECK(mine[0].lost_connections == 3);
  CHECK(mine[0].failed_connects == 5);
  CHECK(mine[1].start == 4s);
  CHECK_FALSE(mine[2].end.has_value());
}

TEST_CASE("each server has outages of its own", "[outage]") {
  std::vector<Outage> mine{{1s, Duration(5s), 1, 0, "primary"}};
  join_outages(mine, {{2s, std::nullopt, 1, 0, "replica"}});
  join_outages(mine, {{4s, Duration(6s), 1, 0, "primary"}, {7s, Duration(8s), 1, 0, "replica"}});
  REQUIRE(mine.size() == 2);
  CHECK(mine[0].target == "primary");
  CHECK(mine[0].end == Duration(6s));
  CHECK(mine[0].lost_connections == 2);
  CHECK(mine[1].target == "replica");
  CHECK_FALSE(mine[1].end.has_value());
  CHECK(mine[1].lost_connections == 2);
}

TEST_CASE("a full list grows no more, and loses no count", "[outage]") {
  OutageLog log;
  for (int i = 0; i < 1500; ++i) {
    log.lost(at(i * 1s));
    log.succeeded(at(i * 1s + 1ms));
  }
  const auto seen = log.within(at(-1s), at(2000s));
  CHECK(seen.size() == kMostOutages);
  std::uint64_t lost = 0;
  for (const Outage& outage : seen) lost += outage.lost_connections;
  CHECK(lost == 1500);
}

}  // namespace
}  // namespace poolgauge
