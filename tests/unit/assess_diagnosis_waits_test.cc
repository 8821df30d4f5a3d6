// Waits as the rules see them and as they are told: those that a deadline ended, those of the first
// second, and those for a pooler's server connections.
#include <algorithm>

#include "diagnosis_figures.h"

namespace poolgauge {
namespace {

using namespace test;

bool names_it(const Figures& figures, const std::string& name) {
  const Names all = names(figures);
  return std::find(all.begin(), all.end(), name) != all.end();
}

/// Forty threads on four connections: some of them run, the others wait until their deadline.
Figures starving() {
  Figures f = drowning();
  f.pool_kind = "sqlalchemy";
  f.capacity = 4;
  f.peak_checked_out = 4;
  f.peak_waiting = 36;
  f.pool_wait_p50_ms = 0.01;
  f.deadline_ms = 5000;
  f.latency_max_ms = 27;
  f.requests.failed = 72;
  f.failures = {{Phase::deadline, FailureClass::deadline, "", 72, "", 72}};
  return f;
}

TEST_CASE("a request that waited until its deadline counts as one that waited") {
  Figures f = starving();
  CHECK(has(found(f, "unfair_pool").evidence,
            "72 requests waited for a connection until the deadline of 5.00 s, while no completed "
            "request took longer than 27.0 ms"));
  CHECK(has(found(f, "pool_bound").evidence,
            "72 requests (6.72 %) waited for one until the deadline."));
  CHECK_FALSE(names_it(f, "failures"));
  CHECK_FALSE(names_it(f, "database_bound"));
  f.failures[0].waiting = 0;  // the deadline ended something else: no pool's doing
  CHECK(names_it(f, "failures"));
  CHECK_FALSE(names_it(f, "unfair_pool"));
}

TEST_CASE("waiters whom the deadline ended are added to those still waiting") {
  Figures f = starving();
  f.requests.in_flight = 40;
  f.in_flight.older_than_completed = 36;
  f.in_flight.ages.max = 4000;
  const std::string evidence = found(f, "unfair_pool").evidence;
  INFO(evidence);
  CHECK(has(evidence, "36 requests were still waiting for a connection at the end, for up to 4"));
  CHECK(has(evidence, ", and 72 requests waited for one until the deadline of 5.00 s"));
}

TEST_CASE("a pool that serves in order and is too small for the deadline is too small") {
  Figures f = starving();
  f.pool_kind = "psycopg";
  f.waited_fraction = 0.01;  // of those that got a connection
  CHECK(names_it(f, "pool_bound"));
  CHECK_FALSE(names_it(f, "unfair_pool"));
  f.peak_checked_out = 3;  // nobody waited for another's connection
  CHECK_FALSE(names_it(f, "pool_bound"));
  CHECK(names_it(f, "failures"));
}

TEST_CASE("of the failures only those that waited are explained by the pool") {
  Figures f = starving();
  f.failures[0].count = 172;
  f.requests.failed = 172;
  const Finding rest = found(f, "failures");
  CHECK(has(rest.evidence, "100 of 1,172 requests"));
  f.requests.completed = 50;  // most failed: all of them are told, and how many waited
  CHECK(
      has(found(f, "failing").evidence, "72 of these were waiting for a connection at the time."));
  f.failures[0].waiting = 100;
  CHECK(found(f, "failing").advice == found(f, "pool_bound").advice);
}

TEST_CASE("the wait in a sentence is the one that the report shows") {
  Figures f = busy_database();
  f.mean_ms.pool_wait = 30;  // of 80 ms; nearly all of it in the window's first second
  f.later_wait = 0.01;
  f.later_waited_fraction = 0;
  CHECK(
      has(found(f, "database_bound").evidence,
          "waiting for a connection takes 37.5 % of the latency, most of it in the first second."));
  f.mean_ms.pool_wait = 1;
  CHECK(has(found(f, "database_bound").evidence,
            "waiting for a connection takes only 1.96 % of the latency."));
}

TEST_CASE("behind a pooler a pool that is too large leaves no server slots to others") {
  Figures f = calm();
  f.capacity = 13;
  CHECK(has(found(f, "over_provisioned").advice, "5 server slots"));
  f.pooler_between = true;
  CHECK(has(found(f, "over_provisioned").advice, "free 5 of the pooler's client connections"));
}

TEST_CASE("the pooler's own counters decide how much its queue weighs") {
  Figures f = calm();
  f.pooler_between = true;
  f.pooler_size = 20;
  f.pooler_servers_mean = 19.9;
  f.pooler_servers_peak = 20;
  f.pooler_waiting_mean = 207;
  f.pooler_wait_ms = 55;
  f.pooler_wait_share = 0.62;
  CHECK(has(found(f, "pooler_bound").evidence,
            "transactions waited 55.0 ms for one on average, 62 % of the latency."));
  f.pooler_wait_share = 0.02;  // many clients, each of whom waits for next to nothing
  CHECK_FALSE(names_it(f, "pooler_bound"));
  // Bursts between two samples: the counters saw the waits.
  f.pooler_wait_share = 0.3;
  f.pooler_servers_mean = 6;
  f.pooler_waiting_mean = 0.2;
  CHECK(names_it(f, "pooler_bound"));
  f.pooler_servers_peak = 12;  // it had more to give: they waited for a server's login
  CHECK_FALSE(names_it(f, "pooler_bound"));
}

TEST_CASE("a pool that is full at times is no bottleneck where the goals are met") {
  const auto is_found = [](const Figures& figures) {
    const Names all = names(figures);
    return std::find(all.begin(), all.end(), "pool_bound") != all.end();
  };
  Figures f = drowning();
  f.checked_out_mean = 8;
  f.waited_fraction = 0.06;
  f.mean_ms = {};
  f.mean_ms.sql = 95;
  f.mean_ms.pool_wait = 5;
  f.goals.any = true;
  CHECK(is_found(f));
  f.goals.all_met = true;
  CHECK_FALSE(is_found(f));
  // Where waiting is much of the latency it is told, and not called a bottleneck.
  f.mean_ms.pool_wait = 50;
  REQUIRE(is_found(f));
  CHECK(headline(found(f, "pool_bound")) ==
        "Requests wait for a connection at peaks, although the goals are met.");
  f.checked_out_mean = 15;
  CHECK(headline(found(f, "pool_bound")) !=
        "Requests wait for a connection at peaks, although the goals are met.");
}

TEST_CASE("of several pools the fullest binds first, and the one told about is named") {
  Figures f = calm();
  f.pool_name = "primary";
  f.checked_out_mean = 0.05;
  f.capacity = 10;
  f.pool_wait_p95_ms = 0;
  f.connection_time_p95_ms = 6.5;
  f.client_cpu_busy = 0;
  f.other_pools = {{"replica", 2.5, 20}, {"direct", 9, -1}};
  const std::string evidence = found(f, "healthy").evidence;
  INFO(evidence);
  CHECK(has(evidence,
            "of 10 connections of pool \"primary\" were in use; at least 95 % of requests got a "
            "connection of any pool without waiting; requests held it for 6.50 ms (p95)"));
  CHECK(has(evidence, "As load grows, the first bottleneck will be pool \"replica\", at 8.00×"));
  CHECK_FALSE(has(evidence, "less than 1 %"));
}

TEST_CASE("no experiment expects more throughput than a rate that is served") {
  Figures f = drowning();
  CHECK(has(found(f, "pool_bound").experiment, "throughput should rise"));
  f.arrivals_decide = true;
  CHECK(found(f, "pool_bound").experiment == "double the pool: the pool wait should fall");
  Figures busy = busy_database();
  busy.arrivals_decide = true;
  CHECK_FALSE(has(found(busy, "database_bound").experiment, "throughput"));
}

}  // namespace
}  // namespace poolgauge
