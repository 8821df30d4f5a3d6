// Each rule of the diagnosis speaks on its own figures and keeps quiet on its neighbours'.
#include "assess/sentences.h"
#include "diagnosis_figures.h"

namespace poolgauge {
namespace {

using namespace test;

TEST_CASE("a calm run is healthy and says how much room there was") {
  CHECK(names(calm()) == Names{"healthy"});
  const Finding finding = diagnose(calm())[0];
  CHECK(
      finding.evidence ==
      "At most 6 of 10 connections were in use; requests got one within 100 µs (p95) and held it "
      "for 9.00 ms (p95). As load grows, the first bottleneck will be the pool, at 12.5× this load "
      "(1,250 requests/s) or earlier: 0.8 of 10 connections are in use on average.");
  CHECK(finding.advice.empty());
}

TEST_CASE("a run in which nothing was due has no finding") {
  Figures f = calm();
  f.requests.completed = 0;
  CHECK(names(f).empty());
}

TEST_CASE("a full pool that is waited for is the bottleneck, with the figures that show it") {
  CHECK(names(drowning()) == Names{"pool_bound", "hold_bound"});
  const Finding finding = found(drowning(), "pool_bound");
  CHECK(
      finding.evidence ==
      "Requests wait 1.48 s for a connection (p95) and hold it for 400 ms (p95). 15 of 15 "
      "connections were in use the whole time, with 84.5 requests waiting on average; 14.1 of the "
      "15 connections were idle in transaction (step \"model\"). The database was not busy: 0.6 "
      "statements running on average, no lock waits.");
  CHECK(finding.headline ==
        "The pool is the bottleneck: its connections are held while the application does other "
        "work.");
  CHECK(finding.advice ==
        "release the connection during \"model\" (commit before the step and acquire again after "
        "it): requests then hold a connection for 3.00 ms instead of 193 ms (longer if more "
        "statements run at once and slow each other down); or enlarge the "
        "pool, up to the server's 97 free slots; only with 100 connections would no request "
        "wait (15 in use + 85 waiting at peak)");
  CHECK(found(drowning(), "hold_bound").advice.empty());
}

TEST_CASE("waiting matters from a twentieth of the checkouts, or 1 % lost") {
  Figures f = drowning();
  f.longest_hold.reset();
  f.waited_fraction = 0;
  CHECK(names(f) == Names{"healthy"});  // though a few waits are most of the mean
  f.mean_ms.pool_wait = 0;
  f.waited_fraction = 0.049;
  CHECK(names(f) == Names{"healthy"});
  f.waited_fraction = 0.05;
  CHECK(names(f) == Names{"pool_bound"});
  f.waited_fraction = 0;
  f.pool_kind = "psycopg";  // hands over: nobody is overtaken
  f.requests.failed = 11;
  f.failures = {{Phase::checkout, FailureClass::pool_timeout, "", 11, ""}};
  CHECK(names(f) == Names{"pool_bound"});
  CHECK(has(found(f, "pool_bound").evidence, "11 requests (1.09 %) hit the pool timeout."));
}

TEST_CASE("a pool with room or without waiters is not the bottleneck, however long the wait") {
  Figures f = drowning();
  f.longest_hold.reset();
  f.peak_checked_out = 14;
  CHECK(names(f) == Names{"healthy"});
  f.peak_checked_out = 15;
  f.peak_waiting = 0;
  CHECK(names(f) == Names{"healthy"});
  f.peak_waiting = 85;
  f.capacity = -1;
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("a full pool whose connections all run statements does not ask for more of them") {
  Figures f = drowning();
  f.longest_hold.reset();
  f.server_active_mean = 14.5;
  f.server_idle_in_transaction_mean = 0;
  f.server_lock_mean = 3.2;
  f.mean_ms.sql = 180;
  f.mean_ms.hold = 0;
  const Finding finding = found(f, "pool_bound");
  CHECK(
      has(finding.evidence,
          "The database was also busy: 14.5 statements running on average, 3.2 of them waiting for "
          "locks."));
  CHECK(has(finding.advice, "helps only if the server has idle cores"));
  f.server_lock_mean = 0.02;
  CHECK(has(found(f, "pool_bound").evidence,
            "The database was also busy: 14.5 statements running on average, 0.02 of them waiting "
            "for locks."));
}

TEST_CASE("an open load asks for what it needs, not for its queue") {
  Figures f = drowning();
  f.open_rate_per_s = 200;
  f.peak_waiting = 5000;
  f.peak_demand = 5015;
  f.processes = 4;
  f.longest_hold.reset();
  CHECK(found(f, "pool_bound").advice ==
        "enlarge the pool to 47 connections in total, 12 per process (200 requests/s × 193 ms "
        "each, plus a fifth as headroom)");
  f.open_rate_per_s = 20;
  CHECK(found(f, "pool_bound").advice == "shorten the time each request holds its connection");
}

TEST_CASE("most requests failing comes first and names the class") {
  Figures f = drowning();
  f.requests.completed = 400;
  f.requests.failed = 400;
  f.failures = {{Phase::step, FailureClass::sql_error, "42P01", 40, "no such table"},
                {Phase::checkout, FailureClass::too_many_connections, "53300", 170, ""},
                {Phase::connect, FailureClass::too_many_connections, "53300", 190, "too many"}};
  CHECK(names(f) == Names{"budget_bound", "pool_bound", "hold_bound", "failures"});
  CHECK(found(f, "failures").evidence ==
        "40 of 800 requests (5 %) failed, all of them because the server rejected a "
        "statement (sql_error). First message: no such table.");
  f.requests.completed = 399;
  CHECK(names(f) == Names{"failing", "budget_bound", "pool_bound", "hold_bound"});
  const Finding finding = diagnose(f)[0];
  CHECK(finding.evidence ==
        "400 of 799 requests (50.1 %) failed, 360 of them because the server "
        "had no free connection slot (too_many_connections). First message: too many.");
  CHECK(finding.advice == "use smaller pools, a higher max_connections, or a pooler");
}

TEST_CASE("a saturated client comes before what it measured") {
  Figures f = busy_database();
  f.client_saturated = true;
  f.client_troubles = "its busiest thread was 97 % busy; requests started up to 24.0 ms late (p99)";
  CHECK(names(f) == Names{"client_bound", "database_bound"});
  CHECK(has(diagnose(f)[0].evidence, "97 % busy"));
  CHECK(has(diagnose(f)[0].evidence, "24.0 ms late (p99)"));
}

TEST_CASE("no experiment asks for a pool that the server has no room for") {
  Figures f = drowning();
  const auto experiment = [&f] { return found(f, "pool_bound").experiment; };
  f.server_slots = 30;  // twice 15
  CHECK(experiment().starts_with("double the pool: "));
  f.server_slots = 25;
  CHECK(experiment().starts_with("enlarge the pool to 25 connections: throughput should rise"));
  f.processes = 4;
  CHECK(experiment().starts_with("enlarge the pool to 24 connections in total, 6 per process: "));
  f.server_slots = 17;
  CHECK(experiment().starts_with("raise the limit on connections and double the pool: "));
}

TEST_CASE("where no request queues, none is said to wait") {
  Figures f = calm();
  f.peak_waiting = 0;
  CHECK(has(diagnose(f)[0].evidence, "requests got one within 100 µs (p95) and held it"));
  f.peak_waiting = 2;
  CHECK(has(diagnose(f)[0].evidence, "requests waited 100 µs for one (p95) and held it"));
}

TEST_CASE("a hold that is nearly all of the time repeats no figure") {
  Figures f = calm();
  f.connection_time_mean_ms = 179.4;
  f.mean_ms.hold = 179.3;
  f.longest_hold = StepFigure{"model", 179.3, 200.0};
  CHECK(has(diagnose(f)[1].evidence, "nearly all of the 179 ms per request"));
}

TEST_CASE("where the load generator is the limit, no experiment expects more throughput") {
  Figures f = drowning();
  CHECK(has(found(f, "pool_bound").experiment, "throughput should rise"));
  f.client_saturated = true;
  f.client_troubles = "late";
  REQUIRE(names(f)[0] == "client_bound");
  CHECK(has(found(f, "client_bound").experiment, "throughput should rise"));
  CHECK(found(f, "pool_bound").experiment == "double the pool: the pool wait should fall");
}

TEST_CASE("running statements that fill the latency make the database the bottleneck") {
  CHECK(names(busy_database()) == Names{"database_bound"});
  const Finding finding = diagnose(busy_database())[0];
  CHECK(has(finding.evidence, "7.8 statements were running on average"));
  CHECK(has(finding.advice, "starting with step \"history\" (mean 45.0 ms)"));

  Figures locked = busy_database();
  locked.server_lock_mean = 1;
  CHECK(has(diagnose(locked)[0].evidence, "1.0 of them were waiting for locks."));

  Figures one_user = busy_database();
  one_user.server_active_mean = 0.98;
  one_user.checked_out_mean = 1;
  CHECK(names(one_user) == Names{"healthy"});

  Figures mostly_pause = busy_database();
  mostly_pause.mean_ms.pause = 60;
  CHECK(names(mostly_pause) == Names{"healthy"});

  Figures idle_holders = busy_database();
  idle_holders.server_active_mean = 3;
  CHECK(names(idle_holders) == Names{"healthy"});
}

TEST_CASE("a server that was not seen is judged by our own timing") {
  Figures f = busy_database();
  f.server_seen = false;
  f.server_active_mean = 0;
  CHECK(names(f) == Names{"database_bound"});  // 100/s × 50 ms = 5 statements at a time
  CHECK(has(diagnose(f)[0].evidence, "5.0 statements were running on average"));
  f.window_s = 100;  // 0.5 at a time
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("threads that time out beside others that hardly wait show an unfair pool") {
  Figures f = calm();
  f.pool_kind = "sqlalchemy";
  f.pool_timeout_ms = 1000;
  f.requests.failed = 120;
  f.failures = {{Phase::checkout, FailureClass::pool_timeout, "", 120, ""}};
  CHECK(names(f) == Names{"unfair_pool"});
  CHECK(has(diagnose(f)[0].evidence, "120 requests (10.7 %) timed out after 1s"));

  Figures fair = f;
  fair.pool_wait_p50_ms = 900;
  CHECK(names(fair) == Names{"failures"});
  Figures in_order = f;
  in_order.pool_kind = "psycopg";
  CHECK(names(in_order) == Names{"failures"});
  Figures tasks = f;  // docs/decisions/0005-event-loop.md
  tasks.pool_kind = "sqlalchemy-async";
  CHECK(names(tasks) == Names{"unfair_pool"});
  CHECK(has(diagnose(tasks)[0].evidence, "a task that releases a connection can acquire it again"));
  CHECK(has(diagnose(tasks)[0].advice, "as many connections as there are concurrent tasks"));
  Figures other_failures = f;
  other_failures.failures[0].failure = FailureClass::deadline;
  CHECK(names(other_failures) == Names{"failures"});
}

TEST_CASE("connecting for each request shows as such, and is not the pool's size") {
  Figures f = calm();
  f.pool_kind = "none";
  f.mean_ms.pool_wait = 4.2;
  f.waited_fraction = 1;
  f.connect_in_wait = 0.95;
  f.connects = 1050;
  CHECK(names(f) == Names{"connect_bound"});
  CHECK(has(diagnose(f)[0].evidence, "1,050 connections were opened (4.00 ms each)"));
  CHECK(has(diagnose(f)[0].advice, "in a pool"));
  f.connects = 10;
  f.connect_in_wait = 0.01;
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("holding a connection is named from three tenths of its time") {
  Figures f = calm();
  f.connection_time_mean_ms = 10;
  f.longest_hold = StepFigure{"model", 2.9, 5.0};
  f.mean_ms.hold = 2.9;
  CHECK(names(f) == Names{"healthy"});
  f.mean_ms.hold = 3.1;
  CHECK(names(f) == Names{"healthy", "hold_bound"});
  CHECK(has(diagnose(f)[1].evidence, "31 % of their connection hold time"));
  CHECK(has(diagnose(f)[1].evidence, "No request queues for a connection yet"));
  CHECK(has(diagnose(f)[1].advice, "release the connection during \"model\""));
}

TEST_CASE("threads that never get a connection are the pool's doing, not stuck requests") {
  Figures f = drowning();
  f.pool_kind = "sqlalchemy";
  f.capacity = 4;
  f.peak_checked_out = 4;
  f.peak_waiting = 36;
  f.requests.in_flight = 40;
  f.in_flight.older_than_completed = 36;
  f.in_flight.ages.max = 5000;
  f.latency_max_ms = 27;
  CHECK(has(found(f, "unfair_pool").evidence, "36 requests were still waiting for a connection"));
  for (const std::string& name : names(f)) CHECK(name != "stuck_requests");
  f.mean_ms.hold = 0;  // all of what completed is SQL: no reason to blame the database
  f.mean_ms.pool_wait = 0;
  f.mean_ms.sql = 20;
  f.connection_time_mean_ms = 20;
  f.server_active_mean = 4;
  for (const std::string& name : names(f)) CHECK(name != "database_bound");
  f.pool_kind = "psycopg";  // serves in order: something else keeps them
  CHECK(names(f)[0] == "stuck_requests");
  f.pool_kind = "sqlalchemy";
  f.in_flight.older_than_completed = 40;  // those with a connection as well
  CHECK(names(f)[0] == "stuck_requests");
}

TEST_CASE("every finding has a sentence and a short name; unknown ones stay as they are") {
  for (const std::string name :
       {"failing",          "client_bound",   "budget_bound",   "cpu_bound",
        "lock_bound",       "lwlock_bound",   "io_bound",       "commit_bound",
        "database_bound",   "pooler_bound",   "pool_bound",     "unfair_pool",
        "connect_bound",    "hold_bound",     "network_bound",  "healthy",
        "over_provisioned", "slow_connects",  "pooler_refuses", "failures",
        "failures_allowed", "connect_churn",  "own_time",       "too_few_requests",
        "no_completions",   "stuck_requests", "standstill",     "client_standstill",
        "read_upgrade",     "writer_bound",   "log_kept"}) {
    CHECK(headline(name) != name);
    CHECK(headline(name).back() == '.');
    CHECK(short_name(name) != name);
  }
  CHECK(headline("moon_bound") == "moon_bound");
  CHECK(short_name("moon_bound") == "moon_bound");
}

TEST_CASE("every failure class has a meaning, and what to do where something can be done") {
  for (int i = 0; i <= static_cast<int>(FailureClass::stopped); ++i) {
    const auto which = static_cast<FailureClass>(i);
    INFO(name_of(which));
    CHECK_FALSE(meaning_of(which).empty());
    const bool nothing_to_do = which == FailureClass::none || which == FailureClass::stopped;
    CHECK(cure_of(which).empty() == nothing_to_do);
  }
  CHECK(most_frequent_class({}) == FailureClass::none);
}

TEST_CASE("mean counts are short") {
  CHECK(amount(0) == "0.0");
  CHECK(amount(0.6) == "0.6");
  CHECK(amount(14.13) == "14.1");
  CHECK(amount(0.0123) == "0.01");
  CHECK(amount(1340.4) == "1,340");
}

TEST_CASE("a pooler whose servers are all in use is no health", "[advise]") {
  Figures figures;
  figures.requests.completed = 1000;
  figures.pooler_size = 20;
  figures.pooler_servers_mean = 19.9;
  figures.pooler_waiting_mean = 207;
  CHECK(diagnose(figures).front().finding == "pooler_bound");
  figures.pooler_waiting_mean = 0;
  CHECK(diagnose(figures).front().finding == "healthy");
  figures.pooler_waiting_mean = 207;
  figures.pooler_servers_mean = 11;
  CHECK(diagnose(figures).front().finding == "healthy");
}

}  // namespace
}  // namespace poolgauge
