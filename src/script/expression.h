// pgbench's expressions: tokens, functions, parsing, and values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/rng.h"
#include "poolgauge/script.h"

namespace poolgauge {

struct ExpressionToken {
  enum class Kind {
    integer,
    real,
    beyond,     ///< 9223372036854775808: right only after a minus
    too_large,  ///< an integer of more than 64 bits
    variable,   ///< :name
    word,       ///< key words and functions
    sign,       ///< an operator, a parenthesis, a comma
    other,      ///< no part of the language
    end,
  };
  Kind kind = Kind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;  ///< of a word in small letters, of a variable without its colon
};

/// The token that begins at `at` or after blanks there.
ExpressionToken next_expression_token(std::string_view text, std::size_t at);

// pgbench's hash functions and its permutation, bit for bit.

/// FNV-1a over the eight bytes of `value`, lowest first.
std::int64_t hash_fnv1a(std::int64_t value, std::int64_t seed);
/// MurmurHash2, 64 bits, over the same.
std::int64_t hash_murmur2(std::int64_t value, std::int64_t seed);
/// Where a pseudorandom permutation of 0 ... size-1 puts `value`; size > 0.
std::int64_t permute(std::int64_t value, std::int64_t size, std::int64_t seed);

// The text of a pgbench expression into one that can be evaluated.

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

// What a pgbench expression comes to. Allocates nothing.

/// Of greatest and least.
inline constexpr std::size_t kMostArguments = 16;

/// The variables of one user, both by index.
struct ScriptVariables {
  const std::vector<ScriptValue>& values;
  const std::vector<std::string>& texts;  ///< of those of type text
};

/// A value, or why there is none: a literal such as "division by zero".
struct Evaluated {
  ScriptValue value;
  const char* problem = nullptr;
};

Evaluated evaluate(const Expression& expression, const ScriptVariables& variables, Rng& rng);

/// The condition of \if: not null, not false, not zero.
bool is_true(const ScriptValue& value);

/// A text read as pgbench reads the value of -D: null, boolean words, numbers; nullopt: none of
/// them.
std::optional<ScriptValue> value_of_text(std::string_view text);

/// The value as pgbench puts it into SQL: "5", "0.25", "true", "NULL".
void assign_text(std::string& out, const ScriptValue& value);

}  // namespace poolgauge
