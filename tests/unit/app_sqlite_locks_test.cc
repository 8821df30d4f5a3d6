// SQLite's locks: who may read and write, and what waiting for them does to a load.
#include <utility>

#include "poolgauge/simulate.h"
#include "sim_bench.h"
#include "sqlite/locks.h"
#include "sqlite/locks_backend.h"

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

using Answer = sqlite::Locks::Answer;
using Part = sqlite::Locks::Part;

TEST_CASE("with a log readers and the writer do not wait for each other", "[sqlite]") {
  sqlite::Locks locks(true);
  Part writer, reader, other;
  CHECK(locks.write(writer) == Answer::granted);
  CHECK(locks.read(reader) == Answer::granted);
  CHECK(locks.write(other) == Answer::wait);
  CHECK(locks.write(reader) == Answer::busy);  // waiting would not help
  CHECK(locks.commit(writer) == Answer::granted);
  locks.end(writer, true);
  CHECK(locks.write(reader) == Answer::stale);  // somebody has committed since it read
  locks.end(reader, false);
  CHECK(locks.write(reader) == Answer::granted);
  CHECK(locks.write(other) == Answer::wait);
  locks.end(reader, false);
  CHECK(locks.read(other) == Answer::granted);
  CHECK(locks.write(other) == Answer::granted);  // nothing was committed
}

TEST_CASE("with a rollback journal a commit needs to be alone", "[sqlite]") {
  sqlite::Locks locks(false);
  Part writer, reader, other;
  CHECK(locks.read(reader) == Answer::granted);
  CHECK(locks.write(writer) == Answer::granted);
  CHECK(locks.read(other) == Answer::granted);
  CHECK(locks.write(other) == Answer::busy);
  locks.end(other, false);
  CHECK(locks.commit(writer) == Answer::wait);
  CHECK(locks.read(other) == Answer::wait);  // no reader begins meanwhile
  CHECK(locks.read(reader) == Answer::granted);
  locks.end(reader, true);
  CHECK(locks.commit(writer) == Answer::granted);
  locks.end(writer, true);
  CHECK(locks.read(other) == Answer::granted);
  CHECK(locks.write(other) == Answer::granted);
}

/// Users who write and then work for 10 ms before they commit. They think in between: who takes the
/// lock again at once starves those that sleep.
Scenario writers(std::uint32_t users, TransactionMode mode, bool reads_first = false) {
  Step insert;
  insert.name = "insert";
  insert.sql.source = insert.sql.text = "INSERT INTO t VALUES (1)";
  Step select = insert;
  select.name = "select";
  select.sql.source = select.sql.text = "SELECT 1";
  Step hold;
  hold.name = "hold";
  hold.kind = StepKind::hold;
  hold.time = FixedDuration{10ms};
  Scenario scenario;
  RequestSpec request;
  request.name = "request";
  request.transaction = mode;
  if (reads_first) request.steps.push_back(select);
  request.steps.insert(request.steps.end(), {insert, hold});
  scenario.requests.push_back(request);
  ClosedLoad load;
  load.users = users;
  load.think = ExponentialDuration{10ms};
  scenario.load = load;
  scenario.duration = 20s;
  scenario.deployment.pool.kind = "fixed";
  return scenario;
}

ServerProfile plain_profile() {
  ServerProfile profile;
  profile.round_trip = 0ns;
  profile.begin_work = 1us;
  profile.commit_work = 20us;
  profile.statement_cost = 20us;
  return profile;
}

ServerProfile sqlite_profile(const std::string& busy_timeout_ms, const std::string& journal = "wal",
                             const std::string& preset = "better-sqlite3") {
  Scenario scenario;
  scenario.sqlite =
      SqliteServer{preset, {{"journal_mode", journal}, {"busy_timeout", busy_timeout_ms}}};
  ServerProfile profile = plain_profile();
  sqlite::put_locks(profile, scenario);
  return profile;
}

Measurement simulated(const Scenario& scenario, const ServerProfile& profile) {
  const StopFlag never;
  return simulate(scenario, profile, 1, never);
}

double per_s(const Measurement& m) {
  return static_cast<double>(m.requests.completed) / to_s(m.window);
}

TEST_CASE("writers run one after the other, and readers at once", "[sqlite]") {
  const Scenario scenario = writers(4, TransactionMode::immediate);
  const Measurement m = simulated(scenario, sqlite_profile("5000"));
  CHECK(m.requests.failed == 0);
  CHECK(per_s(m) < 100);  // 10 ms each, and sleeps in between
  CHECK(per_s(m) > 40);
  CHECK(per_s(simulated(scenario, plain_profile())) > 190);
  Scenario readers = scenario;
  readers.requests[0].steps[0].sql.source = "SELECT 1";
  readers.requests[0].transaction = TransactionMode::read_write;
  CHECK(per_s(simulated(readers, sqlite_profile("5000"))) > 190);
}

TEST_CASE("who waits longer than the busy timeout fails", "[sqlite]") {
  const Scenario scenario = writers(8, TransactionMode::immediate);
  const Measurement m = simulated(scenario, sqlite_profile("20"));
  CHECK(m.requests.failed > 0);
  REQUIRE(m.failures.size() == 1);
  CHECK(m.failures[0].failure == FailureClass::database_busy);
  CHECK(m.failures[0].sqlstate == "5");
  CHECK(m.failures[0].phase == Phase::begin);
}

TEST_CASE("transactions that read first fail at once, whatever the timeout", "[sqlite]") {
  const Scenario scenario = writers(4, TransactionMode::read_write, true);
  const Measurement m = simulated(scenario, sqlite_profile("5000"));
  CHECK(m.requests.completed > 0);
  CHECK(m.requests.failed > m.requests.completed);
  for (const FailureCount& f : m.failures) CHECK(f.failure == FailureClass::database_busy);
  // Python's habit: what is read before the first write is not in the transaction.
  CHECK(simulated(scenario, sqlite_profile("5000", "wal", "python")).requests.failed == 0);
  CHECK(simulated(scenario, sqlite_profile("5000", "wal", "rails-8")).requests.failed == 0);
}

TEST_CASE("with a rollback journal readers keep writers from committing", "[sqlite]") {
  Scenario scenario = writers(4, TransactionMode::read_write);
  RequestSpec reads = scenario.requests[0];
  reads.name = "reads";
  reads.weight = 4;
  reads.steps[0].sql.source = "SELECT 1";
  scenario.requests.push_back(reads);
  const double journal = per_s(simulated(scenario, sqlite_profile("5000", "delete")));
  const double log = per_s(simulated(scenario, sqlite_profile("5000", "wal")));
  CHECK(journal < 0.9 * log);
}

}  // namespace
