// Durations as people write them ("250ms") and as reports show them ("1.71 s").
#include <fmt/format.h>

#include <array>
#include <limits>

#include "base/check.h"
#include "base/text.h"

namespace poolgauge {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t ns;
};

// Largest first; for each length the name that format_duration writes stands first.
constexpr std::array kUnits{Unit{"d", 86'400'000'000'000},
                            Unit{"h", 3'600'000'000'000},
                            Unit{"m", 60'000'000'000},
                            Unit{"min", 60'000'000'000},
                            Unit{"s", 1'000'000'000},
                            Unit{"ms", 1'000'000},
                            Unit{"us", 1'000},
                            Unit{"µs", 1'000},
                            Unit{"ns", 1}};

constexpr std::uint64_t kLongestNs = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits at the front of `text`.
std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

Error expected(std::string what) {
  return Error{ErrorKind::usage, "expected " + std::move(what), ""};
}

Error expected_duration() {
  return expected("a duration such as \"250ms\" or \"1.5s\"");
}

// whole.fraction times unit_ns, exactly.
Result<Duration> scale(std::string_view whole, std::string_view fraction, std::uint64_t unit_ns) {
  const Error too_long = expected("a duration of at most 106751d (292 years)");
  const std::uint64_t limit = kLongestNs / unit_ns;
  std::uint64_t count = 0;
  for (const char c : whole) {
    if (count > limit / 10) return too_long;
    count = count * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (count > limit) return too_long;
  std::uint64_t ns = count * unit_ns;
  std::uint64_t place_ns = unit_ns;
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  for (const char c : fraction) {
    if (place_ns % 10 != 0) return expected("a whole number of nanoseconds");
    place_ns /= 10;
    ns += static_cast<std::uint64_t>(c - '0') * place_ns;  // below 2^63 + one unit: no wrap
  }
  if (ns > kLongestNs) return too_long;
  return Duration{static_cast<std::int64_t>(ns)};
}

std::uint64_t magnitude_ns(Duration d) {
  const auto bits = static_cast<std::uint64_t>(d.count());
  return d.count() < 0 ? 0 - bits : bits;
}

// The largest unit of which `ns` is at least one; minutes and longer only if they divide it.
Unit unit_to_write(std::uint64_t ns) {
  for (const Unit& unit : kUnits) {
    const bool fits = unit.ns >= 60'000'000'000 ? ns % unit.ns == 0 : ns >= unit.ns;
    if (fits) return unit;
  }
  return kUnits.back();
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  if (text.starts_with('-') || text.starts_with('+')) return expected("a duration without + or -");
  const std::string_view whole = take_digits(text);
  if (whole.empty()) return expected_duration();
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return expected_duration();
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  for (const Unit& unit : kUnits) {
    if (text == unit.name) return scale(whole, fraction, unit.ns);
  }
  return expected("a unit after the number: ns, us, ms, s, m, h, or d");
}

std::string format_duration(Duration d) {
  const std::uint64_t ns = magnitude_ns(d);
  if (ns == 0) return "0s";
  const Unit unit = unit_to_write(ns);
  std::string text = fmt::format("{}{}", d.count() < 0 ? "-" : "", ns / unit.ns);
  std::uint64_t place_ns = unit.ns;
  std::uint64_t rest_ns = ns % unit.ns;
  if (rest_ns != 0) text += '.';
  while (rest_ns != 0) {
    place_ns /= 10;
    text += static_cast<char>('0' + rest_ns / place_ns);
    rest_ns %= place_ns;
  }
  text += unit.name;
  return text;
}

std::string_view duration_unit(Duration d) {
  // From 999.5 on, three digits round up to 1,000: that is one of the next unit.
  const std::uint64_t ns = magnitude_ns(d);
  if (ns >= 999'500'000) return "s";
  return ns >= 999'500 ? "ms" : "µs";
}

std::string human_duration_in(Duration d, std::string_view unit) {
  POOLGAUGE_CHECK(unit == "s" || unit == "ms" || unit == "µs", "a unit that reports use");
  const double unit_ns = unit == "s" ? 1e9 : unit == "ms" ? 1e6 : 1e3;
  const double value = static_cast<double>(magnitude_ns(d)) / unit_ns;
  const std::string_view sign = d.count() < 0 ? "-" : "";
  if (value == 0.0) return fmt::format("0 {}", unit);
  if (value < 0.0005) return fmt::format("<0.001 {}", unit);
  if (value < 0.1) return fmt::format("{}{:.3f} {}", sign, value, unit);
  return fmt::format("{}{} {}", sign, significant(value), unit);
}

std::string human_duration(Duration d) {
  return d.count() == 0 ? "0" : human_duration_in(d, duration_unit(d));
}

}  // namespace poolgauge
