// Numbers, words, signs.
#include "script/expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>

namespace poolgauge {

namespace {

using Kind = ExpressionToken::Kind;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// One past an exponent that begins at `at`, or `at`.
std::size_t skip_exponent(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != 'e' && text[at] != 'E')) return at;
  std::size_t digits = at + 1;
  if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
  const std::size_t end = skip_digits(text, digits);
  return end > digits ? end : at;
}

Kind kind_of_integer(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  constexpr std::uint64_t kBeyond = std::uint64_t{1} << 63U;
  if (error != std::errc() || value > kBeyond) return Kind::too_large;
  return value == kBeyond ? Kind::beyond : Kind::integer;
}

ExpressionToken number(std::string_view text, std::size_t at) {
  std::size_t end = skip_digits(text, at);
  const std::size_t whole = end;
  if (end < text.size() && text[end] == '.') end = skip_digits(text, end + 1);
  end = skip_exponent(text, end);
  const std::string_view digits = text.substr(at, end - at);
  const Kind kind = end == whole ? kind_of_integer(digits) : Kind::real;
  return {kind, at, end, std::string(digits)};
}

ExpressionToken sign(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 6> kDouble{"<=", ">=", "<>", "!=", "<<", ">>"};
  constexpr std::string_view kSingle = "+-*/%=<>|&#~(),";
  const std::string_view two = text.substr(at, 2);
  if (std::find(kDouble.begin(), kDouble.end(), two) != kDouble.end()) {
    return {Kind::sign, at, at + 2, std::string(two)};
  }
  const bool known = kSingle.find(text[at]) != std::string_view::npos;
  return {known ? Kind::sign : Kind::other, at, at + 1, std::string(1, text[at])};
}

}  // namespace

bool in_script_name(char c) {
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80U;
}

ExpressionToken next_expression_token(std::string_view text, std::size_t at) {
  constexpr std::string_view kBlank = " \t\r\f\v\n";
  at = std::min(text.find_first_not_of(kBlank, at), text.size());
  if (at == text.size()) return {Kind::end, at, at, ""};
  const char c = text[at];
  const bool fraction = c == '.' && at + 1 < text.size() && is_digit(text[at + 1]);
  if (is_digit(c) || fraction) return number(text, at);
  std::size_t end = at + 1;
  if (c == ':') {
    while (end < text.size() && in_script_name(text[end])) ++end;
    if (end == at + 1) return {Kind::other, at, end, ":"};
    return {Kind::variable, at, end, std::string(text.substr(at + 1, end - at - 1))};
  }
  if (!is_letter(c)) return sign(text, at);
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
  std::string word(text.substr(at, end - at));
  for (char& letter : word) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return {Kind::word, at, end, std::move(word)};
}

}  // namespace poolgauge
