// One connection to a SQLite database: calls that block.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "poolgauge/outcome.h"
#include "poolgauge/scenario.h"
#include "sqlite/counters.h"
#include "sqlite/settings.h"

struct sqlite3;
struct sqlite3_stmt;

namespace poolgauge::sqlite {

/// Sleeps; false: not to the end, because interrupt() was called.
using Sleep = std::function<bool(Duration)>;

/// How each variable of a scenario is bound. A driver binds numbers as numbers: an expression that
/// has no column's affinity would find '5' and 5 different.
enum class Binding : std::uint8_t { text, number_if_it_is_one };
std::vector<Binding> bindings_of(const std::vector<VariableSpec>& variables);

/// Calls come from any thread, but one at a time; only interrupt() may come during another.
class Connection {
 public:
  /// `counters` and `bindings` outlive it. `steps`: flattened, of the scenario.
  Connection(const Settings& settings, Counters& counters, const std::vector<Binding>& bindings,
             std::size_t steps);
  /// Rolls back what is open. May take long: the last connection writes the log back.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Before open().
  void sleep_with(Sleep sleep) { sleep_ = std::move(sleep); }
  /// Before open(): a second way to interrupt, asked from within the calls.
  void ends_when(std::function<bool()> ends) { ends_ = std::move(ends); }
  /// Opens the database and sends the pragmas. `create`: a file that is not there yet.
  Outcome open(bool create);

  /// Any number of statements without results.
  Outcome execute(const char* sql);
  /// The same for BEGIN, COMMIT, ...: each is prepared once.
  enum class Control : std::uint8_t { begin, begin_immediate, begin_exclusive, commit, rollback };
  Outcome control(Control what);
  /// All rows are fetched; those a step keeps go into `capture`, unless it is nullptr.
  Outcome run(const Step& step, std::uint32_t index, const std::vector<std::string>& values,
              Capture* capture);
  /// The first column of the first row of a query; empty where there is none.
  Outcome query(const std::string& sql, std::string& value);

  /// Runs the first statement of a text, or only prepares it; `rest` is what follows it.
  enum class Depth : std::uint8_t { prepare, run };
  Outcome first_of(const char* text, const char*& rest, Depth depth);

  /// Whether the statement of a step reads only. Prepares it where that was not done yet.
  bool reads_only(const Step& step, std::uint32_t index);
  /// Outside autocommit.
  bool in_transaction() const;
  /// The transaction has a lock or a log position that ending it may have to wait for.
  bool wrote() const;

  /// Any thread, after open(): what runs now ends soon with SQLITE_INTERRUPT, or with SQLITE_BUSY
  /// where it waits for a lock; sleepers must be woken.
  void interrupt();
  /// The same during open().
  void interrupt_opening() { interrupted_.store(true, std::memory_order_relaxed); }
  /// The next call may run again.
  void forget_interrupt() { interrupted_.store(false, std::memory_order_relaxed); }
  bool interrupted() const {
    return interrupted_.load(std::memory_order_relaxed) || (ends_ && ends_());
  }

  /// Of the last failure, with the code's name.
  const std::string& error() const { return error_; }
  /// Where in the text of the last failed statement the error is, in bytes; -1: not known.
  int error_offset() const { return error_offset_; }

 private:
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    std::vector<int> places;  ///< of the step's variables among the statement's parameters
  };
  Outcome failed(int code);
  Outcome send_pragmas();
  int prepare(const Step& step, const char* text, Prepared& prepared, const char** rest);
  int run_one(const Step& step, Prepared& prepared, const std::vector<std::string>& values,
              Capture* capture);
  void bind(sqlite3_stmt* statement, int place, const std::string& value, Binding binding);
  void keep_row(const Step& step, sqlite3_stmt* statement, Capture& capture) const;
  void count_cache();
  void count_upgrade();
  static int on_busy(void* self, int looks);
  static int on_progress(void* self);
  static int on_commit(void* self, sqlite3* db, const char* name, int frames);

  const Settings& settings_;
  Counters& counters_;
  const std::vector<Binding>& bindings_;
  Sleep sleep_;
  std::function<bool()> ends_;  // empty: never
  sqlite3* db_ = nullptr;
  std::vector<Prepared> steps_;  // by flattened step
  std::vector<sqlite3_stmt*> controls_;
  int checkpoint_frames_ = 0;  // 0: commits do not begin checkpoints
  unsigned calls_ = 0;
  std::atomic<bool> interrupted_{false};
  std::string error_;
  int error_offset_ = -1;
};

}  // namespace poolgauge::sqlite
