// Opening, filling and checking the database before the load, and cleaning up after it.
#include "sqlite/database.h"

#include <sqlite3.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/quantities.h"
#include "base/text.h"
#include "sql/sql.h"
#include "sqlite/failure.h"
#include "sqlite/log_watch.h"
#include "sqlite/preflight.h"

namespace poolgauge::sqlite {

namespace {

constexpr const char* kTwoTexts =
    "correct the statement; where SQLite and PostgreSQL need different ones, write \"sql\": "
    "{\"sqlite\": …, \"postgresql\": …}";

Error interrupted() {
  return Error{ErrorKind::interrupted, "interrupted", ""};
}

bool contains_word_pair(std::string_view text, std::string_view first, std::string_view second) {
  std::string words;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (blank && (words.empty() || words.back() == ' ')) continue;
    words += blank ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return words.starts_with(std::string(first) + " " + std::string(second));
}

/// The place of a failed statement in a file, and the library's words.
std::string file_error(const SqlFile& file, std::size_t begin, const Connection& connection) {
  const int within = connection.error_offset();
  const std::size_t offset = begin + static_cast<std::size_t>(std::max(within, 0));
  const TextPlace place = place_of(file.content, offset);
  std::string text =
      fmt::format("{}:{}:{}: {}", file.path, place.line, place.column, connection.error());
  if (within >= 0) text += "\n" + caret_lines(file.content, offset);
  return text;
}

/// Blanks before a statement are not its place.
std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
  return at;
}

Status run_file(Connection& connection, const SqlFile& file) {
  const char* const text = file.content.c_str();
  for (const char* at = text; *at != '\0';) {
    const std::size_t begin = skip_blanks(file.content, static_cast<std::size_t>(at - text));
    const Outcome outcome = connection.first_of(text + begin, at, Connection::Depth::run);
    if (outcome.ok()) continue;
    if (connection.interrupted()) return interrupted();
    const bool of_sql = outcome.failure == FailureClass::sql_error;
    return Error{of_sql ? ErrorKind::usage : ErrorKind::target, file_error(file, begin, connection),
                 of_sql ? "correct the statement" : ""};
  }
  return success();
}

Error step_error(const RequestSpec& request, const Step& step, const Connection& connection) {
  std::string message =
      fmt::format("request {}, step {}: {}", request.name, step.name, connection.error());
  if (const int within = connection.error_offset(); within >= 0) {
    const auto character = static_cast<std::size_t>(within) + 1;
    const std::size_t place = step.sql.source_position(character);
    message += "\n" + caret_lines(step.sql.source, offset_of_character(step.sql.source, place));
  }
  return usage_error(message, kTwoTexts);
}

bool reads_only(TransactionMode mode) {
  return mode == TransactionMode::read_only || mode == TransactionMode::repeatable_read_read_only ||
         mode == TransactionMode::serializable_read_only ||
         mode == TransactionMode::serializable_deferrable;
}

Status check_step(Connection& connection, const RequestSpec& request, const Step& step,
                  std::uint32_t index) {
  if (contains_word_pair(step.sql.source, "begin", "concurrent")) {
    return usage_error(
        fmt::format("request {}, step {}: BEGIN CONCURRENT exists only in a branch of "
                    "SQLite, not in SQLite {}",
                    request.name, step.name, Database::version()),
        "use BEGIN IMMEDIATE, or \"transaction\": \"immediate\"");
  }
  for (const char* text = step.sql.text.c_str(); *text != '\0';) {
    const Outcome outcome = connection.first_of(text, text, Connection::Depth::prepare);
    if (!outcome.ok()) return step_error(request, step, connection);
    if (step.protocol == Protocol::prepared) break;
  }
  if (reads_only(request.transaction) && !connection.reads_only(step, index)) {
    return usage_error(
        fmt::format("request {}, step {}: the statement writes, but the transaction is "
                    "read only",
                    request.name, step.name),
        "set \"transaction\": true on the request");
  }
  return success();
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::optional<Place>& place,
                                                 const Scenario& scenario, bool allow_setup,
                                                 const StopFlag& stop) {
  std::unique_ptr<Scratch> scratch;
  Place at = place.value_or(Place{});
  if (!place) {
    Result<std::unique_ptr<Scratch>> made = Scratch::make();
    if (!made.ok()) return made.error();
    scratch = std::move(made).value();
    at.path = scratch->database();
  }
  std::unique_ptr<Database> database(new Database(settings_of(scenario, at)));
  database->scratch_ = std::move(scratch);
  const bool creates = !scenario.setup.empty();
  if (place) {
    const Status good = check_file(database->settings_, creates, creates);
    if (!good.ok()) return good.error();
    const std::uint64_t log = file_size(at.path + "-wal");
    if (log > 0) {
      database->notes_.push_back(fmt::format(
          "A write-ahead log of {} bytes was there before the run: a crash left it behind, or "
          "another program has the database open.",
          with_thousands(log)));
    }
  }
  database->bindings_ = bindings_of(scenario.variables);
  database->connection_ = std::make_unique<Connection>(database->settings_, database->counters_,
                                                       database->bindings_, scenario.step_count());
  Connection& connection = *database->connection_;
  connection.ends_when([&stop] { return stop.requested(); });
  const Outcome opened = connection.open(!place || creates);
  std::string ignored;
  if (!opened.ok() || !connection.query("PRAGMA schema_version", ignored).ok()) {
    if (stop.requested()) return interrupted();
    return Error{ErrorKind::target, at.url() + ": " + connection.error(),
                 "check that no other program holds a lock on it, and the file's permissions"};
  }
  if (const Status took = database->check_pragmas(); !took.ok()) return took.error();
  if (creates) {
    const Status free = database->check_tables(allow_setup);
    if (!free.ok()) return free.error();
  }
  return database;
}

Status Database::check_tables(bool allow_setup) {
  const std::string there = tables();
  if (there.empty() || allow_setup) return success();
  return Error{ErrorKind::target,
               fmt::format("{} has tables ({}), and data.setup may change them",
                           settings_.place.url(), there),
               "use another file, or allow it with --allow-setup"};
}

Status Database::check_pragmas() {
  for (const auto& [name, value] : settings_.pragmas) {
    if (name != "journal_mode") continue;
    std::string mode;
    if (!connection_->query("PRAGMA journal_mode", mode).ok() || mode != value) {
      return Error{ErrorKind::target,
                   fmt::format("server.pragmas.journal_mode: asked for {}, but the database is in "
                               "mode {}",
                               value, mode),
                   settings_.place.memory ? "use a file: a database in memory has no log"
                                          : "close other programs that have the database open"};
    }
  }
  return success();
}

Status Database::prepare(const Scenario& scenario, const StopFlag& stop) {
  for (const SqlFile& file : scenario.setup) {
    if (stop.requested()) return interrupted();
    if (const Status run = run_file(*connection_, file); !run.ok()) return run;
  }
  std::uint32_t index = 0;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      const std::uint32_t place = index++;
      if (step.kind != StepKind::sql) continue;
      const Status good = check_step(*connection_, request, step, place);
      if (!good.ok()) return good;
    }
  }
  return success();
}

Result<Measurement> Database::run(const Scenario& scenario, const RunOptions& options,
                                  const StopFlag& stop) const {
  Result<Measurement> measured = run_live(scenario, settings_, options, stop);
  if (!measured.ok()) return measured;
  std::vector<std::string>& notes = measured.value().notes;
  notes.insert(notes.end(), notes_.begin(), notes_.end());
  return measured;
}

std::vector<std::string> Database::tear_down(const Scenario& scenario, const StopFlag& stop) {
  std::vector<std::string> troubles;
  connection_->ends_when([&stop] { return stop.requests() >= 2; });
  for (const SqlFile& file : scenario.teardown) {
    const Status run = run_file(*connection_, file);
    if (!run.ok()) troubles.push_back("teardown: " + run.error().message);
  }
  return troubles;
}

std::string Database::version() {
  return sqlite3_libversion();
}

std::string Database::tables() {
  std::string names;
  connection_->query(
      "SELECT group_concat(name, ', ') FROM (SELECT name FROM sqlite_master WHERE type = 'table' "
      "AND name NOT LIKE 'sqlite_%' ORDER BY name LIMIT 5)",
      names);
  return names;
}

std::vector<std::pair<std::string, std::string>> Database::pragmas() {
  constexpr const char* kNames[] = {"journal_mode", "synchronous",  "cache_size",
                                    "mmap_size",    "temp_store",   "foreign_keys",
                                    "page_size",    "locking_mode", "wal_autocheckpoint"};
  std::vector<std::pair<std::string, std::string>> values = {
      {"busy_timeout", std::to_string(settings_.busy_timeout / std::chrono::milliseconds(1))}};
  for (const char* name : kNames) {
    std::string value;
    if (connection_->query(std::string("PRAGMA ") + name, value).ok()) {
      values.emplace_back(name, value);
    }
  }
  return values;
}

TargetFacts facts_of(const std::optional<Place>& place) {
  TargetFacts facts;
  facts.kind = "sqlite";
  facts.address = place ? place->url() : "a throwaway SQLite database";
  facts.server_version = Database::version();
  facts.over_socket = true;  // no network between
  return facts;
}

}  // namespace poolgauge::sqlite
