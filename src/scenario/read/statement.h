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
  std::size_t offset = 0;  ///< the same place in bytes, counted from 0
};

/// `:name` is a variable outside of strings, quoted names, comments, `::casts` and array slices,
/// where the names are those in `variables`. Exactly one statement is accepted.
std::variant<Statement, StatementProblem> parse_statement(
    std::string_view source, const std::vector<std::string>& variables);

/// What the statement does to the transaction it runs in.
TransactionEffect effect_of(std::string_view sql);

/// For values put into the text as they are: every `:name` that `variables` knows is replaced, in
/// quotes, too, as pgbench does. One or more statements.
std::variant<Statement, StatementProblem> parse_verbatim(std::string_view source,
                                                         const std::vector<std::string>& variables);
/// Whether a known `:name` stands within quotes, where no parameter can.
bool names_variable_in_quotes(std::string_view source, const std::vector<std::string>& variables);

/// How to declare the variable that the statement lacks; empty where that is not what is wrong.
std::string declaration_of(const StatementProblem& problem);

}  // namespace poolgauge
