// The help that CLI11 writes, as it is shown.
#pragma once

#include <cstddef>
#include <string>

namespace poolgauge::cli {

/// Where the words about an option begin.
inline constexpr std::size_t kHelpColumn = 32;

/// CLI11's help without its runs of empty lines and its dots after options that may be repeated
/// (of those of a scenario's keys the last one counts), in lines of at most 100 columns.
std::string tidied_help(std::string text);

}  // namespace poolgauge::cli
