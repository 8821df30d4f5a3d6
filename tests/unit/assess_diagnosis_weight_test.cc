// A finding has weight, and its advice fits the place: each rule beside figures that look like it.
#include <algorithm>

#include "diagnosis_figures.h"

namespace poolgauge {
namespace {

using namespace test;

bool lacks(const Figures& figures, const std::string& name) {
  const Names all = names(figures);
  return std::find(all.begin(), all.end(), name) == all.end();
}

/// Figures that say `all` with a goal that is met.
Figures with_goals(Figures f, bool met) {
  f.goals.any = true;
  f.goals.all_met = met;
  return f;
}

TEST_CASE("filling a pool once is no churn and no bottleneck") {
  // Fifty requests in five seconds; the first of them opened the connection for 12 ms.
  Figures f = calm();
  f.requests.completed = 50;
  f.window_s = 5;
  f.connects = 1;
  f.connect_mean_ms = 12;
  f.checkouts = 50;
  f.mean_ms = {};
  f.mean_ms.pool_wait = 0.24;
  f.mean_ms.sql = 0.2;
  f.connect_in_wait = 0.98;
  f.waited_fraction = 0.02;
  f.pool_wait_p95_ms = 0.0;
  CHECK(names(f) == Names{"healthy"});
  // A burst on a cold pool is another matter: everybody waits for a connect.
  f.waited_fraction = 1;
  f.pool_wait_p95_ms = 12;
  f.connects = 10;
  CHECK(names(f) == Names{"connect_bound"});
  CHECK(has(found(f, "connect_bound").evidence, "the pool was cold"));
  CHECK(has(found(f, "connect_bound").advice, "pool_size 10, max_overflow 0"));
}

TEST_CASE("what only the window's first second shows is no bottleneck") {
  Figures f = drowning();
  f.waited_fraction = 0.2;
  f.later_waited_fraction = 0.01;
  f.later_wait = 0.02;
  CHECK(lacks(f, "pool_bound"));
  f.later_waited_fraction = 0.2;
  f.later_wait = 1;
  CHECK(names(f).front() == "pool_bound");
}

TEST_CASE("two users on two connections do not wait, whatever a mean says") {
  Figures f = calm();
  f.capacity = f.peak_checked_out = 2;
  f.peak_waiting = 1;
  f.checked_out_mean = 1.9;
  f.mean_ms.pool_wait = 2;
  f.waited_fraction = 0.01;
  f.pool_wait_p95_ms = 0;
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("two requests name no bottleneck") {
  Figures f = drowning();
  f.requests.completed = 2;
  CHECK(names(f) == Names{"too_few_requests"});
  CHECK(has(diagnose(f)[0].evidence, "Only 2 requests finished in the 10.0 s measured."));
  f.requests.completed = 20;
  CHECK(names(f).front() == "pool_bound");
}

TEST_CASE("a commit that nobody feels is no bottleneck") {
  Figures f = busy_database();
  f.mean_ms.sql = 0.5;
  f.mean_ms.commit = 2;
  f.mean_ms.pause = 500;  // the application does something else for most of the time
  f.connection_time_mean_ms = 2.5;
  CHECK(lacks(f, "commit_bound"));
  f.mean_ms.pause = 5;
  CHECK(names(f).front() == "commit_bound");
}

TEST_CASE("what the connections wait for weighs as much as the queue that it makes") {
  Figures f = drowning();
  f.longest_hold.reset();
  f.mean_ms = {};
  f.mean_ms.pool_wait = 900;
  f.mean_ms.sql = 50;
  f.connection_time_mean_ms = 50;
  f.server_active_mean = 14;
  f.server_lock_mean = 12;
  CHECK(names(f) == Names{"lock_bound", "pool_bound"});
}

TEST_CASE("met goals and nothing that binds are said, with what binds first") {
  const Figures f = with_goals(calm(), true);
  const Finding finding = diagnose(f).front();
  CHECK(headline(finding) == "All goals are met, and there is no bottleneck.");
  CHECK(has(finding.evidence,
            "As load grows, the first bottleneck will be the pool, at 12.5× this load"));
  CHECK(headline(diagnose(calm()).front()) ==
        "No bottleneck: connections are available when requests need them.");

  Figures busy = f;
  busy.server_cores = 4;
  busy.server_cpu_mean = 2;
  CHECK(has(diagnose(busy).front().evidence,
            "the server's CPUs, at 2.00× this load (200 requests/s)"));
  Figures thinking = f;
  thinking.think_ms = 1000;
  CHECK(has(diagnose(thinking).front().evidence, "Users think for 1.00 s between requests"));
}

TEST_CASE("a missed goal on times that nothing binds is the requests' own time") {
  Figures f = with_goals(calm(), false);
  f.goals.times_missed = true;
  f.longest_sql = StepFigure{"report", 8, 9.0};
  CHECK(names(f) == Names{"own_time"});
  CHECK(found(f, "own_time").evidence ==
        "79.6 % of the latency is running statements, mostly in step \"report\" (mean 8.00 ms).");
  CHECK(has(found(f, "own_time").advice, "make step \"report\" faster"));
}

TEST_CASE("a served rate or thinking users are not bound by their statements") {
  Figures f = with_goals(busy_database(), true);
  CHECK(names(f) == Names{"database_bound"});
  f.open_rate_per_s = 100;
  CHECK(lacks(f, "database_bound"));
  f.goals.all_met = false;
  CHECK(names(f) == Names{"database_bound"});
}

TEST_CASE("failures are in the headline unless a finding explains them or the goals allow them") {
  Figures f = calm();
  f.requests.completed = 175;
  f.requests.failed = 14;
  f.failures = {{Phase::deadline, FailureClass::deadline, "", 14, ""}};
  CHECK(names(f).front() == "failures");
  CHECK(has(diagnose(f)[0].evidence, "14 of 189 requests (7.41 %) failed, all of them because"));

  Figures few = f;
  few.requests.completed = 10000;
  CHECK(lacks(few, "failures"));
  few.goals.any = few.goals.on_failures = few.goals.failures_missed = true;
  CHECK(names(few).front() == "failures");

  Figures allowed = with_goals(f, true);
  allowed.goals.on_failures = true;
  CHECK(names(allowed) == Names{"healthy", "failures_allowed"});
  allowed.requests.failed = 400;
  allowed.failures[0].count = 400;
  CHECK(lacks(allowed, "failing"));

  Figures timeouts = drowning();
  timeouts.requests.failed = 50;
  timeouts.failures = {{Phase::checkout, FailureClass::pool_timeout, "", 50, ""}};
  CHECK(names(timeouts).front() == "pool_bound");
  CHECK(lacks(timeouts, "failures"));
}

TEST_CASE("connects that outlast the pool's limit ask for no larger pool") {
  Figures f = calm();
  f.pool_kind = "prisma";
  f.requests.completed = 0;
  f.requests.failed = 10;
  f.failures = {{Phase::checkout, FailureClass::pool_timeout, "", 10, ""}};
  f.capacity = 100;
  f.peak_checked_out = 10;
  f.connects = 0;
  f.pool_timeout_ms = 1000;
  f.pool_timeout_option = "pool_timeout";
  const Finding finding = diagnose(f).front();
  CHECK(finding.finding == "slow_connects");
  CHECK(has(finding.evidence, "10 of 10 requests got no connection within the pool timeout of 1s"));
  CHECK(has(finding.evidence, "only 10 of 100 connections were in use"));
  CHECK(has(finding.advice, "raise pool_timeout above the connect time"));
  CHECK(lacks(f, "pool_bound"));
  f.connects = 20;
  f.connect_max_ms = 2010;
  f.connect_mean_ms = 2000;
  CHECK(has(diagnose(f).front().advice, "raise pool_timeout above 2.01 s"));

  Figures quick = f;  // they timed out for another reason
  quick.connect_max_ms = 20;
  CHECK(lacks(quick, "slow_connects"));
  Figures full = f;
  full.peak_checked_out = 100;
  full.peak_waiting = 300;
  CHECK(lacks(full, "slow_connects"));
}

TEST_CASE("a pooler that refuses clients is named with its limit") {
  Figures f = calm();
  f.pool_kind = "fixed";
  f.capacity = 500;
  f.users = 500;
  f.peak_checked_out = 400;
  f.pooler_between = true;
  f.pooler_max_clients = 400;
  f.requests.failed = 200;
  f.failures = {{Phase::connect, FailureClass::pooler_refused, "08P01", 200,
                 "no more connections allowed (max_client_conn)"}};
  CHECK(names(f) == Names{"pooler_refuses"});
  const Finding finding = diagnose(f).front();
  CHECK(has(finding.evidence, "200 of 1,200 requests (16.7 %) were refused by the pooler"));
  CHECK(has(finding.evidence,
            "It allows 400 clients (max_client_conn), but 500 connections were requested"));
  CHECK(has(finding.advice, "raise max_client_conn in pgbouncer.ini to 500 or more"));
  f.failures[0].example = "query_wait_timeout";
  CHECK(has(diagnose(f).front().advice, "raise default_pool_size"));
  f.requests.failed = f.failures[0].count = 1;
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("a wait for a server connection of a pooler without a console is in BEGIN") {
  Figures f = calm();
  f.pooler_between = true;
  f.mean_ms = {};
  f.mean_ms.begin = 87;
  f.mean_ms.sql = 12;
  f.mean_ms.commit = 0.4;
  f.connection_time_mean_ms = 99.4;
  CHECK(names(f).front() == "pooler_bound");
  const Finding finding = diagnose(f).front();
  CHECK(headline(finding) == "Requests wait for one of the pooler's server connections.");
  CHECK(has(finding.evidence, "BEGIN takes 87.0 ms per request (87.5 % of the latency)"));
  f.mean_ms.begin = 0.5;
  f.mean_ms.sql = 98;
  CHECK(lacks(f, "pooler_bound"));
  f.mean_ms.begin = 0;  // statements on their own wait each
  f.exchanges_under_way = 19;
  f.server_active_mean = 2;
  CHECK(names(f).front() == "pooler_bound");
  f.server_active_mean = 18;  // they run
  CHECK(lacks(f, "pooler_bound"));
  f.server_active_mean = 2;
  f.pooler_between = false;
  CHECK(lacks(f, "pooler_bound"));
}

TEST_CASE("a long way that no ping tells shows in what the server does not work on") {
  Figures f = calm();
  f.mean_ms.sql = 20.4;
  f.mean_ms.pause = 0;
  f.connection_time_mean_ms = 20.4;
  f.exchanges_per_request = 2;
  f.exchanges_under_way = 4;
  f.server_active_mean = 0.1;
  CHECK(names(f) == Names{"network_bound"});
  CHECK(has(found(f, "network_bound").evidence, "2.0 round trips per request take 10.2 ms each"));
  f.server_active_mean = 3.8;
  CHECK(lacks(f, "network_bound"));
  f.server_active_mean = 0.1;
  f.mean_ms.sql = 0.6;  // a processor's turn, no way
  CHECK(lacks(f, "network_bound"));
}

TEST_CASE("no more connections than users, slots and memory have use or room for") {
  Figures f = drowning();
  f.longest_hold.reset();
  f.capacity = f.peak_checked_out = 1;
  f.checked_out_mean = 1;
  f.peak_waiting = 3;
  f.users = 3;
  CHECK(found(f, "pool_bound").advice == "enlarge the pool to 3 connections (one per user)");

  Figures slots = drowning();
  slots.longest_hold.reset();
  slots.other_connections = 60;
  CHECK(has(found(slots, "pool_bound").advice, "up to the server's 37 free slots"));
  slots.other_connections = 85;
  CHECK(has(found(slots, "pool_bound").advice, "the pool already uses the server's 12 free slots"));

  Figures memory = drowning();
  memory.longest_hold.reset();
  memory.server_memory_mib = 1024;
  CHECK(has(found(memory, "pool_bound").advice,
            "up to the 51 connections that fit into the server's memory (1,024 MiB"));
}

TEST_CASE("each kind of pool is told in its own words to keep its connections") {
  Figures f = calm();
  f.checkouts = 1000;
  f.connects = 140;
  f.closes = 130;
  f.waited_fraction = 0.08;
  f.connect_in_wait = 0.6;
  f.capacity = 20;
  f.processes = 2;
  f.peak_checked_out = 15;
  const auto cure = [&f](const char* kind, PoolOptions options) {
    f.pool_kind = kind;
    f.pool_options = std::move(options);
    return found(f, "connect_churn").advice;
  };
  CHECK(has(cure("sqlalchemy", {{"max_overflow", std::int64_t{5}}}), "pool_size = 10"));
  CHECK(has(cure("sqlalchemy", {{"max_overflow", std::int64_t{0}}}), "raise recycle"));
  CHECK(has(cure("hikari", {{"minimumIdle", std::int64_t{2}}}), "minimumIdle = 10"));
  CHECK(has(cure("hikari", {{"minimumIdle", std::int64_t{-1}}}), "raise maxLifetime"));
  CHECK(has(cure("asyncpg", {}), "max_inactive_connection_lifetime = 0"));
  CHECK(has(cure("psycopg", {}), "min_size = 10"));
  CHECK(has(cure("node-postgres", {}), "idleTimeoutMillis = 0"));
  CHECK(has(cure("pgx", {}), "pool_min_conns = 10"));
  CHECK(has(cure("database-sql", {{"MaxIdleConns", std::int64_t{2}}}), "SetMaxIdleConns(10)"));
  CHECK(has(cure("rails", {}), "idle_timeout = 0"));
}

TEST_CASE("reconnecting after an outage, or behind a stall, is no habit of the pool") {
  Figures f = calm();
  f.pool_wait_p95_ms = 400;
  f.mean_ms.pool_wait = 5;
  f.waited_fraction = 0.1;
  f.connect_in_wait = 0.9;
  f.connects = 23;
  f.checkouts = 1000;
  f.closes = 13;
  CHECK(names(f).front() == "connect_churn");
  f.lost_connections = 13;
  f.outages_s = 2;
  CHECK(lacks(f, "connect_churn"));
  CHECK(lacks(f, "connect_bound"));
  f.lost_connections = 0;
  f.outages_s = 0;
  f.stalls = {Stall{std::chrono::seconds(2), std::chrono::seconds(5), 10, false}};
  CHECK(lacks(f, "connect_bound"));
  CHECK(lacks(f, "connect_churn"));
}

TEST_CASE("a window in which nothing ended says who waited for what") {
  Figures f = calm();
  f.requests = {};
  f.requests.in_flight = 12;
  f.in_flight.ages.count = 12;
  f.in_flight.ages.max = 11000;
  f.peak_checked_out = 10;
  f.peak_waiting = 2;
  f.server_active_mean = 10;
  f.server_events = {{"Lock:relation", 9.0}};
  CHECK(names(f) == Names{"no_completions"});
  const Finding finding = diagnose(f).front();
  CHECK(headline(finding) == "No request finished during the measurement.");
  CHECK(has(finding.evidence, "12 were in flight at the end, the oldest for 11.0 s."));
  CHECK(has(finding.evidence,
            "10 of 10 connections were in use, and 2 requests were waiting for one."));
  CHECK(has(finding.evidence, "9.0 of 10.0 running statements waited: Lock:relation 9.0."));
  CHECK(has(finding.advice, "pg_locks"));
}

TEST_CASE("requests that ran out of time say what the server waited for") {
  Figures f = calm();
  f.requests.completed = 0;
  f.requests.failed = 30;
  f.failures = {{Phase::deadline, FailureClass::deadline, "", 30, ""}};
  f.server_active_mean = 6;
  f.server_events = {{"Lock:transactionid", 5.0}};
  CHECK(has(found(f, "failing").evidence, "5.0 of 6.0 running statements waited"));
  CHECK(has(found(f, "failing").advice, "shorten the transactions"));
}

TEST_CASE("a silence behind a pooler is the pooler's as far as anybody can tell") {
  Figures f = calm();
  Standstill still;
  still.start = std::chrono::seconds(4);
  still.end = std::chrono::seconds(7);
  still.confirmed = false;
  f.standstills = {still};
  f.waiting_otherwise = 0;
  CHECK(headline(found(f, "standstill")) == "The server did not respond for a while.");
  f.pooler_between = true;
  CHECK(headline(found(f, "standstill")) ==
        "The pooler, or the server behind it, did not respond for a while.");
  f.standstills[0].whose = "pooler";
  f.standstills[0].confirmed = true;
  CHECK(headline(found(f, "standstill")) == "The pooler did not respond for a while.");
  CHECK(has(found(f, "standstill").advice, "find what paused the pooler"));
}

}  // namespace
}  // namespace poolgauge
