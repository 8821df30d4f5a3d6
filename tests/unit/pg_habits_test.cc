// What only some libraries ask of a connection, against a real server.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "live_bench.h"
#include "loop/scope.h"
#include "pg/pool_backends.h"
#include "pg/session/epoll_time.h"
#include "pg/session/pg_backend.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// A backend on a loop of real time, and what its sessions say.
struct LiveWorld final : LossListener {
  explicit LiveWorld(const Scenario& s, const std::string& where = shared_server().conninfo())
      : scenario(s), backend(time, scenario, where, "habits", canceller, outages) {}
  void connection_lost(ConnId conn) override { lost.push_back(conn); }
  void run(Task<> task) {
    scope.spawn(std::move(task));
    loop.run(scope.live());
  }
  Scenario scenario;
  EpollTime time;
  Loop loop{time};
  Scope scope{loop};
  StopList stops;
  LiveCanceller canceller;
  OutageLog outages;
  PgBackend backend;
  std::vector<ConnId> lost;
  std::vector<Outcome> outcomes;
  std::vector<Phase> phases;
  std::vector<Condition> conditions;
};

Task<> use(LiveWorld& world, std::vector<Exchange> exchanges) {
  Patience connecting(world.loop, world.stops);
  const ConnId conn{0, 1};
  Connected connected = co_await world.backend.connect(conn, connecting);
  world.outcomes.push_back(connected.outcome);
  if (connected.session == nullptr) co_return;
  Patience patience(world.loop, world.stops);
  for (const Exchange& exchange : exchanges) {
    const Outcome outcome = co_await connected.session->run(exchange, patience);
    world.outcomes.push_back(outcome);
    world.phases.push_back(connected.session->failed_phase(Phase::step));
    world.conditions.push_back(connected.session->condition());
  }
}

Exchange exchange_of(Exchange::Kind kind) {
  Exchange exchange;
  exchange.kind = kind;
  return exchange;
}
Exchange step_of(const LiveWorld& world, std::uint32_t index, TransactionMode mode) {
  static const std::vector<std::string> values{"7"};
  Exchange exchange = exchange_of(Exchange::Kind::step);
  exchange.step = &world.scenario.requests[0].steps[index];
  exchange.step_index = index;
  exchange.mode = mode;
  exchange.values = &values;
  return exchange;
}

TEST_CASE("BEGIN travels with a statement of any protocol", "[live][habits]") {
  const Protocol protocol = GENERATE(Protocol::prepared, Protocol::extended, Protocol::simple);
  sql("DROP TABLE IF EXISTS begun_with; CREATE TABLE begun_with (n int, level text)");
  LiveWorld world(live_scenario(
      {live_sql("INSERT INTO begun_with VALUES ($1, current_setting('transaction_isolation'))", {0},
                protocol)}));
  const auto serializable = TransactionMode::serializable;
  world.run(use(world, {step_of(world, 0, serializable), step_of(world, 0, TransactionMode::none),
                        exchange_of(Exchange::Kind::rollback), step_of(world, 0, serializable),
                        exchange_of(Exchange::Kind::commit)}));
  for (const Outcome& outcome : world.outcomes) CHECK(outcome.ok());
  CHECK(world.conditions == std::vector<Condition>{Condition::in_transaction,
                                                   Condition::in_transaction, Condition::clean,
                                                   Condition::in_transaction, Condition::clean});
  CHECK(sql("SELECT string_agg(n || level, ',') FROM begun_with") == "7serializable");
}

TEST_CASE("a statement that fails behind its BEGIN fails as itself", "[live][habits]") {
  const Protocol protocol = GENERATE(Protocol::prepared, Protocol::extended, Protocol::simple);
  LiveWorld world(live_scenario({live_sql("SELECT 1 / ($1::int - 7)", {0}, protocol)}));
  world.run(use(world, {step_of(world, 0, TransactionMode::read_write),
                        exchange_of(Exchange::Kind::rollback), exchange_of(Exchange::Kind::ping)}));
  CHECK(std::string(world.outcomes[1].sqlstate.data()) == "22012");
  CHECK(world.phases[0] == Phase::step);
  CHECK(world.conditions ==
        std::vector<Condition>{Condition::in_transaction, Condition::clean, Condition::clean});
}

Task<> begin_on_dead(LiveWorld& world, Exchange exchange) {
  Patience patience(world.loop, world.stops);
  const ConnId conn{0, 1};
  Connected connected = co_await world.backend.connect(conn, patience);
  sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'habits'");
  const TimePoint later = world.loop.now() + 100ms;
  co_await SleepUntil(world.loop, later);
  const Outcome outcome = co_await connected.session->run(exchange, patience);
  world.outcomes.push_back(outcome);
  world.phases.push_back(connected.session->failed_phase(Phase::step));
}

TEST_CASE("on a dead connection it is BEGIN that fails", "[live][habits]") {
  const Protocol protocol = GENERATE(Protocol::extended, Protocol::simple);
  LiveWorld world(live_scenario({live_sql("SELECT $1::int", {0}, protocol)}));
  world.run(begin_on_dead(world, step_of(world, 0, TransactionMode::read_write)));
  CHECK_FALSE(world.outcomes[0].ok());
  CHECK(world.phases[0] == Phase::begin);
  const auto outages = world.backend.outages().within(TimePoint{}, world.loop.now());
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].lost_connections == 1);
}

Task<> overstay(LiveWorld& world, std::vector<Exchange> exchanges) {
  Patience patience(world.loop, world.stops);
  const ConnId conn{0, 1};
  Connected connected = co_await world.backend.connect(conn, patience);
  for (const Exchange& exchange : exchanges) {
    world.outcomes.push_back(co_await connected.session->run(exchange, patience));
    const TimePoint later = world.loop.now() + 100ms;
    co_await SleepUntil(world.loop, later);
  }
  world.conditions.push_back(connected.session->condition());
}

TEST_CASE("a connection that the server ends by a rule is no outage", "[live][habits]") {
  LiveWorld world(live_scenario({live_sql("SET idle_in_transaction_session_timeout = 10")}));
  world.run(
      overstay(world, {step_of(world, 0, TransactionMode::none), exchange_of(Exchange::Kind::begin),
                       exchange_of(Exchange::Kind::commit)}));
  CHECK(world.outcomes[2].failure == FailureClass::sql_error);
  CHECK(world.conditions[0] == Condition::broken);
  CHECK(world.outages.within(TimePoint{}, world.loop.now()).empty());
}

TEST_CASE("pools on one server share what is known of it", "[live][habits]") {
  Scenario scenario = live_scenario({live_sql("SELECT 1")});
  scenario.deployment.others.resize(2, scenario.deployment.pool);
  scenario.deployment.others[0].role = "app";
  scenario.deployment.others[0].role_by = RoleBy::set_role;
  scenario.deployment.others[1].target = PoolTarget::replica;
  EpollTime time;
  LiveCanceller canceller;
  const PoolBackends backends(time, scenario, {"host=a", "host=b"}, "habits", canceller);
  const Backends& by_pool = backends.by_pool();
  CHECK(&by_pool[0]->outages() == &by_pool[1]->outages());
  CHECK(&by_pool[0]->outages() != &by_pool[2]->outages());
}

TEST_CASE("DISCARD ALL forgets what was prepared, the reset query does not", "[live][habits]") {
  LiveWorld world(live_scenario({live_sql("SELECT $1::int", {0})}));
  const Exchange step = step_of(world, 0, TransactionMode::none);
  world.run(use(world, {step, exchange_of(Exchange::Kind::discard_all), step,
                        exchange_of(Exchange::Kind::reset_query), step}));
  for (const Outcome& outcome : world.outcomes) CHECK(outcome.ok());
}

TEST_CASE("DISCARD ALL within a transaction fails", "[live][habits]") {
  LiveWorld world(live_scenario({live_sql("SELECT 1")}));
  world.run(
      use(world, {exchange_of(Exchange::Kind::begin), exchange_of(Exchange::Kind::discard_all)}));
  CHECK(std::string(world.outcomes[2].sqlstate.data()) == "25001");
}

Task<> idle_until_lost(LiveWorld& world) {
  Patience patience(world.loop, world.stops);
  const ConnId conn{3, 9};
  Connected connected = co_await world.backend.connect(conn, patience);
  connected.session->watch_idle(world, conn);
  sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'habits'");
  const TimePoint until = world.loop.now() + 5s;
  while (world.lost.empty() && world.loop.now() < until) {
    const TimePoint next = world.loop.now() + 5ms;
    co_await SleepUntil(world.loop, next);
  }
  world.conditions.push_back(connected.session->condition());
}

TEST_CASE("a watched idle session notices that the server closed it", "[live][habits]") {
  LiveWorld world(live_scenario({live_sql("SELECT 1")}));
  world.run(idle_until_lost(world));
  CHECK(world.lost == std::vector<ConnId>{ConnId{3, 9}});
  CHECK(world.conditions[0] == Condition::broken);
}

/// Somebody who accepts connections at a server's address and says nothing.
class SilentServer {
 public:
  explicit SilentServer(const std::string& directory) : path_(directory + "/.s.PGSQL.5432") {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(static_cast<char*>(address.sun_path), path_.c_str(), path_.size() + 1);
    fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path_.c_str());
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(fd_, 5) == 0);
  }
  ~SilentServer() { close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  /// Takes the next connection and reads until its end; false when none came to an end.
  bool sees_the_end() {
    const int peer = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    timeval limit{5, 0};
    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char bytes[256];
    ssize_t got = 1;
    while (got > 0) got = recv(peer, bytes, sizeof bytes, 0);
    close(peer);
    return got == 0;
  }

 private:
  std::string path_;
  int fd_ = -1;
};

Task<> connect_until(LiveWorld& world, Duration limit) {
  Patience connecting(world.loop, world.stops);
  const TimePoint deadline = world.loop.now() + limit;
  connecting.set_deadline(deadline);
  const ConnId conn{0, 1};
  const Connected connected = co_await world.backend.connect(conn, connecting);
  world.outcomes.push_back(connected.outcome);
}

TEST_CASE("a connect that its pool gives up is no dead server, one that timed out is",
          "[live][habits]") {
  const TemporaryBase base;
  const SilentServer silent(base.path());
  const std::string conninfo = "host=" + base.path() + " port=5432 dbname=x user=x";
  LiveWorld world(live_scenario({live_sql("SELECT 1")}), conninfo);
  for (const Duration limit : {Duration(50ms), Duration(1100ms)}) {
    world.run(connect_until(world, limit));
    CHECK(world.outcomes.back().failure == FailureClass::connect_timeout);
    CHECK_FALSE(world.outages.open());
  }
  LiveWorld impatient(live_scenario({live_sql("SELECT 1")}), conninfo + " connect_timeout=1");
  impatient.run(connect_until(impatient, 5s));
  CHECK(impatient.outcomes[0].failure == FailureClass::connect_timeout);
  CHECK(impatient.outages.open());
}

Task<> cancel_after(LiveWorld& world, Patience& connecting) {
  const TimePoint later = world.loop.now() + 20ms;
  co_await SleepUntil(world.loop, later);
  connecting.cancel();
}
Task<> connect_cancelled(LiveWorld& world) {
  Patience connecting(world.loop, world.stops);
  world.scope.spawn(cancel_after(world, connecting));
  const ConnId conn{0, 1};
  const Connected connected = co_await world.backend.connect(conn, connecting);
  world.outcomes.push_back(connected.outcome);
}

TEST_CASE("a connect that is broken off closes its socket", "[live][habits]") {
  const TemporaryBase base;
  SilentServer silent(base.path());
  LiveWorld world(live_scenario({live_sql("SELECT 1")}),
                  "host=" + base.path() + " port=5432 dbname=x user=x");
  world.run(connect_cancelled(world));
  CHECK(world.outcomes[0].failure == FailureClass::connect_timeout);
  CHECK(silent.sees_the_end());
}

TEST_CASE("a cancellation that nobody answers does not hold up the end", "[live][habits]") {
  const TemporaryBase base;
  const std::string real = sql("SHOW unix_socket_directories") + "/.s.PGSQL." + sql("SHOW port");
  std::filesystem::create_symlink(real, base / ".s.PGSQL.5432");
  const std::string database = sql("SELECT current_database()");
  const std::string user = sql("SELECT current_user");
  const std::string where =
      "host=" + base.path() + " port=5432 dbname=" + database + " user=" + user;
  PGconn* connection = PQconnectdb(where.c_str());
  REQUIRE(PQstatus(connection) == CONNECTION_OK);
  SilentServer silent(base.path());
  const TimePoint began = monotonic_now();
  {
    LiveCanceller canceller(100ms);
    canceller.cancel(PQgetCancel(connection));
    canceller.cancel(PQgetCancel(connection));
  }
  CHECK(monotonic_now() - began >= 100ms);
  CHECK(monotonic_now() - began < 20s);
  PQfinish(connection);
}

}  // namespace
