// The words before a table's name, and the commas of a FROM list.
#include "permit/permit.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace poolgauge::permit {
namespace {

bool leads_to_table(std::string_view word) {
  constexpr auto kWords =
      std::to_array<std::string_view>({"from", "join", "into", "update", "table", "only"});
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool is_no_name(std::string_view word) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"select", "lateral", "only", "values", "set", "of", "skip", "nowait", "unnest"});
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

class TableFinder {
 public:
  TableFinder(const std::vector<Token>& tokens, bool qualified)
      : tokens_(tokens), qualified_(qualified) {}
  void find(std::vector<std::string>& names) {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (!tokens_[at].is_word || !leads_to_table(tokens_[at].text)) continue;
      std::size_t next = at + 1;
      while (take(next, names)) {
        // "a AS x, b y": the list goes on behind the alias.
        skip_alias(next);
        if (text(next) != ",") break;
        ++next;
      }
    }
  }

 private:
  std::string_view text(std::size_t at) const {
    return at < tokens_.size() ? std::string_view(tokens_[at].text) : "";
  }
  bool is_name(std::size_t at) const { return at < tokens_.size() && tokens_[at].is_name; }
  bool take(std::size_t& at, std::vector<std::string>& names) const;
  void skip_alias(std::size_t& at) const;

  const std::vector<Token>& tokens_;
  bool qualified_;
};

/// A name that is no key word and no function; `at` moves behind it.
bool TableFinder::take(std::size_t& at, std::vector<std::string>& names) const {
  if (!is_name(at) || (tokens_[at].is_word && is_no_name(text(at)))) return false;
  std::string name = qualified_ ? quoted_identifier(text(at)) : tokens_[at].text;
  while (text(at + 1) == "." && is_name(at + 2)) {
    at += 2;
    name = qualified_ ? name + "." + quoted_identifier(text(at)) : tokens_[at].text;
  }
  if (text(at + 1) == "(" && !(at > 0 && text(at - 1) == "into")) return false;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  ++at;
  return true;
}

void TableFinder::skip_alias(std::size_t& at) const {
  if (text(at) == "as") ++at;
  if (is_name(at) && text(at + 1) == ",") ++at;
}

std::vector<std::string> found_in(std::string_view sql, bool qualified) {
  std::vector<std::string> names;
  for (const StatementTokens& statement : statements_of(sql)) {
    TableFinder(statement.tokens, qualified).find(names);
  }
  return names;
}

/// TRUNCATE [TABLE] [ONLY] a.b, c …
void add_truncated(const std::vector<Token>& tokens, std::vector<std::string>& names) {
  std::string name;
  for (std::size_t at = 1; at < tokens.size(); ++at) {
    const Token& token = tokens[at];
    if (token.text == ".") {
      name += ".";
    } else if (token.is_word && name.empty() && (token.text == "table" || token.text == "only")) {
      continue;
    } else if (token.is_name && (name.empty() || name.ends_with('.'))) {
      name += quoted_identifier(token.text);
    } else {
      if (!name.empty()) names.push_back(name);
      name.clear();
      if (token.text != ",") return;
    }
  }
  if (!name.empty()) names.push_back(name);
}

}  // namespace

std::vector<std::string> tables_named(std::string_view sql) {
  return found_in(sql, false);
}

std::vector<std::string> qualified_tables(std::string_view sql) {
  return found_in(sql, true);
}

FurtherRights further_rights(std::string_view sql) {
  FurtherRights rights;
  for (const StatementTokens& statement : statements_of(sql)) {
    const std::vector<Token>& tokens = statement.tokens;
    if (!tokens[0].is_word) continue;
    if (tokens[0].text == "truncate") add_truncated(tokens, rights.truncated);
    const bool creates = tokens[0].text == "create" && tokens.size() > 1 && tokens[1].is_word;
    rights.temporary = rights.temporary ||
                       (creates && (tokens[1].text == "temp" || tokens[1].text == "temporary"));
  }
  return rights;
}

}  // namespace poolgauge::permit
