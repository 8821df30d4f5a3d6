// What each figure of a report means: what is timed, from when to when.
#pragma once

#include <span>
#include <string_view>

namespace poolgauge {

struct Explanation {
  std::string_view figure;
  std::string_view meaning;
};

/// In the order in which the figures appear.
std::span<const Explanation> explanations();

}  // namespace poolgauge
