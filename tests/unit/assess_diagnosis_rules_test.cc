// The rules about server, budget, churn, network and size: each at its threshold and just below it.
#include "diagnosis_figures.h"

namespace poolgauge {
namespace {

using namespace test;

TEST_CASE("what a busy server is busy with takes the place of the database in general") {
  Figures f = busy_database();
  f.server_cores = 8;
  f.server_cpu_mean = 6.3;
  CHECK(names(f) == Names{"database_bound"});
  f.server_cpu_mean = 6.5;
  CHECK(names(f) == Names{"cpu_bound"});
  f.server_cpu_busy = 0.84;  // the machine itself is not that busy
  CHECK(names(f) == Names{"database_bound"});
  f.server_cpu_busy = 0.97;
  CHECK(has(found(f, "cpu_bound").evidence,
            "6.5 statements were running or ready to run on average, but the server has only 8 "
            "cores, 97 % busy."));
  f.server_cpu_share = 0.35;
  CHECK(has(found(f, "cpu_bound").evidence, "97 % busy (35 % by its own processes)."));
  f.server_cpu_share = 0.3;  // others keep it busy: less than a third is the server's
  CHECK(names(f) == Names{"database_bound"});
  f.server_cpu_share.reset();
  f.server_cores = 0;
  CHECK(names(f) == Names{"database_bound"});

  Figures locks = busy_database();
  locks.server_lock_mean = 1.5;
  CHECK(names(locks) == Names{"database_bound"});
  locks.server_lock_mean = 1.6;
  locks.server_events = {{"Lock:tuple", 0.4}, {"Lock:transactionid", 1.2}, {"IO:DataFileRead", 1}};
  CHECK(names(locks) == Names{"lock_bound"});
  CHECK(found(locks, "lock_bound").evidence ==
        "1.6 of 7.8 running statements (20.5 %) waited for locks held by other transactions: "
        "Lock:tuple 0.4, Lock:transactionid 1.2.");

  Figures internal = busy_database();
  internal.server_lwlock_mean = 1.5;
  CHECK(names(internal) == Names{"database_bound"});
  internal.server_lwlock_mean = 1.6;
  CHECK(names(internal) == Names{"lwlock_bound"});

  Figures storage = busy_database();
  storage.server_io_mean = 3.1;
  CHECK(names(storage) == Names{"database_bound"});
  storage.server_io_mean = 3.2;
  CHECK(names(storage) == Names{"io_bound"});
  CHECK_FALSE(has(found(storage, "io_bound").advice, "more connections help"));
  storage.server_cpu_busy = 0.3;
  CHECK(has(found(storage, "io_bound").advice, "more connections help"));
  CHECK(has(found(storage, "io_bound").evidence, "only 30 % busy"));
}

TEST_CASE("a server whose time does not count in the requests is not named, however it waits") {
  Figures f = drowning();
  f.server_active_mean = 2;
  f.server_lock_mean = f.server_lwlock_mean = f.server_io_mean = 2;
  CHECK(names(f) == Names{"pool_bound", "hold_bound"});
  Figures quiet = busy_database();
  quiet.server_active_mean = 1.4;
  quiet.server_lock_mean = 1.4;
  quiet.checked_out_mean = 1.4;
  CHECK(names(quiet) == Names{"healthy"});
}

TEST_CASE("commits are named by the server's own waits, or by their share of the time") {
  Figures f = busy_database();
  f.mean_ms.sql = 31;
  f.mean_ms.commit = 19;
  CHECK(names(f) == Names{"database_bound"});
  f.mean_ms.sql = 29;
  f.mean_ms.commit = 21;
  CHECK(names(f) == Names{"commit_bound"});
  CHECK(has(found(f, "commit_bound").evidence, "COMMIT takes 21.0 ms per request, 42 %"));
  Figures seen = busy_database();
  seen.server_events = {{"IO:WALSync", 1.0}, {"LWLock:WALWrite", 0.5}};
  CHECK(names(seen) == Names{"database_bound"});
  seen.server_events[1].second = 0.6;
  CHECK(names(seen) == Names{"commit_bound"});
  seen.server_events = {{"IPC:SyncRep", 1.6}};
  CHECK(names(seen) == Names{"commit_bound"});
}

TEST_CASE("waiting for the log's disk is no matter of the tables' storage") {
  Figures f = busy_database();
  f.server_io_mean = 4.2;
  f.server_events = {{"IO:DataFileRead", 3.2}, {"IO:WALSync", 1.0}};
  CHECK(names(f) == Names{"io_bound"});
  CHECK(has(found(f, "io_bound").evidence,
            "3.2 of 7.8 running statements (41 %) waited for storage: IO:DataFileRead 3.2."));
  f.server_events = {{"IO:DataFileRead", 2.6}, {"IO:WALSync", 1.6}};
  CHECK(names(f) == Names{"commit_bound"});
}

TEST_CASE("refused connections, or pools larger than the server, are a matter of the budget") {
  Figures f = calm();
  f.processes = 10;
  f.capacity = 97;
  f.peak_checked_out = 60;
  CHECK(names(f) == Names{"healthy"});
  f.capacity = 600;
  f.peak_checked_out = 400;
  CHECK(names(f) == Names{"healthy", "budget_bound"});  // nobody was refused yet
  CHECK(has(found(f, "budget_bound").evidence,
            "The pools can open 600 connections (10 processes); the server has 97 client slots"));
  CHECK(has(found(f, "budget_bound").advice, "at most 9 connections per process fit"));
  f.pooler_between = true;  // they are the pooler's clients
  CHECK(names(f) == Names{"healthy"});
  f.failures = {{Phase::connect, FailureClass::too_many_connections, "53300", 40, ""}};
  f.requests.failed = 40;
  CHECK(names(f) == Names{"budget_bound"});
  f.failures[0].example = "too many connections for role \"app\"";
  const Finding role = found(f, "budget_bound");
  CHECK(headline(role) == "The role's connection limit is too small for the pools.");
  CHECK(has(role.advice, "ALTER ROLE"));
  CHECK(has(role.advice, "max_connections is not the cause"));
  f.failures[0].example = "too many connections for database \"app\"";
  CHECK(has(found(f, "budget_bound").advice, "ALTER DATABASE"));
  f.failures[0].example = "sorry, too many clients already";
  CHECK(found(f, "budget_bound").headline.empty());
}

TEST_CASE("connections that are closed and opened again are churn") {
  Figures f = calm();
  f.checkouts = 1000;
  f.connects = 135;
  f.closes = 130;
  f.pool_wait_p95_ms = 18;
  f.waited_fraction = 0.08;
  f.connect_in_wait = 0.6;
  CHECK(names(f) == Names{"connect_churn"});
  CHECK(found(f, "connect_churn").evidence ==
        "The pool opened 135 connections and closed 130 for 1,000 checkouts; each connect took "
        "4.00 ms. Requests wait 18.0 ms for a connection (p95); connecting accounts for 60 % of "
        "all waiting.");
  CHECK(found(f, "connect_churn").advice ==
        "set pool_size = 10 and max_overflow = 0: the same 10 connections, which then stay open");
  f.waited_fraction = 0.04;  // 95 of 100 wait for nothing
  CHECK(names(f) == Names{"healthy"});
  f.waited_fraction = 0.08;
  f.connect_in_wait = 0.2;  // they wait for something else
  CHECK(names(f) == Names{"healthy"});
  f.connect_in_wait = 0.6;
  f.closes = 9;  // filling, and a few that were replaced
  f.mean_ms.pool_wait = 0.5;
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("the way to the server is named by its share, or by clients that read slowly") {
  Figures f = calm();
  f.exchanges_per_request = 5;
  f.round_trip_ms = 0.47;
  CHECK(names(f) == Names{"healthy"});
  f.round_trip_ms = 0.49;
  CHECK(has(found(f, "network_bound").advice, "closer to the server"));
  CHECK(names(f) == Names{"network_bound"});
  CHECK(has(found(f, "network_bound").evidence,
            "5.0 round trips per request at 490 µs each take 30.6 % of the connection hold time"));
  f.server_near = true;  // an exchange on one machine takes what it takes
  CHECK(names(f) == Names{"healthy"});
  f.round_trip_ms = 1.2;  // something between delays it, but there is no nearer place
  CHECK_FALSE(has(found(f, "network_bound").advice, "closer"));
  CHECK(has(found(f, "network_bound").evidence, "take 75 % of the connection hold"));
  f.round_trip_ms = 90;  // of a ping that was slow once: no more than all of the time
  CHECK(has(found(f, "network_bound").evidence, "take 100 % of the connection hold"));
  f.round_trip_ms = 0.49;
  f.server_near = false;
  f.round_trip_ms.reset();
  CHECK(names(f) == Names{"healthy"});
  f.server_client_mean = 0.3;
  CHECK(names(f) == Names{"network_bound"});
  CHECK(has(found(f, "network_bound").advice, "rows"));
}

TEST_CASE("a pool that is never half used is larger than needed, and the run is still healthy") {
  Figures f = calm();
  f.capacity = 13;
  CHECK(names(f) == Names{"healthy", "over_provisioned"});
  CHECK(has(found(f, "over_provisioned").advice, "8 connections are enough"));
  f.capacity = 12;
  CHECK(names(f) == Names{"healthy"});
  f.capacity = 60;
  f.pool_kind = "fixed";
  CHECK(names(f) == Names{"healthy"});
}

TEST_CASE("a part is never more than its whole, though two clocks measured them") {
  Figures f = drowning();
  f.checked_out_mean = 8.2;
  f.server_idle_in_transaction_mean = 8.5;
  CHECK(has(found(f, "pool_bound").evidence,
            "; 8.2 of the 8.2 connections were idle in transaction"));
  f.checked_out_elsewhere_mean = 1.8;  // the server sees the connections of every pool
  CHECK(has(found(f, "pool_bound").evidence,
            "; 8.5 of the 10.0 connections were idle in transaction"));
  f.server_active_mean = 8.2;
  f.server_lock_mean = 8.5;
  CHECK(has(found(f, "pool_bound").evidence, "8.2 statements running on average, 8.2 of them"));
  f.mean_ms.sql = 150;
  CHECK(has(found(f, "lock_bound").evidence, "8.2 of 8.2 running statements (100 %)"));
  f.mean_ms.hold = 200;
  f.connection_time_mean_ms = 193;
  CHECK(has(found(f, "hold_bound").evidence, "spend 100 % of their connection hold time"));
  CHECK(has(found(f, "hold_bound").evidence, ": nearly all of the 193 ms per request"));
}

TEST_CASE("a full disk is not the statement's fault, nor is a lack of memory") {
  Figures f = calm();
  f.requests = {};
  f.requests.failed = 10;
  const auto advice = [&f](FailureClass failure, const char* sqlstate) {
    f.failures = {{Phase::step, failure, sqlstate, 10, "could not extend file"}};
    const Finding finding = found(f, "failing");
    return finding.evidence + " " + finding.advice;
  };
  CHECK(has(advice(FailureClass::disk_full, "53100"), "the server's disk is full"));
  CHECK(has(advice(FailureClass::disk_full, "53100"), "free space"));
  CHECK(has(advice(FailureClass::out_of_memory, "53200"), "ran out of memory"));
  CHECK(has(advice(FailureClass::server_limit, "53400"), "raise the setting"));
}

TEST_CASE("every finding but health says what would refute it") {
  for (const Figures& figures : {drowning(), busy_database(), calm()}) {
    for (const Finding& finding : diagnose(figures)) {
      CHECK(finding.experiment.empty() == (finding.finding == "healthy"));
    }
  }
}

}  // namespace
}  // namespace poolgauge
