// One connection, and two that are in each other's way. Nobody really sleeps.
#include <fstream>

#include "sqlite_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

using Client = TestFile::Client;
using Control = sqlite::Connection::Control;

const sqlite::Pragmas kWal = {{"journal_mode", "wal"}};

TEST_CASE("values arrive as numbers and texts in all three protocols", "[sqlite]") {
  const Protocol protocol = GENERATE(Protocol::simple, Protocol::extended, Protocol::prepared);
  TestFile file;
  Client client(file, 1);
  client.bindings[3] = sqlite::Binding::text;
  client.run("CREATE TABLE said (a, b, c, d)");
  const Step step = sqlite_step("INSERT INTO said VALUES ($1, $2, $3, $4)", {0, 1, 2, 3}, protocol);
  std::string null;
  assign_null(null);
  const std::vector<std::vector<std::string>> rows = {
      {"42", "-7", "0.5", "42"}, {"007", "", null, "it's $1"}, {"1e3", "-", "-0", "1.5"}};
  for (const auto& values : rows) {
    REQUIRE(client.connection.run(step, 0, values, nullptr).ok());
  }
  CHECK(client.query("SELECT group_concat(typeof(a) || typeof(b) || typeof(c) || typeof(d), ' ') "
                     "FROM said") == "integerintegerrealtext texttextnulltext texttexttexttext");
  CHECK(client.query("SELECT a || b || d FROM said WHERE rowid = 2") == "007it's $1");
}

TEST_CASE("a text may hold several statements where it is not prepared", "[sqlite]") {
  TestFile file;
  Client client(file, 1);
  client.run("CREATE TABLE t (n)");
  const Step step = sqlite_step("INSERT INTO t VALUES ($1); INSERT INTO t VALUES ($1 + $2)", {0, 1},
                                Protocol::simple);
  REQUIRE(client.connection.run(step, 0, {"1", "2"}, nullptr).ok());
  CHECK(client.query("SELECT group_concat(n) FROM t") == "1,3");
}

TEST_CASE("a step keeps the row that it asked for", "[sqlite]") {
  TestFile file;
  Client client(file, 2);
  Step step = sqlite_step("SELECT 5 AS five, NULL AS none, 'x' AS other");
  step.results = {{"five", 0}, {"none", 1}};
  std::vector<std::string> values(2);
  Capture capture{&values, -1};
  REQUIRE(client.connection.run(step, 0, values, &capture).ok());
  CHECK(capture.rows == 1);
  CHECK(values[0] == "5");
  CHECK(is_null(values[1]));
  const Step none = sqlite_step("SELECT 1 AS five WHERE 0");
  REQUIRE(client.connection.run(none, 1, values, &capture).ok());
  CHECK(capture.rows == 0);
}

TEST_CASE("who waits for the lock sleeps as long as busy_timeout, then fails", "[sqlite]") {
  TestFile file;
  file.settings.busy_timeout = 20ms;
  Client writer(file, 1);
  Client other(file, 1);
  writer.run("CREATE TABLE t (n)");
  REQUIRE(writer.connection.control(Control::begin_immediate).ok());
  const Step insert = sqlite_step("INSERT INTO t VALUES (1)");
  const Outcome outcome = other.connection.run(insert, 0, {}, nullptr);
  CHECK(outcome.failure == FailureClass::database_busy);
  CHECK(std::string(outcome.sqlstate.data()) == "5");
  CHECK(other.connection.error() == "database is locked (SQLITE_BUSY, 5)");
  CHECK(other.slept == std::vector<Duration>{1ms, 2ms, 5ms, 10ms, 2ms});
  CHECK(read(other.counters).lock_waits == 1);
  CHECK(read(other.counters).upgrades_refused == 0);

  other.slept.clear();
  other.on_sleep = [&] {
    if (other.slept.size() == 3) writer.connection.control(Control::commit);
    return true;
  };
  CHECK(other.connection.run(insert, 0, {}, nullptr).ok());
  CHECK(other.slept.size() == 3);
  CHECK(read(other.counters).lock_waits == 2);

  REQUIRE(writer.connection.control(Control::begin_immediate).ok());
  other.slept.clear();
  other.on_sleep = [] { return false; };  // interrupted in its first sleep
  CHECK(other.connection.run(insert, 0, {}, nullptr).failure == FailureClass::database_busy);
  CHECK(other.slept.size() == 1);
}

TEST_CASE("a transaction that has read cannot wait for the writer", "[sqlite]") {
  TestFile file(kWal);
  Client reader(file, 2);
  Client writer(file, 1);
  writer.run("CREATE TABLE t (n)");
  const Step select = sqlite_step("SELECT count(*) FROM t");
  const Step insert = sqlite_step("INSERT INTO t VALUES (1)");
  REQUIRE(reader.connection.control(Control::begin).ok());
  REQUIRE(reader.connection.run(select, 0, {}, nullptr).ok());
  const bool committed = GENERATE(false, true);
  REQUIRE(writer.connection.control(Control::begin_immediate).ok());
  REQUIRE(writer.connection.run(insert, 0, {}, nullptr).ok());
  if (committed) REQUIRE(writer.connection.control(Control::commit).ok());
  const Outcome outcome = reader.connection.run(insert, 1, {}, nullptr);
  CHECK(outcome.failure == FailureClass::database_busy);
  CHECK(std::string(outcome.sqlstate.data()) == (committed ? "517" : "5"));
  CHECK(reader.slept.empty());
  CHECK(read(reader.counters).upgrades_refused == 1);
  CHECK(reader.connection.in_transaction());
  CHECK(reader.connection.control(Control::rollback).ok());
  CHECK_FALSE(reader.connection.in_transaction());
}

TEST_CASE("checkpoints are counted, and those that a reader cuts short", "[sqlite]") {
  TestFile file(sqlite::Pragmas{{"journal_mode", "wal"}, {"wal_autocheckpoint", "1"}});
  Client writer(file, 1);
  Client reader(file, 1);
  writer.run("CREATE TABLE t (n)");
  writer.run("INSERT INTO t VALUES (1)");
  const sqlite::Counted alone = read(writer.counters);
  CHECK(alone.checkpoints >= 2);
  CHECK(alone.checkpoints_cut == 0);
  REQUIRE(reader.connection.control(Control::begin).ok());
  CHECK(reader.query("SELECT count(*) FROM t") == "1");
  writer.run("INSERT INTO t VALUES (2)");
  writer.run("INSERT INTO t VALUES (3)");
  CHECK(read(writer.counters).checkpoints_cut >= 1);
}

TEST_CASE("an interrupt ends a statement, and the connection goes on", "[sqlite]") {
  TestFile file;
  Client client(file, 2);
  const Step endless = sqlite_step(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
  client.connection.interrupt();  // before it begins: it must not be lost
  const Outcome outcome = client.connection.run(endless, 0, {}, nullptr);
  CHECK(std::string(outcome.sqlstate.data()) == "9");
  client.connection.forget_interrupt();
  CHECK(client.connection.run(sqlite_step("SELECT 1"), 1, {}, nullptr).ok());
}

TEST_CASE("a full database and a file that is none have classes of their own", "[sqlite]") {
  TestFile file;
  Client client(file, 1);
  client.run("CREATE TABLE t (n); PRAGMA max_page_count = 4");
  const Step insert = sqlite_step("INSERT INTO t VALUES (zeroblob(100000))");
  CHECK(client.connection.run(insert, 0, {}, nullptr).failure == FailureClass::disk_full);

  TestFile garbage;
  std::ofstream(garbage.settings.place.path) << std::string(4096, 'x');
  sqlite::Counters counters;
  const std::vector<sqlite::Binding> none;
  sqlite::Connection connection(garbage.settings, counters, none, 0);
  std::string value;
  Outcome outcome = connection.open(false);
  if (outcome.ok()) outcome = connection.query("SELECT count(*) FROM sqlite_master", value);
  CHECK(outcome.failure == FailureClass::corrupt);
}

TEST_CASE("connections to a database in memory share it", "[sqlite]") {
  TestFile file;
  file.settings.place = {"", true};
  Client one(file, 1);
  Client two(file, 1);
  one.run("CREATE TABLE t (n)");
  CHECK(two.query("SELECT count(*) FROM t") == "0");
  REQUIRE(one.connection.control(Control::begin).ok());
  one.run("INSERT INTO t VALUES (1)");
  const Outcome locked =
      two.connection.run(sqlite_step("INSERT INTO t VALUES (2)"), 0, {}, nullptr);
  CHECK(locked.failure == FailureClass::database_locked);
  CHECK(two.slept.empty());
}

}  // namespace
