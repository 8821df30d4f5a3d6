// What a statement's parameters stand for, by the words around them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

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
