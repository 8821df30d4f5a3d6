// Differences of the server's counters, and which processes are a server of this machine.
#include <catch2/catch.hpp>

#include "pg/process_time.h"
#include "pg/server_counters.h"

#include <unistd.h>

namespace poolgauge {
namespace {

double value_of(const ServerView::Counters& counters, const std::string& name) {
  for (const auto& [known, value] : counters) {
    if (known == name) return value;
  }
  return -1;
}

TEST_CASE("what was counted in between is the difference, but for what was reset", "[counters]") {
  ServerCounters before, after;
  before.database = {{"xact_commit", 100}, {"deadlocks", 3}, {"temp_bytes", 50}};
  after.database = {{"xact_commit", 160}, {"deadlocks", 3}, {"temp_bytes", 10}, {"sessions", 4}};
  before.checkpoints = {{"wal_bytes", 1e12}};
  after.checkpoints = {{"wal_bytes", 1e12 + 4096}};
  ServerView view;
  add_difference(view, before, after);
  CHECK(view.database.size() == 2);
  CHECK(value_of(view.database, "xact_commit") == 60);
  CHECK(value_of(view.database, "deadlocks") == 0);
  CHECK(value_of(view.checkpoints, "wal_bytes") == 4096);
}

TEST_CASE("statements that ran in between, the most expensive first", "[counters]") {
  ServerCounters before, after;
  before.statements = {{"10/1", {"SELECT 1", 100, 5.0, 100}},
                       {"10/2", {"SELECT 2", 7, 9.0, 7}},
                       {"10/3", {"SELECT 3", 500, 80.0, 500}}};
  after.statements = {{"10/1", {"SELECT 1", 140, 8.0, 141}},
                      {"10/2", {"SELECT 2", 7, 9.0, 7}},     // did not run
                      {"10/3", {"SELECT 3", 2, 1.0, 2}},     // was reset
                      {"10/4", {"SELECT 4", 3, 70.0, 30}}};  // is new
  ServerView view;
  add_difference(view, before, after);
  REQUIRE(view.statements.size() == 2);
  CHECK(view.statements[0].query == "SELECT 4");
  CHECK(view.statements[0].calls == 3);
  CHECK(view.statements[1].query == "SELECT 1");
  CHECK(view.statements[1].calls == 40);
  CHECK(view.statements[1].total_ms == Approx(3));
  CHECK(view.statements[1].rows == 41);
}

TEST_CASE("no more statements than a reader looks at", "[counters]") {
  ServerCounters after;
  for (int i = 0; i < 100; ++i) {
    after.statements[std::to_string(i)] = {"q", 1, static_cast<double>(i), 1};
  }
  ServerView view;
  add_difference(view, {}, after);
  REQUIRE(view.statements.size() == 20);
  CHECK(view.statements[0].total_ms == 99);
}

TEST_CASE("a process that is no server's backend is not taken for one", "[counters]") {
  CHECK_FALSE(ServerProcesses::of_backend(getpid()));
  CHECK_FALSE(ServerProcesses::of_backend(1 << 30));
  CHECK_FALSE(ServerProcesses::of_backend(0));
}

}  // namespace
}  // namespace poolgauge
