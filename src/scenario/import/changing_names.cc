// Token by token; what is not understood keeps its name.
#include "scenario/import/import_parts.h"

#include "base/letters.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostTokens = 2000;

/// As the server folds a name: small letters, or what stands within quotes.
std::string folded(std::string_view token) {
  const bool is_quoted = token.size() >= 2 && token.front() == '"';
  return is_quoted ? std::string(token.substr(1, token.size() - 2)) : lower_case(token);
}

/// Reads tokens one after the other.
class NameReader {
 public:
  NameReader(std::string_view sql, const std::vector<SqlToken>& tokens)
      : sql_(sql), tokens_(tokens) {}

  std::string_view text(std::size_t i) const {
    if (i >= tokens_.size()) return {};
    return sql_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
  }
  bool is(std::size_t i, std::string_view word) const {
    return i < tokens_.size() && tokens_[i].kind == SqlToken::Kind::word && folded(text(i)) == word;
  }
  bool is_temporary(std::size_t i) const { return is(i, "temp") || is(i, "temporary"); }
  /// Of schema.name the name; the place after it is the one to go on from.
  std::size_t name_at(std::size_t i) const {
    while (text(i + 1) == "." && i + 2 < tokens_.size()) i += 2;
    return i;
  }
  bool says_on_commit_drop() const {
    for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
      if (is(i, "on") && is(i + 1, "commit") && is(i + 2, "drop")) return true;
    }
    return false;
  }

 private:
  std::string_view sql_;
  const std::vector<SqlToken>& tokens_;
};

}  // namespace

std::vector<SqlToken> tokens_of(std::string_view sql, std::size_t most) {
  std::vector<SqlToken> tokens;
  for (SqlToken t = next_sql_token(sql, 0); t.kind != SqlToken::Kind::end && tokens.size() < most;
       t = next_sql_token(sql, t.end)) {
    if (t.kind == SqlToken::Kind::unterminated) break;
    if (t.kind != SqlToken::Kind::blank) tokens.push_back(t);
  }
  return tokens;
}

void ChangingNames::see(std::string_view sql) {
  const std::vector<SqlToken> tokens = tokens_of(sql, kMostTokens);
  const NameReader reader(sql, tokens);
  const bool rolls_back_to =
      reader.is(0, "rollback") &&
      (reader.is(1, "to") ||
       ((reader.is(1, "work") || reader.is(1, "transaction")) && reader.is(2, "to")));
  of_savepoints_ = reader.is(0, "savepoint") || reader.is(0, "release") || rolls_back_to;
  // The name is the last word of all three.
  if (of_savepoints_) {
    std::size_t last = tokens.size();
    while (last > 1 && reader.text(last - 1) == ";") --last;
    if (last > 1) add(reader.text(last - 1), Kind::savepoint);
    return;
  }
  if (reader.is(0, "declare") && tokens.size() > 1) add(reader.text(1), Kind::cursor);
  if (reader.is(0, "create")) see_create(sql, tokens);
  if (reader.is(0, "drop")) see_drop(sql, tokens);
  if (reader.is(0, "select") || reader.is(0, "with")) see_into(sql, tokens);
}

void ChangingNames::see_create(std::string_view sql, const std::vector<SqlToken>& tokens) {
  const NameReader reader(sql, tokens);
  std::size_t at = 1;
  if (reader.is(at, "local") || reader.is(at, "global")) ++at;
  if (!reader.is_temporary(at)) return;
  ++at;
  const bool is_table = reader.is(at, "table");
  if (!is_table && !reader.is(at, "view") && !reader.is(at, "sequence")) return;
  ++at;
  if (reader.is(at, "if")) at += 3;
  at = reader.name_at(at);
  if (at < tokens.size()) {
    add(reader.text(at), Kind::temporary, is_table && !reader.says_on_commit_drop());
  }
}

void ChangingNames::see_into(std::string_view sql, const std::vector<SqlToken>& tokens) {
  const NameReader reader(sql, tokens);
  for (std::size_t i = 1; i + 2 < tokens.size(); ++i) {
    if (!reader.is(i, "into") || !reader.is_temporary(i + 1)) continue;
    const std::size_t at = reader.name_at(i + (reader.is(i + 2, "table") ? 3 : 2));
    if (at < tokens.size()) add(reader.text(at), Kind::temporary, true);
    return;
  }
}

void ChangingNames::see_drop(std::string_view sql, const std::vector<SqlToken>& tokens) {
  const NameReader reader(sql, tokens);
  if (!reader.is(1, "table")) return;
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    const auto known = names_.find({Kind::temporary, folded(reader.text(i))});
    if (known != names_.end()) known->second.stays = false;
  }
}

std::optional<std::size_t> ChangingNames::number_of(std::string_view token) const {
  const std::string name = folded(token);
  for (const auto& [key, known] : names_) {
    if (key.second == name && (key.first == Kind::savepoint) == of_savepoints_) return known.number;
  }
  return std::nullopt;
}

bool ChangingNames::knows(std::string_view token, Kind kind) const {
  return names_.contains({kind, folded(token)});
}

std::vector<std::string> ChangingNames::left_behind() const {
  std::vector<std::string> left;
  for (const auto& [key, name] : names_) {
    if (name.stays) left.push_back(name.text);
  }
  return left;
}

void ChangingNames::add(std::string_view token, Kind kind, bool stays) {
  const auto [name, added] =
      names_.try_emplace({kind, folded(token)}, Name{names_.size() + 1, std::string(token)});
  name->second.stays = stays;
}

}  // namespace poolgauge
