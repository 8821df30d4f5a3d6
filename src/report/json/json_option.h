// A pool's option as a report's JSON has it.
#pragma once

#include <nlohmann/json.hpp>
#include <variant>

#include "assess/describe.h"

namespace poolgauge {

/// Numbers and flags as such, durations as text, -1 for one that is off.
inline nlohmann::ordered_json option_json(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  const auto* duration = std::get_if<Duration>(&value);
  if (duration != nullptr && duration->count() < 0) return -1;
  return option_text(value);
}

}  // namespace poolgauge
