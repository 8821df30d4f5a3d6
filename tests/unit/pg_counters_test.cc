// Differences of the server's counters, and which processes are a server of this machine.
#include <catch2/catch.hpp>

#include "pg/probe/backend_memory.h"
#include "pg/probe/server_counters.h"

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

constexpr const char* kRollup =
    "55e39347b000-7ffc033c1000 ---p 00000000 00:00 0                          [rollup]\n"
    "Rss:               20480 kB\n"
    "Pss:                8192 kB\n"
    "Pss_Dirty:          2048 kB\n"
    "Pss_Anon:           2048 kB\n"
    "Pss_File:           1024 kB\n"
    "Pss_Shmem:          5120 kB\n"
    "Private_Clean:        12 kB\n"
    "Private_Dirty:      1012 kB\n";

TEST_CASE("what a process adds is its share of all but the shared memory", "[memory]") {
  const auto memory = parse_process_memory(kRollup, "VmPeak:\t  1 kB\nVmPTE:\t     512 kB\n");
  REQUIRE(memory);
  CHECK(memory->pss == Approx(8));
  CHECK(memory->own == Approx(3));
  CHECK(memory->page_tables == Approx(0.5));
}

TEST_CASE("an older kernel's text, half a text, and none", "[memory]") {
  const auto older = parse_process_memory(
      "x [rollup]\nPss: 2048 kB\nPrivate_Clean: 256 kB\nPrivate_Dirty: 256 kB\n", "");
  REQUIRE(older);
  CHECK(older->own == Approx(0.5));
  CHECK(older->page_tables == 0);
  for (const char* text : {"", "Pss:", "Pss: x kB", "Pss: -4 kB", "Pss_Anon: 4 kB", "\n\n"}) {
    CHECK_FALSE(parse_process_memory(text, "VmPTE: 4 kB"));
  }
}

TEST_CASE("when a process began: ticks after the machine's start", "[memory]") {
  const std::string stat =
      "17 (postgres: a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 12345 20 21";
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto began = process_start_s(stat, "cpu 1 2\nintr 5 6\nbtime 1700000000\nprocesses 9\n");
  REQUIRE(began);
  CHECK(*began == Approx(1'700'000'000 + 12345 * tick).epsilon(1e-12));
  CHECK_FALSE(process_start_s(stat, "cpu 1 2\n"));
  CHECK_FALSE(process_start_s("17 (postgres) S 1 2", "btime 1700000000\n"));
  CHECK_FALSE(process_start_s("", "btime 1700000000\n"));
  CHECK(*seconds_after_boot(stat) == Approx(12345 * tick));
  for (const char* text : {"", ")", "1 (a)", "1 (a) S 1 2 3",
                           "1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 "
                           "13 14 15 16 17 18 x"}) {
    CHECK_FALSE(seconds_after_boot(text));
  }
}

}  // namespace
}  // namespace poolgauge
