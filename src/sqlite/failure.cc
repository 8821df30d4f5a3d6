// The classes of result codes. A code's lowest byte is what it extends.
#include "sqlite/failure.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace poolgauge::sqlite {

namespace {

constexpr int kPrimary = 0xff;

FailureClass class_of(int code) {
  switch (code & kPrimary) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return FailureClass::none;
    case SQLITE_BUSY: return FailureClass::database_busy;
    case SQLITE_LOCKED: return FailureClass::database_locked;
    case SQLITE_FULL: return FailureClass::disk_full;
    case SQLITE_IOERR: return FailureClass::io_error;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return FailureClass::corrupt;
    case SQLITE_NOMEM: return FailureClass::out_of_memory;
    case SQLITE_CANTOPEN: return FailureClass::connect_error;
    case SQLITE_INTERRUPT: return FailureClass::statement_timeout;
    default: return FailureClass::sql_error;
  }
}

struct CodeName {
  int code;
  const char* name;
};

constexpr std::array kNames{
    CodeName{SQLITE_ERROR, "SQLITE_ERROR"},
    CodeName{SQLITE_PERM, "SQLITE_PERM"},
    CodeName{SQLITE_ABORT, "SQLITE_ABORT"},
    CodeName{SQLITE_ABORT_ROLLBACK, "SQLITE_ABORT_ROLLBACK"},
    CodeName{SQLITE_BUSY, "SQLITE_BUSY"},
    CodeName{SQLITE_BUSY_RECOVERY, "SQLITE_BUSY_RECOVERY"},
    CodeName{SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"},
    CodeName{SQLITE_BUSY_TIMEOUT, "SQLITE_BUSY_TIMEOUT"},
    CodeName{SQLITE_LOCKED, "SQLITE_LOCKED"},
    CodeName{SQLITE_LOCKED_SHAREDCACHE, "SQLITE_LOCKED_SHAREDCACHE"},
    CodeName{SQLITE_NOMEM, "SQLITE_NOMEM"},
    CodeName{SQLITE_READONLY, "SQLITE_READONLY"},
    CodeName{SQLITE_READONLY_DBMOVED, "SQLITE_READONLY_DBMOVED"},
    CodeName{SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"},
    CodeName{SQLITE_READONLY_CANTINIT, "SQLITE_READONLY_CANTINIT"},
    CodeName{SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
    CodeName{SQLITE_IOERR, "SQLITE_IOERR"},
    CodeName{SQLITE_IOERR_READ, "SQLITE_IOERR_READ"},
    CodeName{SQLITE_IOERR_SHORT_READ, "SQLITE_IOERR_SHORT_READ"},
    CodeName{SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"},
    CodeName{SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"},
    CodeName{SQLITE_IOERR_SHMMAP, "SQLITE_IOERR_SHMMAP"},
    CodeName{SQLITE_IOERR_SHMOPEN, "SQLITE_IOERR_SHMOPEN"},
    CodeName{SQLITE_CORRUPT, "SQLITE_CORRUPT"},
    CodeName{SQLITE_FULL, "SQLITE_FULL"},
    CodeName{SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
    CodeName{SQLITE_CANTOPEN_ISDIR, "SQLITE_CANTOPEN_ISDIR"},
    CodeName{SQLITE_PROTOCOL, "SQLITE_PROTOCOL"},
    CodeName{SQLITE_SCHEMA, "SQLITE_SCHEMA"},
    CodeName{SQLITE_TOOBIG, "SQLITE_TOOBIG"},
    CodeName{SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
    CodeName{SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
    CodeName{SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"},
    CodeName{SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
    CodeName{SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
    CodeName{SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
    CodeName{SQLITE_MISMATCH, "SQLITE_MISMATCH"},
    CodeName{SQLITE_MISUSE, "SQLITE_MISUSE"},
    CodeName{SQLITE_AUTH, "SQLITE_AUTH"},
    CodeName{SQLITE_RANGE, "SQLITE_RANGE"},
    CodeName{SQLITE_NOTADB, "SQLITE_NOTADB"},
};

const char* listed_name(int code) {
  const auto* found = std::find_if(kNames.begin(), kNames.end(),
                                   [code](const CodeName& each) { return each.code == code; });
  return found != kNames.end() ? found->name : nullptr;
}

}  // namespace

Outcome outcome_of(int code) {
  Outcome outcome;
  outcome.failure = class_of(code);
  if (outcome.ok()) return outcome;
  const std::string digits = std::to_string(code);
  std::copy_n(digits.begin(), std::min<std::size_t>(digits.size(), 5), outcome.sqlstate.begin());
  return outcome;
}

std::string code_name(int code) {
  const char* name = listed_name(code);
  if (name == nullptr) name = listed_name(code & kPrimary);
  return name != nullptr ? name : "result code " + std::to_string(code);
}

std::string failure_text(const std::string& message, int code) {
  return message + " (" + code_name(code) + ", " + std::to_string(code) + ")";
}

}  // namespace poolgauge::sqlite
