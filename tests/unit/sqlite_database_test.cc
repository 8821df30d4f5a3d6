// What is checked before a load, and what is cleaned up after it.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "sqlite/fit.h"
#include "sqlite/preflight.h"
#include "sqlite_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

namespace fs = std::filesystem;
using sqlite::Database;

Scenario with_setup(const std::string& text) {
  Scenario scenario = sqlite_scenario({sqlite_step("SELECT n FROM t")});
  scenario.setup = {SqlFile{"setup.sql", text}};
  scenario.teardown = {SqlFile{"teardown.sql", "DROP TABLE t;"}};
  return scenario;
}

std::string error_of(const Status& status) {
  return status.ok() ? "" : status.error().message;
}

TEST_CASE("a throwaway database is filled, checked, and gone", "[sqlite]") {
  const Scenario scenario =
      with_setup("CREATE TABLE t (n);\n-- one row\nINSERT INTO t VALUES (1);");
  std::string path;
  {
    auto database = TestFile::take(Database::open(std::nullopt, scenario, false, no_stop()));
    path = database->settings().place.path;
    CHECK(error_of(database->prepare(scenario, no_stop())).empty());
    CHECK(database->tables() == "t");
    CHECK(database->pragmas().front().second == "5000");
    CHECK(fs::exists(path));
    CHECK(database->tear_down(scenario, no_stop()).empty());
    CHECK(database->tables().empty());
  }
  CHECK_FALSE(fs::exists(fs::path(path).parent_path()));
}

TEST_CASE("what a killed run left is removed by the next one", "[sqlite]") {
  const fs::path left = fs::temp_directory_path() / "poolgauge-sqlite-aaaaaa";
  fs::create_directory(left);
  std::ofstream(left / "owner.lock") << "";
  std::ofstream(left / "poolgauge.db") << "";
  const auto used = TestFile::take(sqlite::Scratch::make());
  CHECK_FALSE(fs::exists(left));
  const auto other = TestFile::take(sqlite::Scratch::make());
  CHECK(fs::exists(fs::path(used->database()).parent_path()));  // still in use
}

TEST_CASE("mistakes in SQL are named with their place", "[sqlite]") {
  Scenario scenario = with_setup("CREATE TABLE t (n);\n  INSERT INTO u VALUES (1);");
  auto database = TestFile::take(Database::open(std::nullopt, scenario, false, no_stop()));
  const std::string in_file = error_of(database->prepare(scenario, no_stop()));
  CHECK(in_file.find("setup.sql:2:") == 0);
  CHECK(in_file.find("no such table: u") != std::string::npos);

  scenario.setup.clear();
  scenario.requests[0].steps[0] = sqlite_step("SELECT m FROM t");
  const Status step = database->prepare(scenario, no_stop());
  CHECK(error_of(step).find("request request, step sql: no such column: m") == 0);
  CHECK(step.error().hint.find("\"sqlite\"") != std::string::npos);

  scenario.requests[0].steps[0] = sqlite_step("begin  CONCURRENT");
  CHECK(error_of(database->prepare(scenario, no_stop())).find("BEGIN CONCURRENT") !=
        std::string::npos);
  scenario.requests[0].steps[0] = sqlite_step("INSERT INTO t VALUES (1)");
  scenario.requests[0].transaction = TransactionMode::read_only;
  CHECK(error_of(database->prepare(scenario, no_stop())).find("read only") != std::string::npos);
}

TEST_CASE("what only PostgreSQL has is refused by name", "[sqlite]") {
  const auto refused = [](const std::function<void(Scenario&)>& change) {
    Scenario scenario = sqlite_scenario({sqlite_step("SELECT 1")});
    change(scenario);
    const Result<Scenario> here = sqlite::adapted(scenario);
    return here.ok() ? std::string() : here.error().message;
  };
  CHECK(refused([](Scenario&) {}).empty());
  CHECK(refused([](Scenario& s) {
          s.server_settings = {{"work_mem", "1MB"}};
        }).find("server.settings") == 0);
  CHECK(refused([](Scenario& s) { s.deployment.pooler.emplace(); }).find("deployment.pooler") == 0);
  CHECK(refused([](Scenario& s) {
          s.deployment.pool.target = PoolTarget::replica;
        }).find("replica") != std::string::npos);
  CHECK(refused([](Scenario& s) { s.deployment.pool.role = "app"; }).find("role") !=
        std::string::npos);
  for (const char* kind : {"asyncpg", "psycopg", "psycopg-null", "pgx", "node-postgres"}) {
    const auto set = [kind](Scenario& s) { s.deployment.pool.kind = kind; };
    CHECK(refused(set).find(kind) != std::string::npos);
  }
  for (const char* kind : {"sqlalchemy", "hikari", "database-sql", "rails", "none", "fixed"}) {
    CHECK(refused([kind](Scenario& s) { s.deployment.pool.kind = kind; }).empty());
  }
}

TEST_CASE("texts for SQLite take the place of the others", "[sqlite]") {
  Scenario scenario = with_setup("CREATE SCHEMA s;");
  scenario.requests[0].steps[0].on_sqlite = sqlite_step("SELECT 2").sql;
  scenario.requests[0].retry.on = {SqlState{"40001"}};
  scenario.setup_on_sqlite = std::vector<SqlFile>{SqlFile{"other.sql", "SELECT 1;"}};
  const Scenario here = TestFile::take(sqlite::adapted(TestFile::take(sqlite::adapted(scenario))));
  CHECK(here.requests[0].steps[0].sql.text == "SELECT 2");
  CHECK(here.setup[0].path == "other.sql");
  CHECK(here.sqlite.has_value());
  CHECK(here.requests[0].retry.covers(SqlState{"517"}));
  CHECK(here.requests[0].retry.on.size() == 3);
}

TEST_CASE("a file that cannot be used is refused with the reason", "[sqlite]") {
  TestFile file;
  const std::string path = file.settings.place.path;
  const auto look = [&file](bool creates, bool writes) {
    return error_of(sqlite::check_file(file.settings, creates, writes));
  };
  CHECK(look(false, false).find("no such file") != std::string::npos);
  CHECK(look(true, true).empty());
  fs::create_directory(path);
  CHECK(look(true, true).find("directory") != std::string::npos);
  fs::remove(path);
  std::ofstream(path) << "";
  CHECK(look(false, true).empty());  // an empty file is an empty database
  std::ofstream(path) << "PK\x03\x04 not a database";
  CHECK(look(false, false).find("not a SQLite database") != std::string::npos);
  std::ofstream(path) << std::string(200, 'x');
  CHECK(look(false, false).find("encrypted") != std::string::npos);
  std::string header = std::string("SQLite format 3\0", 16) + std::string(84, '\0');
  header[18] = header[19] = 3;
  std::ofstream(path, std::ios::binary) << header;
  CHECK(look(false, false).find("newer format") != std::string::npos);
  file.settings.place.path = path + "/below/it.db";
  CHECK_FALSE(look(true, true).empty());
  file.settings.place.path = fs::path(path).parent_path().string() + "/none/it.db";
  CHECK(look(true, true).find("cannot be created") != std::string::npos);
}

TEST_CASE("a journal mode that the database does not take is an error", "[sqlite]") {
  Scenario scenario = sqlite_scenario({sqlite_step("SELECT 1")});
  scenario.sqlite = SqliteServer{"", {{"journal_mode", "wal"}}};
  const auto opened = Database::open(sqlite::Place{"", true}, scenario, false, no_stop());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message.find("asked for wal, but the database is in mode memory") !=
        std::string::npos);
}

TEST_CASE("a log that a crash left behind is noted and recovered", "[sqlite]") {
  TestFile file(sqlite::Pragmas{{"journal_mode", "wal"}});
  TestFile copy;
  {
    TestFile::Client client(file, 1);
    client.run("CREATE TABLE t (n)");
    client.run("INSERT INTO t VALUES (7)");
    for (const char* part : {"", "-wal"}) {
      fs::copy_file(file.settings.place.path + part, copy.settings.place.path + part);
    }
  }
  const Scenario scenario = sqlite_scenario({sqlite_step("SELECT n FROM t")});
  const auto database =
      TestFile::take(Database::open(copy.settings.place, scenario, false, no_stop()));
  REQUIRE(database->notes().size() == 1);
  CHECK(database->notes()[0].find("write-ahead log") != std::string::npos);
  CHECK(database->tables() == "t");
}

}  // namespace
