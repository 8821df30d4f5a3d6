#include "report/json/json_number.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace poolgauge {

double six_digits(double value) {
  return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

nlohmann::ordered_json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return six_digits(value);
}

nlohmann::ordered_json rounded(const std::optional<double>& value) {
  return value ? rounded(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json rounded_seconds(Duration time) {
  return six_digits(to_s(time));
}

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace poolgauge
