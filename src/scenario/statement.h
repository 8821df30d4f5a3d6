// SQL text with `:name` variables into one with $1, $2, ...
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// What is wrong with an SQL text.
struct StatementProblem {
  std::size_t character = 1;  ///< where, counted from 1
  std::string message;
  std::string found = {};
  std::string nearest = {};
};

/// `:name` is a variable outside of strings, quoted names, comments, `::casts` and array slices,
/// where the names are those in `variables`. Exactly one statement is accepted.
std::variant<Statement, StatementProblem> parse_statement(
    std::string_view source, const std::vector<std::string>& variables);

}  // namespace poolgauge
