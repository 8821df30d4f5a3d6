// Numbers as reports show them: few digits, no exponents, thousands separated.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/check.h"
#include "base/text.h"

namespace poolgauge {

namespace {

// "1342" -> "1,342"
std::string separate(std::string digits) {
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

}  // namespace

std::string seconds_text(double s) {
  return fmt::format("{:g} s", s);
}

std::string with_thousands(std::uint64_t n) {
  return separate(std::to_string(n));
}

std::string counted(std::int64_t count, std::string_view singular, std::string_view plural_end) {
  const bool negative = count < 0;
  const auto size = static_cast<std::uint64_t>(negative ? -count : count);
  std::string text = (negative ? "-" : "") + with_thousands(size) + " ";
  text += singular;
  if (count != 1) text += plural_end;
  return text;
}

std::string significant(double value, int digits) {
  POOLGAUGE_CHECK(digits >= 1 && digits <= 17, "a double has 1 to 17 digits worth showing");
  if (!std::isfinite(value)) return "n/a";
  if (value == 0.0) return "0";
  // "1.34e+03" holds the rounded digits and where the point goes, carries included.
  const std::string scientific = fmt::format("{:.{}e}", std::abs(value), digits - 1);
  const std::size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  std::string figures = scientific.substr(0, 1);
  if (digits > 1) figures += scientific.substr(2, e - 2);

  std::string text = value < 0 ? "-" : "";
  if (exponent < 0) {
    text += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + figures;
    return text;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (whole >= figures.size()) {
    figures.append(whole - figures.size(), '0');
    return text + separate(figures);
  }
  return text + separate(figures.substr(0, whole)) + "." + figures.substr(whole);
}

std::string percent(double fraction) {
  if (!std::isfinite(fraction)) return "n/a";
  if (fraction == 0.0) return "0 %";
  if (fraction < 0.0) return "-" + percent(-fraction);
  const double value = fraction * 100.0;
  if (value < 0.01) return "<0.01 %";
  if (value >= 99.95 && fraction < 1.0) return ">99.9 %";
  std::string text = value < 1.0 ? fmt::format("{:.2f}", value) : significant(value);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text + " %";
}

}  // namespace poolgauge
