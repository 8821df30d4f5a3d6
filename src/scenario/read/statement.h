// Texts within a scenario: SQL with variables, and JSON's syntax with the cures for mistakes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json_layout.h"
#include "poolgauge/diagnostic.h"
#include "poolgauge/scenario.h"
#include "scenario/json.h"

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

// Parses JSON with comments; a syntax error is one diagnostic with its place.

std::string_view without_byte_order_mark(std::string_view text);

std::variant<Json, Diagnostic> parse_json(std::string_view text, const std::string& file);

// The cure for each common mistake in a text that is almost JSON, or another format.

/// Where the JSON library stopped.
struct SyntaxMistake {
  std::string_view token;   ///< what it did not take; empty: the end of the file
  std::string_view before;  ///< the token before
  std::string_view after;   ///< the text behind the token
  std::string_view complaint;
};

/// What to write instead, in one line, with the name of the format it comes from (JSON5, Python,
/// YAML); empty: nothing better than the complaint.
std::string syntax_cure(const SyntaxMistake& mistake);

/// How to turn `file` into a scenario, with the command on a line of its own; empty: no way is
/// known.
std::string cure_of(FileForm form, const std::string& file);

}  // namespace poolgauge
