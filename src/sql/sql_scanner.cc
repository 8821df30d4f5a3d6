// One token at a time, as PostgreSQL's scanner (src/backend/parser/scan.l) would take it.
#include "sql/sql.h"

namespace poolgauge {

namespace {

using Kind = SqlToken::Kind;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80U;
}
bool continues_word(char c) {
  return starts_word(c) || is_digit(c) || c == '$';
}

std::size_t end_of_word(std::string_view sql, std::size_t at) {
  while (at < sql.size() && continues_word(sql[at])) ++at;
  return at;
}

// One past the closing quote, or npos. A doubled quote is part of the string by itself: it is read
// as two strings side by side, which ends at the same place.
std::size_t end_of_quoted(std::string_view sql, std::size_t open, bool backslash_escapes) {
  const char quote = sql[open];
  for (std::size_t i = open + 1; i < sql.size(); ++i) {
    if (backslash_escapes && sql[i] == '\\') {
      ++i;
    } else if (sql[i] == quote) {
      if (i + 1 == sql.size() || sql[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return std::string_view::npos;
}

// Block comments nest.
std::size_t end_of_comment(std::string_view sql, std::size_t at) {
  std::size_t depth = 0;
  while (at + 1 < sql.size()) {
    const std::string_view two = sql.substr(at, 2);
    if (two == "/*") {
      ++depth;
      at += 2;
    } else if (two == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      ++at;
    }
  }
  return std::string_view::npos;
}

SqlToken token_to(Kind kind, std::string_view sql, std::size_t begin, std::size_t end) {
  if (end == std::string_view::npos) return {Kind::unterminated, begin, sql.size()};
  return {kind, begin, end};
}

SqlToken dollar(std::string_view sql, std::size_t at) {
  std::size_t i = at + 1;
  if (i < sql.size() && is_digit(sql[i])) {
    while (i < sql.size() && is_digit(sql[i])) ++i;
    return {Kind::parameter, at, i};
  }
  if (i < sql.size() && starts_word(sql[i])) {
    while (i < sql.size() && continues_word(sql[i]) && sql[i] != '$') ++i;
  }
  if (i == sql.size() || sql[i] != '$') return {Kind::sign, at, at + 1};
  const std::string_view tag = sql.substr(at, i + 1 - at);
  const std::size_t close = sql.find(tag, i + 1);
  const bool closed = close != std::string_view::npos;
  return token_to(Kind::quoted, sql, at, closed ? close + tag.size() : close);
}

SqlToken colon(std::string_view sql, std::size_t at) {
  const std::string_view rest = sql.substr(at);
  if (rest.starts_with("::")) return {Kind::sign, at, at + 2};
  if (rest.size() < 2 || !starts_word(rest[1])) return {Kind::sign, at, at + 1};
  // A variable's name has no '$', so that what follows it stays what it was.
  std::size_t end = at + 1;
  while (end < sql.size() && continues_word(sql[end]) && sql[end] != '$') ++end;
  return {Kind::variable, at, end};
}

SqlToken word(std::string_view sql, std::size_t at) {
  const std::size_t end = end_of_word(sql, at);
  const bool escape_string =
      end == at + 1 && (sql[at] == 'e' || sql[at] == 'E') && sql.substr(end).starts_with('\'');
  if (escape_string) return token_to(Kind::quoted, sql, at, end_of_quoted(sql, end, true));
  return {Kind::word, at, end};
}

}  // namespace

SqlToken next_sql_token(std::string_view sql, std::size_t at) {
  if (at >= sql.size()) return {Kind::end, sql.size(), sql.size()};
  const char c = sql[at];
  const std::string_view rest = sql.substr(at);
  if (is_space(c)) {
    std::size_t end = at;
    while (end < sql.size() && is_space(sql[end])) ++end;
    return {Kind::blank, at, end};
  }
  if (rest.starts_with("--")) {
    const std::size_t newline = sql.find('\n', at);
    return {Kind::blank, at, newline == std::string_view::npos ? sql.size() : newline};
  }
  if (rest.starts_with("/*")) return token_to(Kind::blank, sql, at, end_of_comment(sql, at));
  if (c == '\'' || c == '"') {
    return token_to(Kind::quoted, sql, at, end_of_quoted(sql, at, false));
  }
  if (c == '$') return dollar(sql, at);
  if (c == ':') return colon(sql, at);
  if (starts_word(c)) return word(sql, at);
  if (is_digit(c)) return {Kind::number, at, end_of_word(sql, at)};
  return {Kind::sign, at, at + 1};
}

}  // namespace poolgauge
