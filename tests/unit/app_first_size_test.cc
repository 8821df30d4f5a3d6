// When one more calibration with more connections is due.
#include "app/first_size.h"

#include <catch2/catch.hpp>

namespace poolgauge::app {
namespace {

/// 180 requests a second, each with one statement.
Scenario arriving() {
  Scenario scenario;
  RequestSpec request;
  request.steps.emplace_back();
  scenario.requests.push_back(request);
  OpenLoad load;
  load.rate_per_s = 180;
  scenario.load = load;
  return scenario;
}

Report with_in_use(double connections) {
  Report report;
  report.pools.emplace_back();
  report.pools.front().measured.checked_out_mean = connections;
  report.connection_time.mean = 20.0;
  return report;
}

TEST_CASE("A first size is guessed for statements of a millisecond") {
  CHECK(ample_total(arriving(), 100) == 3);
  CHECK(ample_total(arriving(), 2) == 2);
}

TEST_CASE("Where all connections were in use all the time, more are tried") {
  // 180/s times 20 ms are 3.6 connections; nine are ample.
  CHECK(roomier_total(arriving(), with_in_use(2.99), 3, 100) == 9);
  CHECK(roomier_total(arriving(), with_in_use(2.99), 3, 5) == 5);
  CHECK(roomier_total(arriving(), with_in_use(2.2), 3, 100) == 0);
  CHECK(roomier_total(arriving(), with_in_use(3), 3, 3) == 0);
  CHECK(roomier_total(arriving(), Report{}, 3, 100) == 0);
}

}  // namespace
}  // namespace poolgauge::app
