// Queueing models against what is known exactly, and against each other.
#include <catch2/catch.hpp>
#include <cmath>

#include "math/pool_queue.h"
#include "math/queues.h"
#include "math/rate_curve.h"

using namespace poolgauge::math;

namespace {

constexpr double kService = 0.04;

PoolQueue pool_of(std::uint64_t connections, std::optional<double> timeout_s = std::nullopt) {
  return {independent_servers(kService), connections, timeout_s};
}

const Usl kDatabase{100, 0.02, 0.0005};

}  // namespace

TEST_CASE("Erlang's formulas at their corners") {
  CHECK(erlang_b(0, 3) == 1);
  CHECK(erlang_b(5, 0) == 0);
  CHECK(erlang_c(4, 4) == 1);  // as much as there are servers: everybody waits
  CHECK(erlang_c(1, 0.7) == Approx(0.7));
  const OpenQueue full{100, kService, 4};
  CHECK_FALSE(full.stable());
  CHECK(std::isinf(full.mean_wait_s()));
  CHECK(std::isinf(full.wait_quantile_s(0.5)));
  const OpenQueue light{1, kService, 4};
  CHECK(light.wait_quantile_s(0.95) == 0);
}

TEST_CASE("The fewest servers are the fewest") {
  for (const double erlangs : {0.2, 1.0, 7.9, 60.0}) {
    const auto servers = servers_for(erlangs, 0.05);
    REQUIRE(servers);
    CHECK(erlang_c(*servers, erlangs) <= 0.05);
    CHECK((*servers == 1 || erlang_c(*servers - 1, erlangs) > 0.05));
  }
  CHECK_FALSE(servers_for(200, 0.05, 150));
}

TEST_CASE("A pool without timeout and with independent connections is Erlang's") {
  const auto figures = open_pool(pool_of(10), 200);
  const OpenQueue queue{200, kService, 10};
  REQUIRE(figures);
  CHECK(figures->wait_probability() == Approx(queue.wait_probability()));
  CHECK(figures->mean_wait_s() == Approx(queue.mean_wait_s()));
  CHECK(figures->wait_quantile_s(0.95) == Approx(queue.wait_quantile_s(0.95)));
  CHECK(figures->busy_mean == Approx(8));
  CHECK_FALSE(open_pool(pool_of(10), 250));
}

TEST_CASE("A timeout is respected by whoever was served") {
  const auto figures = open_pool(pool_of(10, 0.02), 300);
  REQUIRE(figures);
  CHECK(figures->served_within(0.02) == Approx(1));
  CHECK(figures->served_within(99) == Approx(1));
  CHECK(figures->wait_quantile_s(0.999) <= 0.02);
  CHECK(figures->throughput_per_s < 250);
  // Whatever is lost is lost by timeouts, and Little's law holds for those in service.
  CHECK(figures->busy_mean == Approx(figures->throughput_per_s * kService));
}

TEST_CASE("Longer patience and more connections mean fewer timeouts") {
  double before = 1;
  for (const double timeout : {0.0, 0.001, 0.01, 0.1, 1.0}) {
    const auto figures = open_pool(pool_of(10, timeout), 240);
    REQUIRE(figures);
    CHECK(figures->timeout_probability < before);
    before = figures->timeout_probability;
  }
  before = 1;
  for (const std::uint64_t c : {1U, 2U, 5U, 10U, 20U}) {
    const double lost = open_pool(pool_of(c, 0.05), 240)->timeout_probability;
    CHECK(lost < before);
    before = lost;
  }
}

TEST_CASE("All times times ten change nothing but the times") {
  const auto once = open_pool({independent_servers(0.01), 5, 0.02}, 450);
  const auto slow = open_pool({independent_servers(0.1), 5, 0.2}, 45);
  CHECK(once->timeout_probability == Approx(slow->timeout_probability));
  CHECK(once->waiting_mean == Approx(slow->waiting_mean));
  CHECK(10 * once->wait_quantile_s(0.9) == Approx(slow->wait_quantile_s(0.9)));
}

TEST_CASE("Extreme loads stay finite") {
  const auto flood = open_pool(pool_of(60, 30), 100'000);
  REQUIRE(flood);
  CHECK(flood->throughput_per_s == Approx(1500));
  CHECK(flood->timeout_probability == Approx(1 - 1500.0 / 100'000));
  CHECK(flood->wait_quantile_s(0.5) == Approx(30).epsilon(0.01));
  const auto calm = open_pool(pool_of(60, 30), 1);
  CHECK(calm->timeout_probability == Approx(0).margin(1e-12));
  CHECK(calm->wait_probability() == Approx(0).margin(1e-12));
}

TEST_CASE("A closed pool: who finds a connection, who waits, who gives up") {
  SECTION("as many connections as clients: nobody waits") {
    const PoolFigures figures = closed_pool(pool_of(10), 10, 0.1);
    CHECK(figures.waiting_mean == 0);
    CHECK(figures.no_wait_probability == Approx(1));
    CHECK(figures.throughput_per_s == Approx(10 / (0.1 + kService)));
  }
  SECTION("no think time: all connections busy all the time") {
    const PoolFigures figures = closed_pool(pool_of(10), 100, 0);
    CHECK(figures.throughput_per_s == Approx(250).epsilon(1e-4));
    CHECK(figures.waiting_mean == Approx(90).epsilon(1e-4));
  }
  SECTION("the distribution of the wait agrees with its mean") {
    const PoolFigures figures = closed_pool(pool_of(10), 40, 0.05);
    double mean = 0;
    constexpr double kStep = 1e-4;
    for (double t = 0; t < 2; t += kStep) mean += kStep * (1 - figures.served_within(t));
    CHECK(mean == Approx(figures.mean_wait_s()).epsilon(0.01));
  }
  SECTION("many clients with timeouts") {
    const PoolFigures figures = closed_pool(pool_of(10, 0.05), 5000, 1);
    CHECK(figures.throughput_per_s == Approx(250).epsilon(1e-3));
    CHECK(figures.served_within(0.05) == Approx(1));
    CHECK(figures.arrivals_per_s * (1 - figures.timeout_probability) ==
          Approx(figures.throughput_per_s));
  }
  SECTION("ever more clients are ever more like open arrivals") {
    const PoolFigures closed = closed_pool(pool_of(10, 0.05), 20'000, 100);
    const auto open = open_pool(pool_of(10, 0.05), 200);
    CHECK(closed.wait_probability() == Approx(open->wait_probability()).epsilon(0.02));
    CHECK(closed.wait_quantile_s(0.95) == Approx(open->wait_quantile_s(0.95)).epsilon(0.02));
  }
}

TEST_CASE("Pools in front of one database") {
  const auto one = open_pools({kDatabase.curve(), 1, 20, std::nullopt}, 900);
  const auto single = open_pool({kDatabase.curve(), 20, std::nullopt}, 900);
  CHECK(one->waiting_mean == Approx(single->waiting_mean));
  const auto split = open_pools({kDatabase.curve(), 10, 2, std::nullopt}, 900);
  CHECK(split->wait_probability() > 5 * one->wait_probability());
}

TEST_CASE("Holding a connection without using it") {
  CHECK(hold_rates(kDatabase.curve(), 0, 5)[4] == Approx(kDatabase.rate(5)));
  // Independent servers: m / (service + delay).
  const auto rates = hold_rates(independent_servers(0.04), 0.06, 500);
  CHECK(rates[0] == Approx(10));
  CHECK(rates[499] == Approx(5000));
  const RateCurve curve = hold_curve(kDatabase.curve(), 0.01, 30);
  CHECK(curve(0) == 0);
  CHECK(curve(7.5) == Approx((curve(7) + curve(8)) / 2));
  CHECK(curve(31) == curve(30));
  CHECK(curve(30) < kDatabase.rate(30));
}

TEST_CASE("No network exceeds its bounds") {
  const double demands[] = {0.005, 0.008, 0.001};
  for (const std::uint64_t clients : {1U, 5U, 20U, 200U}) {
    const NetworkFigures figures = mean_value_analysis(demands, 0.1, clients);
    const NetworkBounds bounds = operational_bounds(demands, 0.1, clients);
    CHECK(figures.throughput_per_s <= bounds.throughput_at_most * (1 + 1e-9));
    CHECK(figures.response_s >= bounds.response_at_least * (1 - 1e-9));
    CHECK(figures.throughput_per_s * (figures.response_s + 0.1) == Approx(clients));
  }
}

TEST_CASE("Churn: how often overflow is opened") {
  CHECK(opens_per_s({100, 0.05, 15, 0}) == 0);
  CHECK(opens_per_s({100, 0.05, 2, 2}) == 0);  // more work than connections: never idle
  const double library = opens_per_s({100, 0.05, 5, 10});
  CHECK(library == Approx(9.07171095).epsilon(1e-6));
  CHECK(opens_per_s({100, 0.05, 10, 5}) < library);
  // A ceiling that is never reached changes nothing, however high.
  CHECK(opens_per_s({100, 0.05, 5, 2000}) == Approx(opens_per_s({100, 0.05, 5, 100})));
  const std::uint64_t kept = pool_size_for_churn(100, 0.05, 15, 0.005);
  CHECK(opens_per_s({100, 0.05, kept, 15 - kept}) <= 0.5);
  CHECK(opens_per_s({100, 0.05, kept - 1, 16 - kept}) > 0.5);
}
