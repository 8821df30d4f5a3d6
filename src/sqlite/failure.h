// What SQLite's result codes mean for a request.
#pragma once

#include <string>

#include "poolgauge/outcome.h"

namespace poolgauge::sqlite {

/// The outcome of a call that returned this extended result code; success for SQLITE_OK,
/// SQLITE_ROW and SQLITE_DONE. The code itself stands where a server's SQLSTATE would: "5", "517".
Outcome outcome_of(int code);

/// "SQLITE_BUSY_SNAPSHOT"; the number for one that SQLite 3.40 does not have.
std::string code_name(int code);

/// "database is locked (SQLITE_BUSY, 5)": the library's message with the code's name and number.
std::string failure_text(const std::string& message, int code);

}  // namespace poolgauge::sqlite
