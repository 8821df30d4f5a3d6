// Pages of metrics that nobody meant well with: figures that cannot be, and too much of everything.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "observe/metrics.h"
#include "observe/pooler.h"

namespace poolgauge::observe {
namespace {

MetricsPage page_of(const std::string& text) {
  Result<MetricsPage> page = read_metrics_page(text);
  INFO((page.ok() ? std::string() : page.error().message));
  REQUIRE(page.ok());
  return std::move(page).value();
}

std::string refusal_of(const std::string& text) {
  const Result<MetricsPage> page = read_metrics_page(text);
  REQUIRE_FALSE(page.ok());
  return page.error().message;
}

/// `count` scrapes of the same page, 10 s apart.
std::vector<Scrape> scrapes_of(const std::string& text, std::size_t count = 5) {
  std::vector<Scrape> scrapes;
  for (std::size_t i = 0; i < count; ++i) {
    MetricsPage page = page_of(text);
    scrapes.push_back({static_cast<double>(i) * 10, std::move(page.pools)});
    if (page.pooler) scrapes.back().poolers.push_back({"", *page.pooler});
    scrapes.back().ignored = std::move(page.ignored);
  }
  return scrapes;
}

bool any_mentions(const std::vector<std::string>& all, const std::string& piece) {
  for (const std::string& one : all) {
    if (one.find(piece) != std::string::npos) return true;
  }
  return false;
}

constexpr const char* kUsual = "hikaricp_connections_active{pool=\"a\"} 4\n";

}  // namespace

TEST_CASE("a page's times are of the years 1970 to 9999", "[observe]") {
  for (const char* time : {"-5", "NaN", "+Inf", "-Inf", "1e300"}) {
    INFO(time);
    CHECK(refusal_of(fmt::format("hikaricp_connections_active{{pool=\"a\"}} 4 {}\n", time)) != "");
  }
  CHECK(refusal_of("hikaricp_connections_active{pool=\"a\"} 4 1767225600000\n# EOF\n")
            .find("after the year 9999") != std::string::npos);
  CHECK(page_of("hikaricp_connections_active{pool=\"a\"} 4 1767225600000\n").at_s == 1767225600);
}

TEST_CASE("hours of the day are those of a time that can be", "[observe]") {
  std::vector<Scrape> scrapes = scrapes_of(kUsual, 3);
  for (std::size_t i = 0; i < scrapes.size(); ++i) scrapes[i].t_s = static_cast<double>(i) * 7200;
  for (const std::int64_t started_s : {std::int64_t{-7}, std::numeric_limits<std::int64_t>::min(),
                                       std::numeric_limits<std::int64_t>::max()}) {
    Circumstances circumstances;
    circumstances.started_s = started_s;
    CHECK(answer_of_scrapes(scrapes, circumstances, "a").groups[0].hours.empty());
  }
  Circumstances circumstances;
  circumstances.started_s = 0;
  const Observed observed = answer_of_scrapes(scrapes, circumstances, "a");
  REQUIRE(observed.groups[0].hours.size() == 2);
  CHECK(observed.groups[0].hours[0].hour == 1);
  CHECK(observed.groups[0].hours[1].hour == 3);
}

TEST_CASE("gauges and counters that cannot be are ignored, and the answer says so", "[observe]") {
  for (const char* value : {"1e9", "1e300", "-3"}) {
    const MetricsPage page = page_of(fmt::format(
        "hikaricp_connections_active{{pool=\"a\"}} {0}\nhikaricp_connections_active{{pool=\"b\"}} "
        "4\nhikaricp_connections_pending{{pool=\"b\"}} {0}\n",
        value));
    INFO(value);
    REQUIRE(page.pools.size() == 1);
    CHECK(page.pools[0].name == "b");
    CHECK_FALSE(page.pools[0].figure(PoolFigure::waiting));
    CHECK(page.ignored ==
          std::set<std::string>{"hikaricp_connections_active", "hikaricp_connections_pending"});
  }
  const MetricsPage counted =
      page_of(std::string(kUsual) + "hikaricp_connections_timeout_total{pool=\"a\"} -1\n" +
              "hikaricp_connections_usage_seconds_sum{pool=\"a\"} -1\n");
  CHECK_FALSE(counted.pools[0].figure(PoolFigure::timeouts));
  CHECK_FALSE(counted.pools[0].figure(PoolFigure::hold_s));
  CHECK(counted.ignored.size() == 2);
  const Observed observed = answer_of_scrapes(
      scrapes_of(std::string(kUsual) + "hikaricp_connections_pending{pool=\"a\"} -3\n"), {}, "a");
  CHECK(any_mentions(observed.warnings,
                     "metric hikaricp_connections_pending: in 5 scrapes, it had values below 0"));
}

TEST_CASE("PgBouncer's gauges that cannot be are ignored", "[observe]") {
  const std::string labels = "{database=\"app\",user=\"u\"}";
  const MetricsPage page = page_of("pgbouncer_pools_server_active_connections" + labels +
                                   " 3\npgbouncer_pools_client_waiting_connections" + labels +
                                   " -1\npgbouncer_pools_client_waiting_connections" + labels +
                                   " 1e300\npgbouncer_databases_pool_size{name=\"app\"} 1e300\n"
                                   "pgbouncer_stats_totals_client_wait_seconds_total{database="
                                   "\"app\"} -1\n");
  REQUIRE(page.pooler);
  CHECK(page.pooler->pools[0].clients_waiting == 0);
  CHECK(page.pooler->pools[0].servers_active == 3);
  CHECK(page.pooler->pool_sizes.empty());
  CHECK(page.pooler->stats.empty());
  CHECK(page.ignored.size() == 2);
}

TEST_CASE("a limit that no server has is none", "[observe]") {
  for (const char* limit : {"2147483647", "262144", "1e300"}) {
    const std::string text =
        std::string(kUsual) + "hikaricp_connections_max{pool=\"a\"} " + limit + "\n";
    CHECK_FALSE(page_of(text).pools[0].figure(PoolFigure::most));
    const Observed observed = answer_of_scrapes(scrapes_of(text), {}, "a");
    CHECK_FALSE(observed.groups[0].limit);
    CHECK(any_mentions(observed.warnings, "its limit is not among its metrics"));
  }
  const std::string text = std::string(kUsual) + "hikaricp_connections_max{pool=\"a\"} 20\n";
  CHECK(page_of(text).pools[0].figure(PoolFigure::most) == 20);
}

TEST_CASE("the limits of many processes together may be none either", "[observe]") {
  std::string text;
  for (int i = 0; i < 3; ++i) {
    text += fmt::format(
        "hikaricp_connections_active{{pool=\"a\",pod=\"{0}\"}} 4\n"
        "hikaricp_connections_max{{pool=\"a\",pod=\"{0}\"}} 200000\n",
        i);
  }
  Circumstances circumstances;
  circumstances.question.processes = 1;
  CHECK_FALSE(answer_of_scrapes(scrapes_of(text), circumstances, "a").groups[0].limit);
}

TEST_CASE("a page with too many pools is refused", "[observe]") {
  std::string pools, samples = kUsual, poolers;
  for (int i = 0; i < 1'001; ++i) {
    pools += fmt::format("hikaricp_connections_active{{pool=\"{}\"}} 4\n", i);
    poolers += fmt::format(
        "pgbouncer_pools_server_active_connections{{database=\"{}\",user=\"u\"}} 3\n", i);
  }
  for (int i = 0; i < 10'001; ++i) {
    samples +=
        fmt::format("hikaricp_connections_usage_seconds_bucket{{pool=\"a\",le=\"{}\"}} 4\n", i);
  }
  CHECK(refusal_of(pools) == "the page has too many pools");
  CHECK(refusal_of(samples) == "the page has too many metrics of pools");
  CHECK(refusal_of(poolers) == "the page has too many pools");
}

TEST_CASE("pools that come and go are no more than 1,000 over the run", "[observe]") {
  std::vector<Scrape> scrapes;
  for (int i = 0; i < 4; ++i) {
    std::string text;
    for (int k = 0; k < 900; ++k) {
      text += fmt::format("hikaricp_connections_active{{pool=\"{} {}\"}} 4\n", i / 2, k);
    }
    scrapes.push_back({i * 10.0, page_of(text).pools});
  }
  const Observed observed = answer_of_scrapes(scrapes, {}, "a");
  CHECK(observed.groups.size() == 1'000);
  CHECK(any_mentions(observed.warnings, "only the first 1000 pools are shown"));
}

TEST_CASE("a bucket whose bound is no number is left out", "[observe]") {
  const std::string bucket = "hikaricp_connections_usage_seconds_bucket{pool=\"a\",le=";
  const PoolReading pool =
      page_of(kUsual + bucket + "\"nan\"} 4\n" + bucket + "\"0.5\"} 4\n").pools[0];
  REQUIRE(pool.holds.size() == 1);
  CHECK(pool.holds.begin()->first == 0.5);
}

TEST_CASE("a pool that appears later has its place in time", "[observe]") {
  const std::string late = "hikaricp_connections_active{pool=\"late\"} 9\n";
  std::vector<Scrape> scrapes = scrapes_of(kUsual, 6);
  for (std::size_t i = 3; i < 5; ++i) {  // and vanishes again
    for (PoolReading& pool : page_of(late).pools) scrapes[i].pools.push_back(pool);
  }
  const Observed observed = answer_of_scrapes(scrapes, {}, "a");
  REQUIRE(observed.points.size() == 5);
  const std::size_t number = observed.groups[0].key.application == "late" ? 0 : 1;
  for (std::size_t i = 0; i < 5; ++i) {
    INFO(i);
    CHECK(observed.points[i].t_s == static_cast<double>(i) * 10);
    CHECK(observed.points[i].in_use[number] == (i == 2 || i == 3 ? 9 : 0));
    CHECK(observed.points[i].in_use[1 - number] == 4);
  }
}

TEST_CASE("two PgBouncers are told apart", "[observe]") {
  const auto look = [](double busy, double transactions) {
    ObservePoolerLook one;
    one.pools.push_back({"app", "u", "transaction", 0, busy, 0, 0});
    one.stats.push_back({"app", transactions, 0, transactions / 10, {}});
    one.version = "PgBouncer 1.18";
    return one;
  };
  std::vector<Scrape> scrapes;
  for (int i = 0; i < 30; ++i) {
    scrapes.push_back({i * 10.0, {}});
    scrapes.back().poolers = {{"one:9127", look(2, 9'000 + i)}, {"two:9127", look(7, 10.0 * i)}};
  }
  const Observed observed = answer_of_scrapes(scrapes, {}, "a");
  REQUIRE(observed.pooler);
  CHECK(observed.pooler->looks == 30);
  CHECK(observed.pooler->notes.empty());
  REQUIRE(observed.pooler->pools.size() == 2);
  CHECK(observed.pooler->pools[0].database == "app at one:9127");
  CHECK(observed.pooler->pools[0].servers_busy.value == Approx(2));
  CHECK(observed.pooler->pools[1].database == "app at two:9127");
  CHECK(observed.pooler->pools[1].servers_busy.value == Approx(7));
}

TEST_CASE("a PgBouncer that restarts all the time is noted 20 times", "[observe]") {
  PoolerTally tally;
  for (int i = 0; i < 100; ++i) {
    ObservePoolerLook look;
    look.t_s = i;
    look.pools.push_back({"app", "u", "transaction", 1, 0, 0, 0});
    look.stats.push_back({"app", 1'000.0 - i, 0, 0, {}});
    tally.add(look);
  }
  CHECK(tally.answer("production")->notes.size() == 20);
}

}  // namespace poolgauge::observe
