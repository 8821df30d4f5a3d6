// How figures are written in JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

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

}  // namespace poolgauge
