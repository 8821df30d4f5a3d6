// bench_sqlite [PAIRS [SECONDS]]: one writer and eight readers on one file (WAL, synchronous =
// normal), as bare loops over SQLite's API and as this program runs them, in turn. Prints
// transactions per second and the medians of the pairs' ratios; exits 1 when all transactions
// together are fewer than 0.9 of the bare loops'.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "sqlite/live_run.h"
#include "sqlite/worker_time.h"

namespace poolgauge {
namespace {

constexpr double kLeast = 0.9;
constexpr unsigned kReaders = 8;
constexpr int kConversations = 1000;
constexpr const char* kSetup =
    "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;"
    "CREATE TABLE message (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, role TEXT NOT "
    "NULL, body TEXT NOT NULL);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24000)"
    "INSERT INTO message SELECT i, 1 + i % 1000, 'user', hex(zeroblob(100 + i % 200)) FROM n;"
    "CREATE INDEX by_conversation ON message (conversation, id);";
constexpr const char* kRead =
    "SELECT id, role, body FROM message WHERE conversation = $1 ORDER BY id DESC LIMIT 20";
constexpr const char* kWrite =
    "INSERT INTO message (conversation, role, body) VALUES ($1, 'user', $2)";
const std::string kBody(120, 'x');

struct Rates {
  double writes = 0, reads = 0;
  double all() const { return writes + reads; }
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_sqlite: %s\n", why.c_str());
  std::exit(2);
}

sqlite3* open(const std::string& path) {
  sqlite3* db = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &db, kFlags, nullptr) != SQLITE_OK) give_up(path);
  sqlite3_busy_timeout(db, 5000);
  return db;
}

void execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db));
}

sqlite3_stmt* prepared(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) != SQLITE_OK) {
    give_up(sqlite3_errmsg(db));
  }
  return statement;
}

void run_once(sqlite3_stmt* statement) {
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      if (sqlite3_column_type(statement, i) == SQLITE_TEXT) sqlite3_column_blob(statement, i);
    }
  }
  if (code != SQLITE_DONE) give_up(sqlite3_errstr(code));
  sqlite3_reset(statement);
}

std::uint64_t loop(const std::string& path, bool writes, std::uint64_t stream,
                   const std::atomic<bool>& stop) {
  sqlite3* db = open(path);
  execute(db, "PRAGMA synchronous = normal");
  sqlite3_stmt* begin = prepared(db, writes ? "BEGIN IMMEDIATE" : "BEGIN");
  sqlite3_stmt* commit = prepared(db, "COMMIT");
  sqlite3_stmt* statement = prepared(db, writes ? kWrite : kRead);
  Rng rng(1, stream);
  std::uint64_t done = 0;
  for (; !stop.load(std::memory_order_relaxed); ++done) {
    run_once(begin);
    sqlite3_bind_int(statement, 1, static_cast<int>(1 + rng.uniform() * kConversations));
    if (writes) sqlite3_bind_text(statement, 2, kBody.c_str(), -1, SQLITE_STATIC);
    run_once(statement);
    run_once(commit);
  }
  for (sqlite3_stmt* each : {begin, commit, statement}) sqlite3_finalize(each);
  sqlite3_close(db);
  return done;
}

Rates bare(const std::string& path, int seconds) {
  std::atomic<bool> stop{false};
  std::vector<std::uint64_t> done(kReaders + 1);
  std::vector<std::thread> threads;
  const TimePoint begin = sqlite::monotonic_now();
  for (unsigned i = 0; i <= kReaders; ++i) {
    threads.emplace_back([&, i] { done[i] = loop(path, i == 0, i, stop); });
  }
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  const double length = to_s(sqlite::monotonic_now() - begin);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  Rates rates{static_cast<double>(done[0]) / length, 0};
  for (unsigned i = 1; i <= kReaders; ++i) rates.reads += static_cast<double>(done[i]) / length;
  return rates;
}

Scenario scenario_of(bool writes, int seconds) {
  Scenario scenario;
  Step step;
  step.name = "statement";
  step.sql.source = step.sql.text = writes ? kWrite : kRead;
  step.sql.variables = {0};
  if (writes) step.sql.variables.push_back(1);
  VariableSpec conversation;
  conversation.name = "conversation";
  conversation.value = UniformVariable{1, kConversations};
  VariableSpec body;
  body.name = "body";
  body.value = ChoiceVariable{{kBody}, {}};
  scenario.variables = {conversation, body};
  RequestSpec request;
  request.name = "request";
  request.transaction = writes ? TransactionMode::immediate : TransactionMode::read_write;
  request.steps.push_back(step);
  scenario.requests.push_back(request);
  scenario.deployment.pool.kind = "fixed";
  ClosedLoad load;
  load.users = writes ? 1 : kReaders;
  scenario.load = load;
  scenario.duration = std::chrono::seconds(seconds);
  scenario.sqlite.emplace();
  scenario.sqlite->pragmas = {{"synchronous", "normal"}};
  return scenario;
}

double per_s(const Scenario& scenario, const std::string& path) {
  const sqlite::Settings settings = sqlite::settings_of(scenario, sqlite::Place{path, false});
  const StopFlag never;
  const Result<Measurement> run = sqlite::run_live(scenario, settings, {}, never);
  if (!run) give_up(run.error().message);
  const Measurement& measured = run.value();
  if (measured.requests.failed > 0) give_up(measured.failures.front().example);
  return static_cast<double>(measured.requests.completed) / to_s(measured.window);
}

Rates ours(const std::string& path, int seconds) {
  Rates rates;
  std::thread writer([&] { rates.writes = per_s(scenario_of(true, seconds), path); });
  rates.reads = per_s(scenario_of(false, seconds), path);
  writer.join();
  return rates;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

int compare(const std::string& path, int pairs, int seconds) {
  std::vector<double> all;
  for (int i = 0; i < pairs; ++i) {
    Rates one;
    Rates other;
    if (i % 2 == 0) {
      one = bare(path, seconds);
      other = ours(path, seconds);
    } else {
      other = ours(path, seconds);
      one = bare(path, seconds);
    }
    all.push_back(other.all() / one.all());
    std::printf("bare %.0f + %.0f = %.0f/s   ours %.0f + %.0f = %.0f/s   x%.3f\n", one.writes,
                one.reads, one.all(), other.writes, other.reads, other.all(), all.back());
    std::fflush(stdout);
  }
  std::printf("transactions: x%.3f of the bare loops (at least %.2f)\n", median(all), kLeast);
  return median(all) >= kLeast ? 0 : 1;
}

}  // namespace
}  // namespace poolgauge

int main(int argc, char** argv) {
  const int pairs = argc > 1 ? std::atoi(argv[1]) : 5;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 3;
  std::string directory = (std::filesystem::temp_directory_path() / "bench-sqlite-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) poolgauge::give_up("no temporary directory");
  const std::string path = directory + "/bench.db";
  sqlite3* db = poolgauge::open(path);
  poolgauge::execute(db, poolgauge::kSetup);
  const int status = poolgauge::compare(path, pairs, seconds);
  sqlite3_close(db);
  std::filesystem::remove_all(directory);
  return status;
}
