// Which tables a statement names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolgauge::permit {

/// The names after FROM, JOIN, INTO, UPDATE, and TABLE, without schema and quotes, each once; names
/// of WITH queries among them. Functions and subqueries are not.
std::vector<std::string> tables_named(std::string_view sql);

}  // namespace poolgauge::permit
