// Which tables a statement names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolgauge::permit {

/// The names after FROM, JOIN, INTO, UPDATE, and TABLE, without schema and quotes, each once; names
/// of WITH queries among them. Functions and subqueries are not.
std::vector<std::string> tables_named(std::string_view sql);

/// The same names as identifiers in double quotes, with their schemas where the text has them.
std::vector<std::string> qualified_tables(std::string_view sql);

/// What planning a statement does not check: TRUNCATE of tables, named as above, and temporary
/// tables.
struct FurtherRights {
  std::vector<std::string> truncated;
  bool temporary = false;
};
FurtherRights further_rights(std::string_view sql);

}  // namespace poolgauge::permit
