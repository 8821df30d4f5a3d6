// Whole runs: what was asked really happened in the file, and is counted.
#include "sqlite/live_run.h"
#include "sqlite_bench.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

struct LiveFile : TestFile {
  explicit LiveFile(sqlite::Pragmas pragmas = {{"journal_mode", "wal"}, {"synchronous", "off"}})
      : TestFile(std::move(pragmas)) {
    client.emplace(*this, 1);
    client->run("CREATE TABLE t (id INTEGER PRIMARY KEY, n)");
  }
  Measurement run(const Scenario& scenario, const sqlite::RunOptions& options = {},
                  const StopFlag& stop = no_stop()) {
    Measurement m = take(sqlite::run_live(scenario, settings, options, stop));
    CHECK(m.latency.count() == m.requests.completed);
    std::uint64_t failed = 0;
    for (const FailureCount& failure : m.failures) failed += failure.count;
    CHECK(failed == m.requests.failed);
    return m;
  }
  std::optional<Client> client;
};

double figure(const Measurement& m, const std::string& name) {
  for (const auto& [each, value] : m.server.database) {
    if (each == name) return value;
  }
  return -1;
}

TEST_CASE("what completed is in the file, whatever the threads", "[sqlite]") {
  LiveFile file;
  Scenario scenario = sqlite_scenario(
      {sqlite_step("INSERT INTO t (n) VALUES (1)"), sqlite_step("SELECT n FROM t WHERE id = 1")},
      TransactionMode::immediate);
  scenario.deployment.processes = GENERATE(1U, 3U);
  const Measurement m = file.run(scenario);
  for (const FailureCount& f : m.failures) UNSCOPED_INFO(f.example);
  CHECK(m.requests.failed == 0);
  CHECK(m.requests.completed > 0);
  const auto rows = std::stoull(file.client->query("SELECT count(*) FROM t"));
  CHECK(rows >= m.requests.completed);
  CHECK(rows <= m.requests.completed + 4);
  CHECK(m.steps.size() == 2);
  for (const Histogram& step : m.steps) CHECK(step.count() == m.requests.completed);
  CHECK(m.client.threads >= 1);
  CHECK(figure(m, "cache_hits") > 0);
  CHECK(figure(m, "wal_bytes_max") > 0);
  CHECK(m.calibration.shares_client);
}

TEST_CASE("transactions that read first fail under writers, at once", "[sqlite]") {
  LiveFile file;
  const Scenario scenario = sqlite_scenario(
      {sqlite_step("SELECT count(*) FROM t"), sqlite_step("INSERT INTO t (n) VALUES (1)")},
      TransactionMode::read_write);
  const Measurement m = file.run(scenario);
  CHECK(m.requests.completed > 0);
  CHECK(m.requests.failed > 0);
  std::uint64_t busy = 0;
  for (const FailureCount& f : m.failures) {
    if (f.failure == FailureClass::database_busy) busy += f.count;
  }
  CHECK(busy == m.requests.failed);
  CHECK(figure(m, "upgrades_refused") > 0);
}

TEST_CASE("a stop interrupts a statement that would never end", "[sqlite]") {
  LiveFile file;
  Scenario scenario = sqlite_scenario({sqlite_step(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")});
  scenario.duration = std::chrono::hours(1);
  StopFlag stop;
  sqlite::RunOptions options;
  options.on_progress = [&stop](const Progress&) { stop.request(); };  // twice: in a hurry
  const Measurement m = file.run(scenario, options, stop);
  CHECK(m.partial);
  CHECK(m.requests.in_flight == 4);
}

TEST_CASE("a goal ends a run early", "[sqlite]") {
  LiveFile file;
  Scenario scenario = sqlite_scenario({sqlite_step("SELECT 1")});
  scenario.duration = std::chrono::hours(1);
  sqlite::RunOptions options;
  options.ends_early = [](const Measurement& so_far) -> std::optional<std::string> {
    return so_far.requests.completed > 0 ? std::optional<std::string>("enough") : std::nullopt;
  };
  CHECK(file.run(scenario, options).ended_by == "enough");
}

}  // namespace
