// Live runs in which something goes wrong: counted once, under its name, and nothing left behind.
#include <csignal>

#include "live_bench.h"
#include "pg/session/epoll_time.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

std::uint64_t count_of(const Measurement& m, const std::string& sqlstate) {
  std::uint64_t count = 0;
  for (const FailureCount& failure : m.failures) {
    if (failure.sqlstate == sqlstate) count += failure.count;
  }
  return count;
}

TEST_CASE("a statement that cannot be prepared fails in its step", "[live]") {
  const Measurement m = run(live_scenario({live_sql("SELECT * FROM no_such_table")}));
  CHECK(m.requests.completed == 0);
  CHECK(only_failure(m).phase == Phase::step);
  CHECK(only_failure(m).sqlstate == "42P01");
  CHECK(only_failure(m).example == "relation \"no_such_table\" does not exist");
  CHECK(m.pools[0].closes == 0);
}

TEST_CASE("a backend that is killed costs one request; the pool recovers", "[live]") {
  Scenario scenario =
      live_scenario({live_sql("SELECT pg_sleep(0.005) /* victim */"), live_hold(5ms)},
                    TransactionMode::read_write);
  scenario.duration = 1s;
  scenario.deployment.pool.set("max_overflow", std::int64_t{2});
  LiveOptions options;
  std::string killed;
  std::uint64_t completed_then = 0;
  options.on_progress = [&](const Progress& progress) {
    if (!killed.empty() || progress.completed == 0) return;
    completed_then = progress.completed;
    killed =
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE query LIKE '%victim%' AND pid <> pg_backend_pid() LIMIT 1");
  };
  const Measurement m = run(scenario, options);
  REQUIRE(killed == "t");
  CHECK(m.requests.failed == 1);
  CHECK(only_failure(m).sqlstate == "57P01");
  CHECK(only_failure(m).failure == FailureClass::server_shutdown);
  CHECK(only_failure(m).count == 1);
  CHECK(m.requests.completed > completed_then);
  CHECK(m.pools[0].closes >= 1);
  CHECK(m.pools[0].connects > m.pools[0].closes);
  CHECK(m.pools[0].connects <= m.pools[0].closes + 4);
}

TEST_CASE("a server that crashes and comes back: the run goes on and says how long it was gone",
          "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT pg_sleep(0.005) /* crash */")});
  scenario.duration = 60s;  // recovery takes what it takes; the run ends soon after it
  LiveOptions options;
  options.probe_server = false;
  StopFlag stop;
  bool crashed = false;
  std::uint64_t completed_then = 0;
  options.on_progress = [&](const Progress& progress) {
    if (progress.elapsed_s < 0.5) return;
    // Until the server has noticed, its other connections go on.
    if (!crashed || progress.failed == 0) completed_then = progress.completed;
    if (progress.completed > completed_then + 200) stop.request();
    if (crashed) return;
    crashed = true;
    // The server ends all its connections and recovers, as after pg_ctl restart -m immediate.
    const std::string pid = sql(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE '%crash%' AND pid <> pg_backend_pid() "
        "LIMIT 1");
    REQUIRE(kill(std::stoi(pid), SIGKILL) == 0);
  };
  const Measurement m = run(scenario, options, stop);
  REQUIRE(crashed);
  REQUIRE(m.outages.size() == 1);
  const Outage& outage = m.outages[0];
  CHECK(to_s(outage.start) > 0.4);
  REQUIRE(outage.end.has_value());
  CHECK(*outage.end > outage.start);
  CHECK(*outage.end < m.window);
  std::uint64_t lost = 0;
  for (const FailureCount& failure : m.failures) {
    if (failure.failure == FailureClass::connection_lost) lost += failure.count;
  }
  // One that was idle then may have been thrown away by the pool before anybody tried it.
  CHECK(outage.lost_connections == lost);
  CHECK(lost >= 1);
  CHECK(outage.failed_connects > 0);
  CHECK(m.requests.completed > completed_then + 200);
}

TEST_CASE("a deadline ends the statement on the server, too", "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT pg_sleep(60) /* overstays */")});
  scenario.deadline = 150ms;
  scenario.duration = 500ms;
  const Measurement m = run(scenario);  // which checks that no backend is left
  CHECK(m.requests.completed == 0);
  CHECK(m.requests.failed >= 4);
  CHECK(only_failure(m).phase == Phase::deadline);
  CHECK(only_failure(m).failure == FailureClass::deadline);
  CHECK(m.latency.empty());
}

TEST_CASE("a deadline in a hold keeps the connection", "[live]") {
  Scenario scenario =
      live_scenario({live_sql("SELECT 1"), live_hold(10s)}, TransactionMode::read_write);
  scenario.deadline = 700ms;  // which SELECT 1 meets on a machine however busy
  scenario.duration = 1600ms;
  const Measurement m = run(scenario);
  CHECK(only_failure(m).failure == FailureClass::deadline);
  CHECK(m.requests.failed >= 4);
  CHECK(m.pools[0].connects == 4);
  CHECK(m.pools[0].closes == 0);
}

TEST_CASE("asked to stop in the middle, a run returns at once with what it saw", "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT 1"), live_hold(20ms)});
  scenario.duration = 60s;
  StopFlag stop;
  LiveOptions options;
  options.threads = 2;
  scenario.deployment.processes = 2;
  TimePoint asked{};
  options.on_progress = [&](const Progress& progress) {
    if (progress.elapsed_s < 0.5 || stop.requested()) return;
    asked = monotonic_now();
    stop.request();
  };
  const Measurement m = run(scenario, options, stop);
  CHECK(monotonic_now() - asked < 20s);
  CHECK(m.partial);
  CHECK(m.requests.completed > 0);
  CHECK(to_s(m.window) > 0.4);
  CHECK(to_s(m.window) < 20);
}

TEST_CASE("asked to stop while statements run, they are ended after the grace", "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT pg_sleep(60)")});
  scenario.duration = 60s;
  StopFlag stop;
  LiveOptions options;
  options.on_progress = [&](const Progress& progress) {
    if (progress.checked_out == 4 && !stop.requested()) stop.request();
  };
  const TimePoint began = monotonic_now();
  const Measurement m = run(scenario, options, stop);
  CHECK(monotonic_now() - began < 40s);
  CHECK(m.partial);
  CHECK(m.requests.completed + m.requests.failed == 0);
  CHECK(m.requests.in_flight == 4);
}

TEST_CASE("asked to stop twice, statements get no grace, and are ended on the server", "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT pg_sleep(60)")});
  scenario.duration = 60s;
  StopFlag stop;
  LiveOptions options;
  options.on_progress = [&](const Progress& progress) {
    if (progress.checked_out == 4) stop.request();  // five times a second
  };
  const Measurement m = run(scenario, options, stop);
  CHECK(m.partial);
  CHECK(m.requests.in_flight == 4);
}

TEST_CASE("COPY in a step is refused", "[live]") {
  sql("DROP TABLE IF EXISTS copied; CREATE TABLE copied (n int)");
  const Protocol protocol = GENERATE(Protocol::simple, Protocol::extended);
  const std::string text =
      GENERATE(as<std::string>{}, "COPY copied FROM STDIN", "COPY (SELECT 1) TO STDOUT");
  const Measurement m = run(live_scenario({live_sql(text, {}, protocol)}));
  CHECK(m.requests.completed == 0);
  CHECK(only_failure(m).failure == FailureClass::sql_error);
  CHECK(only_failure(m).example.find("COPY") != std::string::npos);
}

TEST_CASE("more connections than the server has places for", "[live]") {
  Scenario scenario = live_scenario({live_hold(800ms)});
  scenario.deployment.pool.set("pool_size", std::int64_t{40});
  std::get<ClosedLoad>(scenario.load).users = 40;
  scenario.duration = 2500ms;  // all are connected at a time, also on a busy machine
  LiveOptions options;
  options.probe_server = false;
  const Measurement m = run(scenario, options);
  CHECK(m.requests.completed > 0);
  REQUIRE(count_of(m, "53300") > 0);
  CHECK(m.requests.failed == count_of(m, "53300"));
  CHECK(m.failures[0].phase == Phase::connect);
  CHECK(m.pools[0].connect_failures > 0);
  CHECK(m.outages.empty());  // a full server is there
}

TEST_CASE("a server that is not there: every request fails to connect", "[live]") {
  const TemporaryBase empty;
  Scenario scenario = live_scenario({live_sql("SELECT 1")});
  scenario.duration = 150ms;
  const std::string conninfo = "host=" + empty.path() + " password=unspeakable";
  const Result<Measurement> result = run_live(scenario, conninfo, {}, never());
  REQUIRE(result.ok());
  const FailureCount& failure = only_failure(result.value());
  CHECK(failure.phase == Phase::connect);
  CHECK(failure.failure == FailureClass::connection_refused);
  CHECK(failure.example.find("unspeakable") == std::string::npos);
  CHECK_FALSE(result.value().server.note.empty());
  REQUIRE(result.value().outages.size() == 1);
  CHECK_FALSE(result.value().outages[0].end.has_value());
}

TEST_CASE("serialization failures and deadlocks have classes of their own", "[live]") {
  sql("DROP TABLE IF EXISTS fought; CREATE TABLE fought (id int PRIMARY KEY, n int); "
      "INSERT INTO fought SELECT i, 0 FROM generate_series(1, 2) AS i");
  Scenario scenario =
      live_scenario({live_sql("UPDATE fought SET n = n + 1 WHERE id = 1"), live_hold(2ms)},
                    TransactionMode::serializable);
  scenario.requests[0].steps[1].name = "pausing";
  const Measurement m = run(scenario);
  CHECK(m.requests.completed > 0);
  CHECK(count_of(m, "40001") > 0);
  CHECK(m.requests.failed == count_of(m, "40001"));
  CHECK(m.failures[0].failure == FailureClass::serialization);
  CHECK(std::stoull(sql("SELECT n FROM fought WHERE id = 1")) >= m.requests.completed);
}

RetrySpec retry_on(const char* state) {
  RetrySpec retry;
  SqlState on{};
  std::copy_n(state, 5, on.begin());
  retry.on = {on};
  retry.max = 1000;
  retry.backoff = UniformDuration{1ms, 3ms};
  retry.factor = 1;
  return retry;
}

TEST_CASE("serialization failures that are tried again are no failures, and are counted",
          "[live]") {
  sql("DROP TABLE IF EXISTS again; CREATE TABLE again (n int); INSERT INTO again VALUES (0)");
  Scenario scenario = live_scenario(
      {live_sql("SELECT n FROM again"), live_hold(2ms), live_sql("UPDATE again SET n = n + 1")},
      TransactionMode::repeatable_read);
  scenario.requests[0].steps[2].name = "write";
  scenario.requests[0].retry = retry_on("40001");
  const Measurement m = run(scenario);
  CHECK(m.requests.failed == 0);
  CHECK(m.requests.completed > 0);
  REQUIRE(m.retries.causes.size() == 1);
  CHECK(m.retries.causes[0].sqlstate == "40001");
  CHECK(m.retries.causes[0].count >= m.retries.requests);
  CHECK(m.retries.requests > 0);
  CHECK(m.retries.completed == m.retries.requests);
  CHECK(m.phases.backoff_ns >= 1e6 * static_cast<double>(m.retries.requests));
  // Nothing was done twice: what committed is what was completed, and at most one more per user.
  const auto n = std::stoull(sql("SELECT n FROM again"));
  CHECK(n >= m.requests.completed);
  CHECK(n <= m.requests.completed + 4);
  CHECK(m.pools[0].closes == 0);
}

TEST_CASE("a deadlock is one request's failure, or its retry", "[live]") {
  sql("DROP TABLE IF EXISTS knot; CREATE TABLE knot (id int PRIMARY KEY, n int); "
      "INSERT INTO knot VALUES (1, 0), (2, 0)");
  const std::string database = sql("SELECT quote_ident(current_database())");
  sql("ALTER DATABASE " + database + " SET deadlock_timeout = '10ms'");
  const bool tried_again = GENERATE(false, true);
  const auto update = [](const char* id) {
    return live_sql(std::string("UPDATE knot SET n = n + 1 WHERE id = ") + id);
  };
  Scenario scenario =
      live_scenario({update("1"), live_hold(5ms), update("2")}, TransactionMode::read_write);
  scenario.requests.push_back(scenario.requests[0]);
  scenario.requests[1].name = "backwards";
  std::swap(scenario.requests[1].steps[0], scenario.requests[1].steps[2]);
  scenario.duration = 600ms;
  for (RequestSpec& request : scenario.requests) {
    if (tried_again) request.retry = retry_on("40P01");
  }
  const Measurement m = run(scenario);
  sql("ALTER DATABASE " + database + " RESET deadlock_timeout");
  CHECK(m.requests.completed > 0);
  if (tried_again) {
    CHECK(m.requests.failed == 0);
    REQUIRE(m.retries.causes.size() == 1);
    CHECK(m.retries.causes[0].sqlstate == "40P01");
    CHECK(m.retries.causes[0].count > 0);
  } else {
    CHECK(only_failure(m).failure == FailureClass::deadlock);
    CHECK(only_failure(m).sqlstate == "40P01");
    CHECK(only_failure(m).phase == Phase::step);
    CHECK(m.retries.causes.empty());
  }
  const auto n = std::stoull(sql("SELECT sum(n) FROM knot"));
  CHECK(n >= 2 * m.requests.completed);
  CHECK(n <= 2 * (m.requests.completed + 4));
}

}  // namespace
