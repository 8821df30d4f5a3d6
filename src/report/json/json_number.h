// Numbers and options as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "assess/describe.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// To six significant digits.
double six_digits(double value);
/// The same; null for what is not finite or not known.
nlohmann::ordered_json rounded(double value);
nlohmann::ordered_json rounded(const std::optional<double>& value);
/// Seconds, likewise.
nlohmann::ordered_json rounded_seconds(Duration time);
/// Null for what is not known.
template <typename T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}
/// Null for an empty text.
nlohmann::ordered_json text_or_null(const std::string& text);

// A pool's option as a report's JSON has it.

/// Numbers and flags as such, durations as text, -1 for one that is off.
inline nlohmann::ordered_json option_json(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  const auto* duration = std::get_if<Duration>(&value);
  if (duration != nullptr && duration->count() < 0) return -1;
  return option_text(value);
}

}  // namespace poolgauge
