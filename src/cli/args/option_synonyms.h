// What other load generators call an option.
#pragma once

#include <string>
#include <string_view>

namespace poolgauge::cli {

/// "--users" for "--vus" or pgbench's "-c"; empty: no option of another tool that is known here.
std::string option_elsewhere(std::string_view word);

}  // namespace poolgauge::cli
