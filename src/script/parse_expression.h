// The text of a pgbench expression into one that can be evaluated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "poolgauge/script.h"

namespace poolgauge {

/// ExpressionProblem::found where nothing is left: a place, not a text.
extern const std::string_view kEndOfLine;

struct ExpressionProblem {
  std::size_t offset = 0;  ///< bytes
  std::string message;
  std::string found = {};
  std::string nearest = {};
};

/// The index of a variable; nullopt: there is none of that name.
using VariableLookup = std::function<std::optional<std::uint32_t>(std::string_view name)>;

/// pgbench 15's language: its operators in their order, its functions, CASE. Names of functions and
/// keywords are case-insensitive.
std::variant<Expression, ExpressionProblem> parse_expression(std::string_view text,
                                                             const VariableLookup& variables);

/// Whether pgbench takes the character as part of a variable's name.
bool in_script_name(char c);

}  // namespace poolgauge
