// A statement without its constants, to recognize executions of the same statement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/import/changing_names.h"

namespace poolgauge {

/// A constant of a statement, or a parameter with the value it had.
struct Constant {
  /// list: all of IN (1, 2, 3), from the IN to the parenthesis; its value is an array's text.
  enum class Kind : std::uint8_t { integer, number, text, parameter, list };
  Kind kind = Kind::integer;
  std::size_t begin = 0;  ///< in the statement's text
  std::size_t end = 0;
  std::optional<std::string> value;  ///< none: NULL
  bool negated = false;              ///< list: NOT IN
  bool has_fractions = false;        ///< list: of numbers, and not all are whole
  bool has_parameters = false;       ///< list
};

struct StatementShape {
  /// Equal for statements that differ in constants, comments, the length of IN lists and names
  /// that change only.
  std::string key;
  std::vector<Constant> constants;
};

/// `names` has seen the statement; none: all names count.
StatementShape shape_of(std::string_view sql,
                        const std::vector<std::optional<std::string>>& parameters,
                        const ChangingNames* names = nullptr);

}  // namespace poolgauge
