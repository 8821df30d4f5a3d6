// Statement by statement, a word at a time.
#include "scenario/read/resolve.h"

#include <charconv>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/letters.h"
#include "sql/sql.h"

namespace poolgauge {

namespace {

constexpr std::size_t kDeepestQuery = 4;  ///< DO blocks within DO blocks

/// "name" without its quotes; anything else is no quoted name.
std::string unquoted(std::string_view text) {
  std::string name;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    name += text[i];
    if (text[i] == '"' && text[i + 1] == '"') ++i;
  }
  return name;
}

/// The words of one statement; a name in quotes is kept as it is meant.
using Words = std::vector<std::string>;

std::int64_t number_at(const Words& words, std::size_t at) {
  const bool negative = at < words.size() && words[at] == "-";
  const std::string& text = words[negative ? at + 1 : at];
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return negative ? -1 : value;
}

void take(const Words& words, ConnectionLimits& limits) {
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] != "create" && words[i] != "alter") continue;
    const std::string& what = words[i + 1];
    const bool of_role = what == "role" || what == "user";
    if (!of_role && what != "database") continue;
    for (std::size_t k = i + 3; k + 2 < words.size(); ++k) {
      const std::size_t value = words[k + 2] == "=" ? k + 3 : k + 2;
      const std::size_t last = value < words.size() && words[value] == "-" ? value + 1 : value;
      if (words[k] != "connection" || words[k + 1] != "limit" || last >= words.size()) continue;
      (of_role ? limits.roles : limits.databases)[words[i + 2]] = number_at(words, value);
      break;
    }
    return;
  }
}

/// What $tag$ ... $tag$ holds; empty: no such quotes.
std::string_view dollar_body(std::string_view token) {
  if (token.empty() || token.front() != '$') return {};
  const std::size_t tag = token.find('$', 1);
  if (tag == std::string_view::npos || token.size() < 2 * (tag + 1)) return {};
  return token.substr(tag + 1, token.size() - 2 * (tag + 1));
}

void scan(std::string_view sql, std::size_t depth, ConnectionLimits& limits) {
  Words words;
  for (std::size_t at = 0; at < sql.size();) {
    const SqlToken token = next_sql_token(sql, at);
    if (token.kind == SqlToken::Kind::end || token.end <= at) break;
    at = token.end;
    const std::string_view text = sql.substr(token.begin, token.end - token.begin);
    if (token.kind == SqlToken::Kind::blank) continue;
    if (text == ";") {
      take(words, limits);
      words.clear();
    } else if (token.kind == SqlToken::Kind::quoted && text.front() == '"') {
      words.push_back(unquoted(text));
    } else if (token.kind == SqlToken::Kind::quoted && depth < kDeepestQuery) {
      scan(dollar_body(text), depth + 1, limits);
    } else {
      words.push_back(lower_case(text));
    }
  }
  take(words, limits);
}

}  // namespace

ConnectionLimits connection_limits(const Scenario& scenario) {
  ConnectionLimits limits;
  for (const SqlFile& file : scenario.setup) scan(file.content, 0, limits);
  return limits;
}

}  // namespace poolgauge
