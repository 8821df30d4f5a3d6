// Every class of failure, provoked on a real server and counted under its name.
#include <csignal>
#include <numeric>
#include <set>
#include <sstream>

#include "live_bench.h"
#include "pg/session/epoll_time.h"
#include "tcp_relay.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// A live run without a probe at `conninfo`; what must hold of every run is checked.
Measurement run_at(const std::string& conninfo, const Scenario& scenario) {
  LiveOptions options;
  options.probe_server = false;
  Result<Measurement> result = run_live(scenario, conninfo, options, never());
  if (!result) FAIL(result.error().message);
  Measurement m = std::move(result).value();
  std::uint64_t failed = 0;
  for (const FailureCount& failure : m.failures) {
    failed += failure.count;
    CHECK_FALSE(failure.example.empty());
  }
  CHECK(failed == m.requests.failed);
  return m;
}
Measurement run_with(const std::string& server_options, const Scenario& scenario) {
  return run_at(shared_server().conninfo() + " options='" + server_options + "'", scenario);
}

std::uint64_t count_of(const Measurement& m, FailureClass which) {
  std::uint64_t count = 0;
  for (const FailureCount& failure : m.failures) {
    if (failure.failure == which) count += failure.count;
  }
  return count;
}

/// That all failures are of one class, phase and SQLSTATE, and that there are some.
void check_only(const Measurement& m, Phase phase, FailureClass failure, const char* sqlstate) {
  const FailureCount& only = only_failure(m);
  CHECK(name_of(only.phase) == name_of(phase));
  CHECK(name_of(only.failure) == name_of(failure));
  CHECK(only.sqlstate == sqlstate);
  CHECK(only.count == m.requests.failed);
}

/// Stops a server's postmaster, which then neither takes nor answers connects, and lets it go on.
class Frozen {
 public:
  explicit Frozen(pid_t pid) : pid_(pid) { REQUIRE(kill(pid_, SIGSTOP) == 0); }
  ~Frozen() { kill(pid_, SIGCONT); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  pid_t pid_;
};

/// Until a server that was stopped has dealt with the connects that waited.
void settle() {
  const TimePoint until = monotonic_now() + 5s;
  while (monotonic_now() < until) {
    Result<ControlConnection> connection =
        ControlConnection::open(shared_server().conninfo(), never());
    if (!connection.ok()) continue;
    const ControlReply others = connection.value().run(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'");
    if (others.ok() && others.rows[0][0] == "1") return;
  }
}

Scenario connecting(std::uint32_t users) {
  Scenario scenario = live_scenario({live_sql("SELECT 1")});
  scenario.deployment.pool = DeployedPool{};
  scenario.deployment.pool.kind = "none";
  std::get<ClosedLoad>(scenario.load).users = users;
  return scenario;
}

TEST_CASE("failures: the pool's own limits", "[live]") {
  Scenario scenario = live_scenario({live_hold(250ms)});
  scenario.deployment.pool.set("pool_size", std::int64_t{1});
  scenario.deployment.pool.set("timeout", Duration{50ms});
  check_only(run(scenario), Phase::checkout, FailureClass::pool_timeout, "");

  scenario.deployment.pool = DeployedPool{};
  scenario.deployment.pool.kind = "psycopg";
  scenario.deployment.pool.set("min_size", std::int64_t{1});
  scenario.deployment.pool.set("max_size", std::int64_t{1});
  scenario.deployment.pool.set("max_waiting", std::int64_t{1});
  const Measurement m = run(scenario);
  CHECK(count_of(m, FailureClass::pool_overloaded) > 0);
  CHECK(count_of(m, FailureClass::pool_overloaded) == m.requests.failed);
}

TEST_CASE("failures: nobody listens at the port", "[live]") {
  const Measurement m = run_at("host=127.0.0.1 port=1", connecting(2));
  check_only(m, Phase::connect, FailureClass::connection_refused, "");
  CHECK(m.outages.size() == 1);
}

TEST_CASE("failures: a server that takes connects and does not answer", "[live]") {
  shared_server();
  Scenario scenario = connecting(2);
  scenario.duration = 1700ms;
  Measurement m;
  {
    const Frozen frozen(shared_server().pid());
    m = run_at(shared_server().conninfo() + " connect_timeout=1", scenario);
  }
  settle();
  check_only(m, Phase::connect, FailureClass::connect_timeout, "");
  CHECK(m.requests.failed >= 2);
  CHECK(m.outages.size() == 1);
}

TEST_CASE("failures: a socket whose line of connects is full is no server that is gone", "[live]") {
  shared_server();
  Measurement m;
  {
    const Frozen frozen(shared_server().pid());
    // Its line holds twice what it may have of processes, max_connections being 30.
    m = run_at(shared_server().conninfo(), connecting(300));
  }
  settle();
  check_only(m, Phase::connect, FailureClass::backlog_full, "");
  CHECK(m.outages.empty());
}

TEST_CASE("failures: encryption that the server does not have", "[live]") {
  const std::string& directory = shared_server().directory();
  std::string socket_path;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().filename() == ".s.PGSQL.5432") socket_path = entry.path();
  }
  TcpRelay relay(socket_path);
  const std::string conninfo = shared_server().conninfo() + " " + relay.conninfo();
  const Measurement m = run_at(conninfo + " sslmode=require", connecting(2));
  check_only(m, Phase::connect, FailureClass::tls, "");
  CHECK(m.outages.empty());

  // The way there is cut: a loss without a SQLSTATE, once for each connection.
  Scenario scenario = live_scenario({live_sql("SELECT pg_sleep(4)")});
  scenario.duration = 2s;
  LiveOptions options;
  options.probe_server = false;
  bool cut = false;
  options.on_progress = [&](const Progress&) {
    if (cut) return;
    cut = sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(4)%' "
              "AND state = 'active' AND pid <> pg_backend_pid()") == "4";
    if (cut) relay.cut();
  };
  const Result<Measurement> lost =
      run_live(scenario, conninfo + " sslmode=disable", options, never());
  REQUIRE(lost.ok());
  check_only(lost.value(), Phase::step, FailureClass::connection_lost, "");
  CHECK(lost.value().requests.failed == 4);
}

TEST_CASE("failures: roles that may not come in", "[live]") {
  sql("DROP ROLE IF EXISTS kept_out; CREATE ROLE kept_out NOLOGIN");
  const Measurement m = run_at(as_user("kept_out"), connecting(2));
  check_only(m, Phase::connect, FailureClass::authentication, "28000");
  CHECK(only_failure(m).example == "role \"kept_out\" is not permitted to log in");
  const Measurement nobody = run_at(as_user("nobody_knows"), connecting(2));
  check_only(nobody, Phase::connect, FailureClass::authentication, "28000");
  const Measurement nowhere = run_at(shared_server().conninfo() + " dbname=nowhere", connecting(2));
  check_only(nowhere, Phase::connect, FailureClass::connect_error, "3D000");
}

TEST_CASE("failures: a role's own limit of connections", "[live]") {
  sql("DROP ROLE IF EXISTS few; CREATE ROLE few LOGIN CONNECTION LIMIT 1");
  Scenario scenario = live_scenario({live_hold(20ms)});
  const Measurement m = run_at(as_user("few"), scenario);
  CHECK(m.requests.completed > 0);
  check_only(m, Phase::connect, FailureClass::too_many_connections, "53300");
}

TEST_CASE("failures: a server that shuts down lets nobody in", "[live]") {
  const TemporaryBase base;
  Result<EmbeddedServer> server = EmbeddedServer::start(prepared_in(base), never());
  REQUIRE(server.ok());
  const std::string conninfo = server.value().conninfo();
  Result<ControlConnection> last = ControlConnection::open(conninfo, never());
  REQUIRE(last.ok());
  REQUIRE(kill(server.value().pid(), SIGTERM) == 0);  // waits for its sessions to end
  Result<ControlConnection> another = ControlConnection::open(conninfo, never());
  for (int look = 0; another.ok() && look < 100; ++look) {
    last.value().run("SELECT pg_sleep(0.02)");
    another = ControlConnection::open(conninfo, never());
  }
  const Measurement m = run_at(conninfo, connecting(2));
  check_only(m, Phase::connect, FailureClass::server_starting, "57P03");
}

TEST_CASE("failures: limits of time on statements and locks", "[live]") {
  const Measurement slow =
      run_with("-c statement_timeout=30", live_scenario({live_sql("SELECT pg_sleep(10)")}));
  check_only(slow, Phase::step, FailureClass::statement_timeout, "57014");

  sql("DROP TABLE IF EXISTS locked; CREATE TABLE locked (n int)");
  Result<ControlConnection> holder = ControlConnection::open(shared_server().conninfo(), never());
  REQUIRE(holder.ok());
  REQUIRE(holder.value().run("BEGIN; LOCK TABLE locked").ok());
  const Measurement m =
      run_with("-c lock_timeout=30", live_scenario({live_sql("INSERT INTO locked VALUES (1)")}));
  check_only(m, Phase::step, FailureClass::lock_timeout, "55P03");
}

TEST_CASE("failures: a deadlock is found once for each pair", "[live]") {
  sql("DROP TABLE IF EXISTS tangled; CREATE TABLE tangled (id int PRIMARY KEY, n int); "
      "INSERT INTO tangled VALUES (1, 0), (2, 0)");
  Scenario scenario =
      live_scenario({live_sql("UPDATE tangled SET n = n + 1 WHERE id = 1"), live_hold(20ms),
                     live_sql("UPDATE tangled SET n = n + 1 WHERE id = 2")},
                    TransactionMode::read_write);
  RequestSpec other = scenario.requests[0];
  other.name = "other way round";
  std::swap(other.steps[0], other.steps[2]);
  scenario.requests.push_back(other);
  scenario.duration = 1s;
  const Measurement m = run_with("-c deadlock_timeout=10", scenario);
  CHECK(m.requests.completed > 0);
  check_only(m, Phase::step, FailureClass::deadlock, "40P01");
}

TEST_CASE("failures: what a statement does wrong, by its SQLSTATE", "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT 1 / 0")});
  RequestSpec other = scenario.requests[0];
  other.steps[0] = live_sql("SELECT 'x'::int", {}, Protocol::simple);
  scenario.requests.push_back(other);
  const Measurement m = run_at(shared_server().conninfo(), scenario);
  REQUIRE(m.failures.size() == 2);
  for (const FailureCount& failure : m.failures) {
    CHECK(failure.failure == FailureClass::sql_error);
    CHECK((failure.sqlstate == "22012" || failure.sqlstate == "22P02"));
  }
  CHECK(m.failures[0].sqlstate != m.failures[1].sqlstate);
}

// What kills at random must be told apart from what it hits: each loss once, under its SQLSTATE.
TEST_CASE("backends killed at random: every loss is counted once, and none is left", "[live]") {
  Scenario scenario =
      live_scenario({live_sql("SELECT pg_sleep(0.002) /* hunted */"), live_hold(3ms)},
                    TransactionMode::read_write);
  scenario.duration = 3s;
  scenario.deployment.pool = DeployedPool{};
  scenario.deployment.pool.kind = "fixed";
  std::get<ClosedLoad>(scenario.load).users = 8;
  LiveOptions options;
  std::set<std::string> hit;  // one that is dying is still in the list, as is the last hunter
  options.on_progress = [&](const Progress& progress) {
    if (progress.elapsed_s < 0.3 || progress.elapsed_s > 2.3) return;
    std::istringstream pids(
        sql("SELECT coalesce(string_agg(pid::text, ' '), '') FROM (SELECT pid FROM "
            "pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%hunted%' ORDER BY random() "
            "LIMIT 2) AS v WHERE pg_terminate_backend(pid)"));
    for (std::string pid; pids >> pid;) hit.insert(pid);
  };
  const Measurement m = run(scenario, options);  // which checks that no backend is left
  const std::uint64_t killed = hit.size();
  CHECK(killed >= 2);
  CHECK(m.requests.failed == killed);
  for (const FailureCount& failure : m.failures) {
    INFO(name_of(failure.phase) << " " << failure.count << " times: " << failure.example);
    CHECK(failure.failure == FailureClass::server_shutdown);
    CHECK(failure.sqlstate == "57P01");
  }
  const std::uint64_t lost =
      std::accumulate(m.outages.begin(), m.outages.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const Outage& o) { return sum + o.lost_connections; });
  CHECK(lost == killed);
  CHECK(m.pools[0].closes == killed);
  CHECK(m.pools[0].connects > killed);
  CHECK(m.pools[0].connects <= killed + 8);
}

TEST_CASE("where a live connect's time goes adds up, and so does a request's", "[live]") {
  Scenario scenario = live_scenario({live_sql("SELECT 1"), live_hold(2ms), live_sql("SELECT 2")},
                                    TransactionMode::read_write);
  const Measurement m = run(scenario);
  const ConnectPhases& parts = m.connect_phases;
  CHECK(parts.tcp.count() == 4);
  CHECK(parts.tls.empty());
  const double connecting =
      parts.tcp.sum_ns() + parts.authentication.sum_ns() + parts.ready.sum_ns();
  CHECK(connecting <= 1.001 * m.connect.sum_ns());
  const PhaseTimes& t = m.phase_times;
  double sum = 0;
  for (const Histogram* part :
       {&t.start, &t.pool_wait, &t.begin, &t.sql, &t.hold, &t.pause, &t.commit, &t.release}) {
    sum += part->sum_ns();
  }
  CHECK(sum == Approx(m.latency.sum_ns()).epsilon(0.01));
  REQUIRE_FALSE(m.samples.empty());
  CHECK(m.samples[0].latency == m.latency.max());
  REQUIRE(m.client.by_thread.size() == 1);
  CHECK(m.client.loop_lag.count() > 5);
  CHECK(m.client.descriptors_peak >= 4);
  CHECK(m.client.descriptors_limit >= m.client.descriptors_peak);
  CHECK(m.client.machine.own >= 0);  // ticks of 10 ms
  CHECK(m.client.machine.databases >= 0);
  CHECK(m.client.machine.others >= 0);
}

}  // namespace

TEST_CASE("a loop that has more to do does not wait in the kernel") {
  EpollTime time;
  REQUIRE(time.ok());
  time.pass(TimePoint::min());  // what a loop asks for that is not idle
  time.pass(time.now() - 1s);
  SUCCEED("it came back");
}
