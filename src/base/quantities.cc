// Fractions, sizes of memory, rates, and dates.
#include "base/quantities.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace poolgauge {

namespace {

/// The number at the beginning, and what follows it.
struct Leading {
  double value = 0;
  std::string rest;
};

std::optional<Leading> leading_number(const std::string& text) {
  Leading leading;
  const char* const end = text.data() + text.size();
  const auto [stop, error] =
      std::from_chars(text.data(), end, leading.value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(leading.value)) return std::nullopt;
  leading.rest = std::string(stop, end);
  while (!leading.rest.empty() && leading.rest.front() == ' ') leading.rest.erase(0, 1);
  return leading;
}

Error expected(const std::string& what, const std::string& found) {
  return usage_error("expected " + what + ", found \"" + found + "\"");
}

std::string formatted(std::time_t time, const char* format) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40] = {};
  const std::size_t length = std::strftime(text, sizeof text, format, &parts);
  return std::string(text, length);
}

}  // namespace

Result<double> parse_fraction(const std::string& text, double most) {
  const auto leading = leading_number(text);
  const std::string what = fmt::format("a fraction from 0 to {:g}, such as 25% or 0.25", most);
  if (!leading || (!leading->rest.empty() && leading->rest != "%")) return expected(what, text);
  constexpr double kPercent = 100;
  const double value = leading->rest == "%" ? leading->value / kPercent : leading->value;
  if (value < 0 || value > most) return expected(what, text);
  return value;
}

Result<double> parse_memory_mib(const std::string& text, double least_mib) {
  constexpr double kStep = 1024;
  constexpr double kMost = 1e9;  // MiB: a petabyte
  const auto leading = leading_number(text);
  const char* const what = "a size with its unit, such as 512MB or 16GB";
  if (!leading) return expected(what, text);
  std::string unit = leading->rest;
  if (unit.size() == 3 && unit[1] == 'i') unit.erase(1, 1);
  double mib = leading->value;
  if (unit == "kB" || unit == "KB") {
    mib /= kStep;
  } else if (unit == "GB" || unit == "G") {
    mib *= kStep;
  } else if (unit == "TB" || unit == "T") {
    mib *= kStep * kStep;
  } else if (unit != "MB" && unit != "M") {
    return expected(what, text);
  }
  if (!(mib > 0) || mib > kMost) return expected(what, text);
  if (mib < least_mib) {
    const std::string least =
        least_mib < 1 ? fmt::format("{:g}kB", least_mib * kStep) : fmt::format("{:g}MB", least_mib);
    return expected("a size of at least " + least, text);
  }
  return mib;
}

Result<double> parse_rate(const std::string& text) {
  constexpr double kMost = 1e9;
  const auto leading = leading_number(text);
  if (!leading || (!leading->rest.empty() && leading->rest != "/s") || !(leading->value > 0) ||
      leading->value > kMost) {
    return expected("requests per second above 0, such as 200", text);
  }
  return leading->value;
}

Result<Duration> parse_positive_time(const std::string& text, Duration least) {
  const Result<Duration> duration = parse_duration(text);
  if (!duration.ok() || duration.value() <= Duration{0}) {
    return expected("a time above 0 with its unit, such as 250ms", text);
  }
  if (duration.value() < least) {
    return expected("a time of at least " + format_duration(least), text);
  }
  return duration.value();
}

Result<double> parse_positive_seconds(const std::string& text, Duration least) {
  const Result<Duration> time = parse_positive_time(text, least);
  if (!time.ok()) return time.error();
  return to_s(time.value());
}

Result<double> parse_number(const std::string& text, double low, double high) {
  const auto leading = leading_number(text);
  if (!leading || !leading->rest.empty() || leading->value < low || leading->value > high) {
    return expected(fmt::format("a number from {:g} to {:g}", low, high), text);
  }
  return leading->value;
}

Result<std::int64_t> parse_count(const std::string& text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < low || value > high) {
    return expected(fmt::format("a whole number from {} to {}", low, high), text);
  }
  return value;
}

std::string iso_time(std::time_t time) {
  return formatted(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string compact_time(std::time_t time) {
  return formatted(time, "%Y%m%dT%H%M%SZ");
}

Error usage_error(std::string message, std::string hint) {
  return Error{ErrorKind::usage, std::move(message), std::move(hint)};
}

}  // namespace poolgauge
