// Reading the scenario and the files next to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "poolgauge/result.h"

namespace poolgauge {

inline constexpr std::size_t kLargestScenario = std::size_t{16} << 20U;
inline constexpr std::size_t kLargestSqlFile = std::size_t{256} << 20U;
inline constexpr std::size_t kLargestCsvFile = std::size_t{256} << 20U;

/// A whole file of at most `largest` bytes. The error does not repeat the path: "no such file".
Result<std::string> read_file(const std::string& path, std::size_t largest);

/// `named` as meant by the scenario in `scenario_file`: relative to that one's folder.
std::string beside(const std::string& scenario_file, const std::string& named);

/// In hex.
std::string sha256(std::string_view bytes);

}  // namespace poolgauge
