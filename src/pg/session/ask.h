// Questions to a server, and values written into its statements.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pg/session/control_connection.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// Runs one statement (see ControlConnection::run). An answer with fewer columns than `columns` or
/// fewer rows than `rows` has failed: its complaint says what came and what was expected. So every
/// row of a good answer has at least `columns` values.
ControlReply ask(ControlConnection& connection, const std::string& sql, std::size_t columns,
                 std::size_t rows = 0);

/// The value of a row in the column of that name; empty: NULL, or there is no such column.
std::string field_of(const ControlReply& reply, const std::vector<std::string>& row,
                     std::string_view column);

/// A text as SQL: in single quotes, also where standard_conforming_strings is off.
std::string quoted_literal(const std::string& text);

// Values written into a statement's text, for the protocol that has no parameters.

/// The text with quoted literals instead of its variables, for the simple protocol.
/// Verbatim: without their quotes, as pgbench does.
std::string substitute_literals(const Statement& statement, const std::vector<const char*>& values,
                                bool verbatim = false);

}  // namespace poolgauge
