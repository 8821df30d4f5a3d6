// Sessions: what SQLite sees of a request's exchanges.
#include <functional>
#include <optional>

#include "loop/scope.h"
#include "sqlite/sqlite_session.h"
#include "sqlite_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

using sqlite::SqliteBackend;

struct SessionWorld {
  explicit SessionWorld(TestFile& f, std::vector<Step> steps)
      : file(f), scenario(sqlite_scenario(std::move(steps))) {}

  /// Runs `body` with a session.
  void run(const std::function<Task<>(SessionWorld&, Session&)>& body, Duration deadline = 0ms) {
    sqlite::WorkerTime time(1);
    Loop loop(time);
    SqliteBackend backend(time, scenario, file.settings, bindings, counters);
    {
      Scope scope(loop);
      StopList stops;
      patience.emplace(loop, stops);
      if (deadline > 0ms) patience->set_deadline(time.now() + deadline);
      scope.spawn(connect_and(*this, backend, body));
      loop.run(scope.live());
      patience.reset();
    }
  }
  static Task<> connect_and(SessionWorld& world, SqliteBackend& backend,
                            const std::function<Task<>(SessionWorld&, Session&)>& body) {
    const ConnId conn{1};
    Connected connected = co_await backend.connect(conn, *world.patience);
    CHECK(connected.outcome.ok());
    if (connected.session == nullptr) co_return;
    co_await body(world, *connected.session);
  }
  Exchange step(std::uint32_t index) {
    Exchange exchange;
    exchange.kind = Exchange::Kind::step;
    exchange.step = &scenario.requests[0].steps[index];
    exchange.step_index = index;
    exchange.values = &values;
    return exchange;
  }
  static Exchange of(Exchange::Kind kind, TransactionMode mode = TransactionMode::none) {
    Exchange exchange;
    exchange.kind = kind;
    exchange.mode = mode;
    return exchange;
  }
  TestFile& file;
  Scenario scenario;
  std::optional<Patience> patience;
  sqlite::Counters counters;
  std::vector<sqlite::Binding> bindings;
  std::vector<std::string> values;
};

/// A file with an empty table.
struct TableFile : TestFile {
  TableFile() : TestFile(sqlite::Pragmas{{"journal_mode", "wal"}}) {
    settings.busy_timeout = 2ms;
    make.emplace(*this, 1);
    make->run("CREATE TABLE t (n)");
  }
  std::optional<Client> make;
};

Task<> commits(SessionWorld& world, Session& session) {
  const Exchange begin = SessionWorld::of(Exchange::Kind::begin, TransactionMode::read_write);
  const Exchange insert = world.step(0);
  const Exchange commit = SessionWorld::of(Exchange::Kind::commit);
  Outcome outcome = co_await session.run(begin, *world.patience);
  CHECK(outcome.ok());
  CHECK(session.condition() == Condition::in_transaction);
  outcome = co_await session.run(insert, *world.patience);
  CHECK(outcome.ok());
  CHECK(world.file.settings.place.memory == false);
  outcome = co_await session.run(commit, *world.patience);
  CHECK(outcome.ok());
  CHECK(session.condition() == Condition::clean);
  const Exchange rollback = SessionWorld::of(Exchange::Kind::rollback);
  outcome = co_await session.run(begin, *world.patience);
  outcome = co_await session.run(insert, *world.patience);
  outcome = co_await session.run(rollback, *world.patience);
  CHECK(outcome.ok());
  CHECK(session.condition() == Condition::clean);
}

TEST_CASE("a transaction is committed, and another one rolled back", "[sqlite]") {
  TableFile file;
  SessionWorld world(file, {sqlite_step("INSERT INTO t VALUES (1)")});
  world.run(commits);
  CHECK(file.make->query("SELECT count(*) FROM t") == "1");
}

Task<> begins_then_writes(SessionWorld& world, Session& session) {
  const Exchange begin =
      SessionWorld::of(Exchange::Kind::begin, world.scenario.requests[0].transaction);
  const Exchange select = world.step(0);
  const Exchange insert = world.step(1);
  const Exchange commit = SessionWorld::of(Exchange::Kind::commit);
  Outcome outcome = co_await session.run(begin, *world.patience);
  CHECK(outcome.ok());
  outcome = co_await session.run(select, *world.patience);
  CHECK(outcome.ok());
  // Somebody else writes in between.
  static_cast<TableFile&>(world.file).make->run("INSERT INTO t VALUES (0)");
  outcome = co_await session.run(insert, *world.patience);
  world.values = {name_of(outcome.failure) == "none" ? "written" : outcome.sqlstate.data()};
  if (outcome.ok()) outcome = co_await session.run(commit, *world.patience);
}

// The old default of Python's module reads outside of the transaction, so it sees no conflict.
TEST_CASE("Python's habit begins with the first statement that writes", "[sqlite]") {
  TableFile file;
  SessionWorld world(
      file, {sqlite_step("SELECT count(*) FROM t"), sqlite_step("INSERT INTO t VALUES (1)")});
  world.scenario.requests[0].transaction = TransactionMode::read_write;
  file.settings.habits.begins_at_first_write = GENERATE(false, true);
  world.run(begins_then_writes);
  const bool late = file.settings.habits.begins_at_first_write;
  CHECK(world.values[0] == (late ? "written" : "517"));
}

Task<> begins_locked(SessionWorld& world, Session& session) {
  const Exchange begin =
      SessionWorld::of(Exchange::Kind::begin, world.scenario.requests[0].transaction);
  const Outcome outcome = co_await session.run(begin, *world.patience);
  world.values = {outcome.sqlstate.data()};
}

TEST_CASE("an immediate transaction waits at its BEGIN", "[sqlite]") {
  TableFile file;
  SessionWorld world(file, {sqlite_step("INSERT INTO t VALUES (1)")});
  REQUIRE(file.make->connection.control(sqlite::Connection::Control::begin_immediate).ok());
  file.settings.habits.begins_immediately = GENERATE(false, true);
  const bool asked = GENERATE(false, true);
  world.scenario.requests[0].transaction =
      asked ? TransactionMode::immediate : TransactionMode::read_write;
  world.run(begins_locked);
  const bool immediate = asked || file.settings.habits.begins_immediately;
  CHECK(world.values[0] == (immediate ? "5" : ""));
  CHECK(read(world.counters).lock_waits == (immediate ? 1U : 0U));
}

Task<> runs_long(SessionWorld& world, Session& session) {
  const Exchange endless = world.step(0);
  Outcome outcome = co_await session.run(endless, *world.patience);
  CHECK(outcome.failure == FailureClass::deadline);
  CHECK_FALSE(session.error_text().empty());
  CHECK(session.condition() == Condition::clean);
  world.patience->set_deadline(kNever);
  const Exchange ping = SessionWorld::of(Exchange::Kind::ping);
  outcome = co_await session.run(ping, *world.patience);
  CHECK(outcome.ok());
  const Exchange next = world.step(1);
  outcome = co_await session.run(next, *world.patience);
  CHECK(outcome.ok());
}

TEST_CASE("a deadline interrupts the statement, also while it waits for a lock", "[sqlite]") {
  TableFile file;
  file.settings.busy_timeout = std::chrono::hours(1);
  const bool locked = GENERATE(false, true);
  SessionWorld world(file,
                     {sqlite_step(locked ? "INSERT INTO t VALUES (1)"
                                         : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
                                           "i + 1 FROM n) SELECT count(*) FROM n"),
                      sqlite_step("SELECT count(*) FROM t")});
  if (locked)
    REQUIRE(file.make->connection.control(sqlite::Connection::Control::begin_immediate).ok());
  world.run(runs_long, 20ms);
}

}  // namespace
