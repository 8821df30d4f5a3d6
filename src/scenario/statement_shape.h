// A statement without its constants, so that runs of the same one can be told to be that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

/// A constant of a statement, or a parameter with the value it had.
struct Constant {
  enum class Kind : std::uint8_t { integer, number, text, parameter };
  Kind kind = Kind::integer;
  std::size_t begin = 0;  ///< in the statement's text
  std::size_t end = 0;
  std::optional<std::string> value;  ///< none: NULL
};

struct StatementShape {
  std::string key;  ///< equal for statements that differ in their constants only
  std::vector<Constant> constants;
};

StatementShape shape_of(std::string_view sql,
                        const std::vector<std::optional<std::string>>& parameters);

}  // namespace poolgauge
