// One column of a CSV file (RFC 4180: quotes, doubled quotes, line breaks within quotes).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/result.h"

namespace poolgauge {

/// All values of the column named so in the first line. Errors name the line, or the columns there
/// are. At least one value, at most a million.
Result<std::vector<std::string>> csv_column(std::string_view text, const std::string& column);

}  // namespace poolgauge
