// Pools in pages of metrics: what is read, and what follows from pages whose truth is known.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <queue>
#include <vector>

#include <fmt/format.h>

#include "base/rng.h"
#include "observe/metrics.h"

namespace poolgauge::observe {
namespace {

PoolReading only_pool(const std::string& text) {
  const Result<MetricsPage> page = read_metrics_page(text);
  INFO((page.ok() ? std::string() : page.error().message));
  REQUIRE(page.ok());
  REQUIRE(page.value().pools.size() == 1);
  return page.value().pools[0];
}

double figure(const PoolReading& pool, PoolFigure of) {
  REQUIRE(pool.figure(of));
  return *pool.figure(of);
}

/// A pool of `servers` with random arrivals, first come first served, and exponential holds; or
/// with `users` that ask again after a while. Scraped every `every_s`, as Micrometer would show it.
struct MetricsWorld {
  std::size_t servers = 10;
  double rate_per_s = 50, hold_s = 0.1;
  std::size_t batch = 1;  ///< requests that arrive at a time
  double every_s = 5, until_s = 600;
  std::uint64_t seed = 1;

  double waited_s = 0, held_s = 0;
  std::size_t requests = 0, waited = 0;
  std::vector<Scrape> scrapes;

  struct Request {
    double arrived_s, began_s, ended_s;
  };

  void run() {
    Rng rng(seed);
    std::priority_queue<double, std::vector<double>, std::greater<>> free;
    for (std::size_t i = 0; i < servers; ++i) free.push(0);
    std::vector<Request> all;
    double now = 0;
    const double between = static_cast<double>(batch) / rate_per_s;
    while (now < until_s) {
      now += between * rng.exponential();
      for (std::size_t i = 0; i < batch; ++i) {
        const double begins = std::max(now, free.top());
        free.pop();
        const double ends = begins + hold_s * rng.exponential();
        free.push(ends);
        all.push_back({now, begins, ends});
      }
    }
    for (double at = 0; at <= until_s; at += every_s) scrapes.push_back(scrape(all, at));
  }

  Scrape scrape(const std::vector<Request>& all, double at) {
    double in_use = 0, waiting = 0, acquired = 0, acquire_s = 0, used = 0, usage_s = 0, late = 0;
    for (const Request& one : all) {
      if (one.arrived_s > at) break;
      if (one.began_s > at) ++waiting;
      if (one.began_s <= at && one.ended_s > at) ++in_use;
      if (one.began_s <= at) ++acquired, acquire_s += one.began_s - one.arrived_s;
      if (one.began_s <= at && one.began_s - one.arrived_s > 0.01) ++late;
      if (one.ended_s <= at) ++used, usage_s += one.ended_s - one.began_s;
    }
    requests = static_cast<std::size_t>(acquired);
    waited_s = acquire_s;
    held_s = usage_s;
    waited = static_cast<std::size_t>(late);
    std::string page;
    const auto add = [&page](const char* name, const std::string& labels, double value) {
      page += fmt::format("hikaricp_connections{}{{pool=\"main\"{}}} {}\n", name, labels, value);
    };
    add("_active", "", in_use);
    add("_idle", "", static_cast<double>(servers) - in_use);
    add("", "", static_cast<double>(servers));
    add("_max", "", static_cast<double>(servers));
    add("_pending", "", waiting);
    add("_acquire_seconds_count", "", acquired);
    add("_acquire_seconds_sum", "", acquire_s);
    add("_acquire_seconds_bucket", ",le=\"0.01\"", acquired - late);
    add("_acquire_seconds_bucket", ",le=\"+Inf\"", acquired);
    add("_usage_seconds_count", "", used);
    add("_usage_seconds_sum", "", usage_s);
    const Result<MetricsPage> read = read_metrics_page(page);
    REQUIRE(read.ok());
    return {at, read.value().pools, {}};
  }
};

Observed answer(const std::vector<Scrape>& scrapes, const std::string& profile = "staging") {
  Circumstances circumstances;
  circumstances.question.profile = profile;
  return answer_of_scrapes(scrapes, circumstances, "world");
}

}  // namespace

TEST_CASE("a page of metrics is read line by line", "[observe]") {
  const auto samples = parse_metrics(
      "# HELP a_b Help.\r\n# TYPE a_b gauge\na_b 1\n\n  c{x=\"1\",y = \"say \\\"hi\\\"\\n\\\\\"} "
      "2.5e3 1700000000500\nd{} NaN\ne +Inf # {trace=\"1\"} 0.5\nf{z=\"1\",} -1");
  REQUIRE(samples.ok());
  REQUIRE(samples.value().size() == 5);
  CHECK(samples.value()[0].value == 1);
  CHECK(samples.value()[1].label("y") == "say \"hi\"\n\\");
  CHECK(samples.value()[1].value == 2500);
  CHECK(*samples.value()[1].at_s == 1700000000.5);
  CHECK(std::isnan(samples.value()[2].value));
  CHECK(std::isinf(samples.value()[3].value));
  CHECK(samples.value()[4].value == -1);
  // OpenMetrics has its times in seconds.
  const auto open = parse_metrics("a 1 1700000000.5\n# EOF\n");
  REQUIRE(open.ok());
  CHECK(*open.value()[0].at_s == 1700000000.5);
}

TEST_CASE("what is no page of metrics is refused with its place", "[observe]") {
  for (const char* const text :
       {"<!DOCTYPE html>\n<html>", "{\"status\":\"UP\"}", "a", "a b", "a{x=1} 2", "a{x=\"1} 2",
        "a{x=\"1\" 2", "a 1 2 3", "1a 2", "a 0x10", "a 1e", "\x1b[31m"}) {
    const auto read = read_metrics_page(std::string("ok 1\n") + text);
    INFO(text);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().kind == ErrorKind::usage);
    CHECK(read.error().message.starts_with("line 2 is not a metric in Prometheus text format"));
    CHECK(read.error().hint.find("/actuator/prometheus") != std::string::npos);
    CHECK(read.error().message.find('\x1b') == std::string::npos);
  }
  const auto other = read_metrics_page("up 1\njvm_threads 20\n");
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().message == "none of its 2 metrics belongs to a connection pool");
  CHECK(other.error().hint.find("HikariCP") != std::string::npos);
  REQUIRE_FALSE(read_metrics_page("").ok());
  CHECK(read_metrics_page("").error().message == "the page is empty");
  // A gauge that is not a number tells nothing.
  CHECK_FALSE(read_metrics_page("hikaricp_connections_active{pool=\"a\"} NaN\n").ok());
}

TEST_CASE("each library's names are known", "[observe]") {
  using enum PoolFigure;
  PoolReading pool = only_pool(
      "hikaricp_connections_active{application=\"shop\",pool=\"main\",instance=\"a\"} 3\n"
      "hikaricp_connections_idle{application=\"shop\",pool=\"main\",instance=\"a\"} 7\n"
      "hikaricp_connections_pending{application=\"shop\",pool=\"main\",instance=\"a\"} 2\n"
      "hikaricp_connections_max{application=\"shop\",pool=\"main\",instance=\"a\"} 10\n");
  CHECK(pool.name == "main, application=shop");
  CHECK(pool.process == "a");
  CHECK(figure(pool, in_use) == 3);
  CHECK(figure(pool, open) == 10);
  CHECK(figure(pool, waiting) == 2);
  CHECK(figure(pool, most) == 10);
  // HikariCP's own exporter, in nanoseconds and milliseconds.
  pool = only_pool(
      "hikaricp_active_connections{pool=\"p\"} 1\nhikaricp_connection_acquired_nanos_sum"
      "{pool=\"p\"} 2e9\nhikaricp_connection_acquired_nanos_count{pool=\"p\"} 4\n"
      "hikaricp_connection_usage_millis_sum{pool=\"p\"} 3000\n"
      "hikaricp_connection_timeout_total{pool=\"p\"} 5\n");
  CHECK(figure(pool, wait_s) == Approx(2));
  CHECK(figure(pool, requests) == 4);
  CHECK(figure(pool, hold_s) == Approx(3));
  CHECK(figure(pool, timeouts) == 5);
  pool = only_pool(
      "sqlalchemy_pool_checked_out 4\nsqlalchemy_pool_checked_in 1\nsqlalchemy_pool_size 5\n"
      "sqlalchemy_pool_max_overflow 10\nsqlalchemy_pool_overflow -1\n");
  CHECK(pool.name == "SQLAlchemy");
  CHECK(figure(pool, open) == 5);
  CHECK(figure(pool, most) == 15);
  pool = only_pool(
      "ledger_db_pool_size 8\nledger_db_pool_available 2\nledger_db_pool_max 10\n"
      "ledger_db_requests_num_total 100\nledger_db_requests_queued_total 7\n"
      "ledger_db_requests_wait_ms 1500\nledger_db_usage_ms 9000\n");
  CHECK(pool.form == "psycopg_pool");
  CHECK(figure(pool, in_use) == 6);
  CHECK(figure(pool, wait_s) == Approx(1.5));
  CHECK(figure(pool, hold_s) == Approx(9));
  CHECK(figure(pool, holds) == 100);
}

TEST_CASE("names of Go, Node, and OpenTelemetry are known", "[observe]") {
  using enum PoolFigure;
  PoolReading pool = only_pool(
      "pgxpool_acquired_conns 2\npgxpool_idle_conns 1\npgxpool_max_conns 4\n"
      "pgxpool_acquire_count 50\npgxpool_empty_acquire 5\npgxpool_acquire_duration_ns 2e9\n");
  CHECK(figure(pool, waited) == 5);
  CHECK(figure(pool, wait_s) == Approx(2));
  pool = only_pool(
      "go_sql_in_use_connections{db_name=\"shop\"} "
      "2\ngo_sql_max_open_connections{db_name=\"shop\"} "
      "0\ngo_sql_wait_count_total{db_name=\"shop\"} 3\n"
      "go_sql_wait_duration_seconds_total{db_name=\"shop\"} 0.5\n");
  CHECK(pool.name == "shop");
  CHECK_FALSE(pool.figure(most));  // 0: no limit
  CHECK(figure(pool, waited) == 3);
  pool = only_pool(
      "pg_pool_size{host=\"db:5432\",database=\"shop\"} 6\n"
      "pg_pool_idle_connections{host=\"db:5432\",database=\"shop\"} 2\n"
      "pg_pool_waiting_connections{host=\"db:5432\",database=\"shop\"} 1\n");
  CHECK(figure(pool, in_use) == 4);
  CHECK(pool.name == "shop, host=db:5432");
  pool = only_pool(
      "db_client_connections_usage{pool_name=\"x\",state=\"used\"} 4\n"
      "db_client_connections_usage{pool_name=\"x\",state=\"idle\"} 6\n"
      "db_client_connections_wait_time_milliseconds_sum{pool_name=\"x\"} 40\n");
  CHECK(figure(pool, open) == 10);
  CHECK(figure(pool, wait_s) == Approx(0.04));
}

TEST_CASE("PgBouncer's exporter is read as its console is", "[observe]") {
  const auto page = read_metrics_page(
      "pgbouncer_version_info{version=\"1.22.0\"} 1\n"
      "pgbouncer_pools_client_waiting_connections{database=\"shop\",user=\"app\"} 1\n"
      "pgbouncer_pools_server_active_connections{database=\"shop\",user=\"app\"} 2\n"
      "pgbouncer_pools_server_active_connections{database=\"pgbouncer\",user=\"x\"} 9\n"
      "pgbouncer_databases_pool_size{name=\"shop\",pool_mode=\"transaction\"} 3\n"
      "pgbouncer_stats_totals_sql_transactions_pooled_total{database=\"shop\"} 400\n"
      "pgbouncer_stats_totals_client_wait_seconds_total{database=\"shop\"} 10\n"
      "pgbouncer_stats_totals_server_in_transaction_seconds_total{database=\"shop\"} 30\n");
  REQUIRE(page.ok());
  REQUIRE(page.value().pooler);
  std::vector<Scrape> scrapes;
  for (int i = 0; i <= 20; ++i) {
    ObservePoolerLook look = *page.value().pooler;
    look.stats[0] = {"shop", 400.0 + 200 * i, 10.0 + 5 * i, 30.0 + 15 * i, {}};
    scrapes.push_back({5.0 * i, {}, {{"", look}}});
  }
  const Observed observed = answer(scrapes);
  REQUIRE(observed.pooler);
  REQUIRE(observed.pooler->pools.size() == 1);
  const ObservedPool& pool = observed.pooler->pools[0];
  CHECK(*pool.busy_counted == Approx(2));
  CHECK(*pool.waiting_counted == Approx(1));
  CHECK(*pool.hold_s == Approx(0.05));
  CHECK(*pool.mean_wait_s == Approx(0.025));
  CHECK(pool.busiest_minute == Approx(2));
  CHECK(*pool.pool_size == 3);
}

TEST_CASE("a pool's counters tell the load, the waits, and the size", "[observe]") {
  MetricsWorld world;
  world.servers = 7;  // 5 in use on average: Erlang C says 32 % wait
  world.run();
  const Observed observed = answer(world.scrapes);
  REQUIRE(observed.groups.size() == 1);
  const ObservedGroup& group = observed.groups[0];
  REQUIRE(group.waiting);
  CHECK(group.in_use.value == Approx(world.held_s / world.until_s).epsilon(0.01));
  REQUIRE(group.in_use.low);
  CHECK(*group.in_use.low < 5);
  CHECK(*group.in_use.high > 5);
  CHECK(group.hold_s->value == Approx(0.1).epsilon(0.05));
  CHECK(group.rate_per_s->value == Approx(50).epsilon(0.05));
  CHECK(*group.waiting->mean_s ==
        Approx(world.waited_s / static_cast<double>(world.requests)).epsilon(0.02));
  CHECK(*group.waiting->predicted_s == Approx(*group.waiting->mean_s).epsilon(0.4));
  CHECK(group.waiting->share.value ==
        Approx(static_cast<double>(world.waited) / static_cast<double>(world.requests))
            .epsilon(0.02));
  CHECK(group.cut == ObserveCut::certain);
  CHECK_FALSE(group.waiting->saturated);
  CHECK_FALSE(group.size.lower_bound);
  // The load itself needs 10 (Erlang C below 5 %), and 30 % growth 13.
  CHECK(group.size.total >= 10);
  CHECK(group.size.total <= 15);
  CHECK(*group.limit == 7);
  REQUIRE(observed.recommendation);
  CHECK(observed.recommendation->pool_size == group.size.total);
  CHECK(observed.recommendation->max_connections == 0);
  CHECK(observed.points.size() == 120);
  CHECK(observed.points[0].waiting.size() == 1);
}

TEST_CASE("waits longer than random arrivals cause mean bursts", "[observe]") {
  MetricsWorld random, bursty;
  random.run();
  bursty.batch = 6;
  bursty.run();
  const ObservedGroup a = answer(random.scrapes).groups[0], b = answer(bursty.scrapes).groups[0];
  CHECK(a.in_use.value == Approx(b.in_use.value).epsilon(0.1));
  CHECK(a.peakedness < 1.5);
  CHECK(b.peakedness > 2);
  CHECK(b.size.total > a.size.total + 2);
}

TEST_CASE("a pool that is always full hides its demand", "[observe]") {
  MetricsWorld world;
  world.servers = 4;
  world.until_s = 120;
  world.run();
  const ObservedGroup group = answer(world.scrapes).groups[0];
  CHECK(group.waiting->saturated);
  CHECK(group.size.lower_bound);
  REQUIRE(group.size_high);
  CHECK(group.size_high->total > group.size.total);
}

TEST_CASE("gauges alone give a size, and say what they are", "[observe]") {
  std::vector<Scrape> scrapes;
  for (int i = 0; i < 40; ++i) {
    const auto page = read_metrics_page(
        fmt::format("sqlalchemy_pool_checked_out{{pid=\"1\"}} {}\nsqlalchemy_pool_checked_out"
                    "{{pid=\"2\"}} {}\n",
                    i % 3, 2 + i % 2));
    REQUIRE(page.ok());
    scrapes.push_back({15.0 * i, page.value().pools, {}});
  }
  const Observed observed = answer(scrapes);
  REQUIRE(observed.groups.size() == 1);
  const ObservedGroup& group = observed.groups[0];
  CHECK(group.in_use.value == Approx(3.5).epsilon(0.05));
  CHECK(group.processes == 2);
  CHECK_FALSE(group.rate_per_s);
  CHECK_FALSE(group.hold_s);
  CHECK_FALSE(group.waiting->from_counters);
  CHECK_FALSE(group.limit);
  CHECK(group.size.total == 2 * group.size.per_process);
  REQUIRE(observed.recommendation);
  CHECK(observed.recommendation->pool_size == group.size.per_process);
  CHECK(std::any_of(observed.warnings.begin(), observed.warnings.end(), [](const auto& text) {
    return text.find("its limit is not among its metrics") != std::string::npos;
  }));
}

TEST_CASE("a process that restarts counts from 0 again", "[observe]") {
  MetricsWorld world;
  world.until_s = 300;
  world.run();
  std::vector<Scrape> scrapes = world.scrapes;
  const PoolReading at_restart = scrapes[30].pools[0];
  for (std::size_t i = 31; i < scrapes.size(); ++i) {
    for (std::size_t f = 0; f < kPoolFigures; ++f) {
      const auto of = static_cast<PoolFigure>(f);
      if (of < PoolFigure::requests || !scrapes[i].pools[0].figures[f]) continue;
      *scrapes[i].pools[0].figures[f] -= *at_restart.figures[f];
    }
  }
  const Observed whole = answer(world.scrapes), torn = answer(scrapes);
  CHECK(torn.groups[0].in_use.value == Approx(whole.groups[0].in_use.value).epsilon(0.02));
  CHECK(std::any_of(torn.warnings.begin(), torn.warnings.end(), [](const auto& text) {
    return text.find("counters were reset 1 time") != std::string::npos;
  }));
}

TEST_CASE("percentiles of a histogram", "[observe]") {
  const MetricBuckets counts{{0.01, 500}, {0.1, 900}, {1, 990}, {INFINITY, 1000}};
  CHECK(*bucket_quantile(counts, 0.25) == Approx(0.005));
  CHECK(*bucket_quantile(counts, 0.7) == Approx(0.055));
  CHECK(*bucket_quantile(counts, 0.95) == Approx(0.1 + 0.9 * 50 / 90));
  CHECK_FALSE(bucket_quantile(counts, 0.999));  // above the last bound
  CHECK_FALSE(bucket_quantile({{1, 50}, {INFINITY, 50}}, 0.5));
  CHECK_FALSE(bucket_quantile({}, 0.5));
  CHECK(burstiness_for(0, 0.1, 5, 10) == 1);
  CHECK(burstiness_for(10, 0.1, 5, 10) == 10);
}

}  // namespace poolgauge::observe
