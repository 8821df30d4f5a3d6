// From the scanner's tokens to statements.
#include "permit/permit.h"

#include <utility>

#include "base/letters.h"
#include "sql/sql.h"

namespace poolgauge::permit {
namespace {

/// The name inside double quotes: doubled ones count once.
std::string unquoted(std::string_view quoted) {
  std::string name;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return name;
}

Token token_of(std::string_view sql, const SqlToken& read) {
  Token token;
  token.begin = read.begin;
  token.end = read.end;
  const std::string_view text = sql.substr(read.begin, read.end - read.begin);
  token.is_word = read.kind == SqlToken::Kind::word;
  const bool quoted_name = read.kind == SqlToken::Kind::quoted && text.starts_with("\"");
  token.is_name = token.is_word || quoted_name;
  token.text = token.is_word ? lower_case(text) : quoted_name ? unquoted(text) : std::string(text);
  return token;
}

}  // namespace

std::vector<StatementTokens> statements_of(std::string_view sql) {
  std::vector<StatementTokens> statements;
  StatementTokens current;
  int depth = 0;
  for (std::size_t at = 0; at < sql.size();) {
    const SqlToken read = next_sql_token(sql, at);
    if (read.kind == SqlToken::Kind::end || read.end <= at) break;
    at = read.end;
    if (read.kind == SqlToken::Kind::blank) continue;
    if (read.kind == SqlToken::Kind::unterminated) current.unterminated = true;
    Token token = token_of(sql, read);
    const bool sign = read.kind == SqlToken::Kind::sign;
    if (sign && token.text == "(") ++depth;
    if (sign && token.text == ")") --depth;
    if (sign && token.text == ";" && depth <= 0) {
      if (!current.tokens.empty()) statements.push_back(std::exchange(current, {}));
      depth = 0;
      continue;
    }
    current.tokens.push_back(std::move(token));
  }
  if (!current.tokens.empty()) statements.push_back(std::move(current));
  return statements;
}

}  // namespace poolgauge::permit
