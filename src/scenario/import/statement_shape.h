// Statements without their constants, and what their parameters stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/import/import_parts.h"

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

// What a statement's parameters stand for, by the words around them.

/// Where $n stands.
struct ParameterPlace {
  enum class Role : std::uint8_t {
    unknown,
    compared,  ///< with a column, or set to one
    inserted,  ///< into a column of a new row
    pattern,   ///< of LIKE
    limit,
    offset,
    sleep,  ///< seconds of pg_sleep
  };
  Role role = Role::unknown;
  std::string table = {};   ///< as the statement names it; empty: any of `tables`
  std::string column = {};  ///< small letters
  std::string type = {};    ///< of a cast right after it, as in $1::uuid
};

struct ParameterPlaces {
  std::vector<ParameterPlace> places;  ///< by number, $1 first
  std::vector<std::string> tables;     ///< after FROM, JOIN, INTO and UPDATE
};

ParameterPlaces parameter_places(std::string_view sql);

/// A type that such a parameter may have, as format_type() says it, where no server can be asked.
std::string guessed_type(const ParameterPlace& place);

}  // namespace poolgauge
