// Opening, statements, waiting for locks.
#include "sqlite/connection.h"

#include <sqlite3.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <variant>

#include "sqlite/busy_wait.h"
#include "sqlite/failure.h"
#include "sqlite/worker_time.h"

namespace poolgauge::sqlite {

namespace {

/// A text with fewer operations cannot miss an interrupt for long.
constexpr int kOperationsBetweenLooks = 10000;
constexpr unsigned kCallsBetweenCounts = 128;

constexpr std::array<const char*, 5> kControls{"BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE",
                                               "COMMIT", "ROLLBACK"};

/// One database in memory for all connections of this process: else each would have its own.
constexpr const char* kMemory = "file:poolgauge?mode=memory&cache=shared";

/// The text is exactly what a number is printed as: no zeros or signs that would be lost.
bool bind_number(sqlite3_stmt* statement, int place, const std::string& text) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  const std::size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
  const bool zero_first =
      text == "-0" || (text.size() > sign + 1 && text[sign] == '0' && text[sign + 1] != '.');
  if (text.size() == sign || zero_first || text.find_first_not_of("0123456789.", sign) != text.npos)
    return false;
  std::int64_t integer = 0;
  const auto whole = std::from_chars(begin, end, integer);
  if (whole.ec == std::errc{} && whole.ptr == end) {
    sqlite3_bind_int64(statement, place, integer);
    return true;
  }
  double real = 0;
  const auto fraction = std::from_chars(begin, end, real);
  if (fraction.ec != std::errc{} || fraction.ptr != end || text.find('.') == text.npos)
    return false;
  sqlite3_bind_double(statement, place, real);
  return true;
}

/// An application reads what it has asked for; what overflows a page is only read then.
void fetch(sqlite3_stmt* statement) {
  for (int column = 0; column < sqlite3_data_count(statement); ++column) {
    const int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_TEXT || type == SQLITE_BLOB) sqlite3_column_blob(statement, column);
  }
}

}  // namespace

std::vector<Binding> bindings_of(const std::vector<VariableSpec>& variables) {
  std::vector<Binding> bindings;
  for (const VariableSpec& variable : variables) {
    const bool text = std::holds_alternative<TextVariable>(variable.value);
    bindings.push_back(text ? Binding::text : Binding::number_if_it_is_one);
  }
  return bindings;
}

Connection::Connection(const Settings& settings, Counters& counters,
                       const std::vector<Binding>& bindings, std::size_t steps)
    : settings_(settings),
      counters_(counters),
      bindings_(bindings),
      sleep_([](Duration time) {
        sqlite3_sleep(static_cast<int>(time / std::chrono::milliseconds(1)));
        return true;
      }),
      steps_(steps),
      controls_(kControls.size(), nullptr) {}

Connection::~Connection() {
  if (db_ == nullptr) return;
  count_cache();
  for (const Prepared& prepared : steps_) sqlite3_finalize(prepared.statement);
  for (sqlite3_stmt* statement : controls_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Outcome Connection::failed(int code) {
  const Outcome outcome = outcome_of(code);
  if (outcome.ok()) return outcome;
  const bool own = db_ != nullptr && sqlite3_extended_errcode(db_) == code;
  error_ = failure_text(own ? sqlite3_errmsg(db_) : sqlite3_errstr(code), code);
  error_offset_ = own ? sqlite3_error_offset(db_) : -1;
  return outcome;
}

Outcome Connection::open(bool create) {
  const bool memory = settings_.place.memory;
  const char* name = memory ? kMemory : settings_.place.path.c_str();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (create || memory ? SQLITE_OPEN_CREATE : 0) | (memory ? SQLITE_OPEN_URI : 0);
  const int opened = sqlite3_open_v2(name, &db_, flags, nullptr);
  if (opened != SQLITE_OK) return failed(opened);
  sqlite3_busy_handler(db_, on_busy, this);
  sqlite3_progress_handler(db_, kOperationsBetweenLooks, on_progress, this);
  return send_pragmas();
}

// The hook that counts checkpoints takes the place of SQLite's own, which does the same.
Outcome Connection::send_pragmas() {
  for (const auto& [name, value] : settings_.pragmas) {
    const Outcome sent = execute(("PRAGMA " + name + " = " + value).c_str());
    if (!sent.ok()) return sent;
  }
  if (settings_.place.memory) return {};
  std::string frames;
  const Outcome asked = query("PRAGMA wal_autocheckpoint", frames);
  if (!asked.ok()) return asked;
  checkpoint_frames_ = static_cast<int>(std::strtol(frames.c_str(), nullptr, 10));
  sqlite3_wal_hook(db_, on_commit, this);
  return {};
}

Outcome Connection::execute(const char* sql) {
  return failed(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
}

Outcome Connection::control(Control what) {
  const auto place = static_cast<std::size_t>(what);
  sqlite3_stmt*& statement = controls_[place];
  if (statement == nullptr) {
    const int prepared = sqlite3_prepare_v3(db_, kControls[place], -1, SQLITE_PREPARE_PERSISTENT,
                                            &statement, nullptr);
    if (prepared != SQLITE_OK) return failed(prepared);
  }
  const Outcome outcome = failed(sqlite3_step(statement));
  sqlite3_reset(statement);
  return outcome;
}

int Connection::prepare(const Step& step, const char* text, Prepared& prepared, const char** rest) {
  const unsigned flags = step.protocol == Protocol::prepared ? SQLITE_PREPARE_PERSISTENT : 0;
  const int code = sqlite3_prepare_v3(db_, text, -1, flags, &prepared.statement, rest);
  if (code != SQLITE_OK) return code;
  prepared.places.clear();
  for (std::size_t i = 1; i <= step.sql.variables.size(); ++i) {
    const std::string name = "$" + std::to_string(i);
    const int place = prepared.statement != nullptr
                          ? sqlite3_bind_parameter_index(prepared.statement, name.c_str())
                          : 0;
    prepared.places.push_back(place);  // 0: a text of several statements has it in another one
  }
  return SQLITE_OK;
}

void Connection::bind(sqlite3_stmt* statement, int place, const std::string& value,
                      Binding binding) {
  if (is_null(value)) {
    sqlite3_bind_null(statement, place);
  } else if (binding == Binding::text || !bind_number(statement, place, value)) {
    // The request's values stay as they are until its statement has ended.
    sqlite3_bind_text(statement, place, value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
  }
}

int Connection::run_one(const Step& step, Prepared& prepared,
                        const std::vector<std::string>& values, Capture* capture) {
  sqlite3_stmt* statement = prepared.statement;
  for (std::size_t i = 0; i < prepared.places.size(); ++i) {
    const std::uint32_t variable = step.sql.variables[i];
    if (prepared.places[i] == 0) continue;
    bind(statement, prepared.places[i], values[variable], bindings_[variable]);
  }
  int code = sqlite3_step(statement);
  std::int64_t rows = 0;
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    ++rows;
    fetch(statement);
    if (capture != nullptr && rows == 1) keep_row(step, statement, *capture);
  }
  if (capture != nullptr && sqlite3_column_count(statement) > 0) capture->rows = rows;
  return code;
}

void Connection::keep_row(const Step& step, sqlite3_stmt* statement, Capture& capture) const {
  for (const ResultColumn& kept : step.results) {
    for (int column = 0; column < sqlite3_data_count(statement); ++column) {
      if (kept.column != sqlite3_column_name(statement, column)) continue;
      std::string& value = (*capture.values)[kept.variable];
      if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        assign_null(value);
        continue;
      }
      const auto* text = sqlite3_column_text(statement, column);
      const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      value.assign(text, text + length);
    }
  }
}

// Only what is prepared is kept; the other protocols prepare each time, and may hold several
// statements in one text.
Outcome Connection::run(const Step& step, std::uint32_t index,
                        const std::vector<std::string>& values, Capture* capture) {
  if (++calls_ % kCallsBetweenCounts == 0) count_cache();
  if (capture != nullptr) capture->rows = 0;
  if (step.protocol == Protocol::prepared) {
    Prepared& prepared = steps_[index];
    const int ready = prepared.statement == nullptr
                          ? prepare(step, step.sql.text.c_str(), prepared, nullptr)
                          : SQLITE_OK;
    if (ready != SQLITE_OK || prepared.statement == nullptr) return failed(ready);
    const Outcome outcome = failed(run_one(step, prepared, values, capture));
    sqlite3_reset(prepared.statement);
    if (outcome.failure == FailureClass::database_busy) count_upgrade();
    return outcome;
  }
  Outcome outcome;
  for (const char* text = step.sql.text.c_str(); outcome.ok() && *text != '\0';) {
    Prepared once;
    outcome = failed(prepare(step, text, once, &text));
    if (!outcome.ok() || once.statement == nullptr) break;
    outcome = failed(run_one(step, once, values, capture));
    sqlite3_finalize(once.statement);
  }
  if (outcome.failure == FailureClass::database_busy) count_upgrade();
  return outcome;
}

// Without a snapshot it would have waited, as the busy handler says.
void Connection::count_upgrade() {
  const bool reads = sqlite3_txn_state(db_, nullptr) == SQLITE_TXN_READ;
  if (reads && in_transaction()) Counters::add(counters_.upgrades_refused, 1);
}

Outcome Connection::query(const std::string& sql, std::string& value) {
  value.clear();
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    const auto* text = sqlite3_column_text(statement, 0);
    if (text != nullptr) value.assign(text, text + sqlite3_column_bytes(statement, 0));
  }
  const Outcome outcome = failed(code);
  sqlite3_finalize(statement);
  return outcome;
}

Outcome Connection::first_of(const char* text, const char*& rest, Depth depth) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(db_, text, -1, &statement, &rest);
  while (code == SQLITE_OK && statement != nullptr && depth == Depth::run) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) code = SQLITE_OK;
  }
  const Outcome outcome = failed(code);
  sqlite3_finalize(statement);
  return outcome;
}

bool Connection::reads_only(const Step& step, std::uint32_t index) {
  Prepared& prepared = steps_[index];
  if (prepared.statement == nullptr &&
      prepare(step, step.sql.text.c_str(), prepared, nullptr) != SQLITE_OK) {
    return false;
  }
  return prepared.statement == nullptr || sqlite3_stmt_readonly(prepared.statement) != 0;
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}

bool Connection::wrote() const {
  return sqlite3_txn_state(db_, nullptr) == SQLITE_TXN_WRITE;
}

void Connection::interrupt() {
  interrupted_.store(true, std::memory_order_relaxed);
  sqlite3_interrupt(db_);
}

int Connection::on_busy(void* self, int looks) {
  Connection& connection = *static_cast<Connection*>(self);
  const Settings& settings = connection.settings_;
  const Duration time = busy_sleep(looks, settings.busy_timeout, settings.habits.looks_every_ms);
  if (time < std::chrono::milliseconds(1) || connection.interrupted()) return 0;
  const TimePoint begin = monotonic_now();
  const bool slept = connection.sleep_(time);
  const auto waited = static_cast<std::uint64_t>((monotonic_now() - begin).count());
  if (looks == 0) Counters::add(connection.counters_.lock_waits, 1);
  Counters::add(connection.counters_.lock_wait_ns, waited);
  return slept ? 1 : 0;
}

// sqlite3_interrupt() has no effect on a statement that begins just afterwards: this has.
int Connection::on_progress(void* self) {
  return static_cast<Connection*>(self)->interrupted() ? 1 : 0;
}

int Connection::on_commit(void* self, sqlite3* db, const char* name, int frames) {
  Connection& connection = *static_cast<Connection*>(self);
  if (connection.checkpoint_frames_ <= 0 || frames < connection.checkpoint_frames_) {
    return SQLITE_OK;
  }
  Counters& counters = connection.counters_;
  int in_log = 0;
  int written = 0;
  const TimePoint begin = monotonic_now();
  const int code =
      sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, &in_log, &written);
  Counters::add(counters.checkpoints, 1);
  Counters::add(counters.checkpoint_ns,
                static_cast<std::uint64_t>((monotonic_now() - begin).count()));
  if (code != SQLITE_OK || written < in_log) Counters::add(counters.checkpoints_cut, 1);
  return SQLITE_OK;
}

void Connection::count_cache() {
  const auto add = [this](int what, std::atomic<std::uint64_t>& counter) {
    int now = 0;
    int most = 0;
    if (sqlite3_db_status(db_, what, &now, &most, 1) != SQLITE_OK || now <= 0) return;
    Counters::add(counter, static_cast<std::uint64_t>(now));
  };
  add(SQLITE_DBSTATUS_CACHE_HIT, counters_.cache_hits);
  add(SQLITE_DBSTATUS_CACHE_MISS, counters_.cache_misses);
}

}  // namespace poolgauge::sqlite
