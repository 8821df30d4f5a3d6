// Pools as configuration, and how libraries write times there.
#pragma once

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <vector>

#include "poolgauge/recommendation.h"

namespace poolgauge {

/// The recommendation for every library, in the order of the documentation.
std::vector<Snippet> pool_snippets(const Recommendation& recommendation);

inline double whole_ms(double s) {
  return std::round(s * 1000);
}

/// Go's way of writing a duration.
inline std::string go_duration(double s) {
  return fmt::format("{:.0f} * time.Millisecond", whole_ms(s));
}

/// Python's way of writing a flag.
inline const char* python_bool(bool value) {
  return value ? "True" : "False";
}

}  // namespace poolgauge
