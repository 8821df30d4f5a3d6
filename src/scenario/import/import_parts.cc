// Names and texts of what was imported.
#include "scenario/import/import_parts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/letters.h"
#include "sql/sql.h"

namespace poolgauge {

namespace {

using Kind = SqlToken::Kind;

/// Words and quoted names in order, in small letters, at most `most`.
std::vector<std::string> words_of(std::string_view sql, std::size_t most) {
  std::vector<std::string> words;
  for (SqlToken t = next_sql_token(sql, 0); t.kind != Kind::end && words.size() < most;
       t = next_sql_token(sql, t.end)) {
    if (t.kind == Kind::unterminated) break;
    if (t.kind == Kind::word) words.push_back(lower_case(sql.substr(t.begin, t.end - t.begin)));
  }
  return words;
}

/// Words, names and signs in order, words in small letters; the beginning of a long statement.
std::vector<std::string> parts_of(std::string_view sql) {
  constexpr std::size_t kMost = 300;
  std::vector<std::string> parts;
  for (SqlToken t = next_sql_token(sql, 0); t.kind != Kind::end && parts.size() < kMost;
       t = next_sql_token(sql, t.end)) {
    if (t.kind == Kind::blank) continue;
    parts.push_back(lower_case(sql.substr(t.begin, t.end - t.begin)));
  }
  return parts;
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& known) {
  return std::find(known.begin(), known.end(), text) != known.end();
}

}  // namespace

Json new_scenario(const ImportOptions& options, const std::string& description) {
  Json root{{"version", 1}, {"name", options.name}, {"description", description}};
  root["variables"] = Json::object();
  for (const auto& [name, value] : options.defines) {
    root["variables"][name] = Json{{"choice", Json::array({value})}};
  }
  root["requests"] = Json::array();
  return root;
}

std::string plain_name(std::string_view text, char joint, std::size_t most) {
  std::string name;
  for (const char c : text) {
    if (name.size() == most) break;
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    if (plain) name += c;
    if (!plain && !name.empty() && name.back() != joint) name += joint;
  }
  while (!name.empty() && name.back() == joint) name.pop_back();
  return name;
}

std::string statement_name(std::string_view sql) {
  constexpr std::size_t kLongest = 60;
  constexpr std::array<std::string_view, 3> kBefore{"from", "into", "update"};
  std::vector<std::string> parts = parts_of(sql);
  if (parts.empty()) return "sql";
  std::string name = parts[0];
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (!is_one_of(parts[i], kBefore)) continue;
    if (parts[i + 1] == "only") ++i;
    // Of schema.table the table.
    while (i + 3 < parts.size() && parts[i + 2] == ".") i += 2;
    if (i + 1 < parts.size()) name += ' ' + parts[i + 1];
    break;
  }
  name = plain_name(name, ' ', kLongest);
  return name.empty() ? "sql" : name;
}

bool is_replayable(std::string_view sql) {
  constexpr std::array<std::string_view, 17> kWords{
      "select", "insert", "update", "delete",    "merge",   "with",     "values", "table", "begin",
      "start",  "commit", "end",    "savepoint", "release", "rollback", "abort",  "set"};
  const std::vector<std::string> words = words_of(sql, 3);
  if (words.empty()) {
    const SqlToken first = next_sql_token(sql, 0);
    return sql.substr(first.begin, first.end - first.begin) == "(";
  }
  // Session-wide settings and passwords are no part of a request.
  if (words[0] == "set") return words.size() > 1 && words[1] == "local";
  const bool prepared_transaction = words.size() > 1 && words[1] == "prepared" &&
                                    (words[0] == "commit" || words[0] == "rollback");
  return is_one_of(words[0], kWords) && !prepared_transaction;
}

bool is_replayable_within(std::string_view sql, const ChangingNames& names, bool in_block) {
  constexpr std::array<std::string_view, 7> kAnywhere{"call", "do",      "lock",   "notify",
                                                      "show", "explain", "declare"};
  constexpr std::array<std::string_view, 3> kOfTransaction{"local", "transaction", "constraints"};
  constexpr std::array<std::string_view, 3> kOfCursors{"fetch", "move", "close"};
  constexpr std::array<std::string_view, 5> kOfTables{"create", "drop", "truncate", "analyze",
                                                      "alter"};
  if (is_replayable(sql)) return true;
  constexpr std::size_t kMost = 300;
  const std::vector<std::string> parts = parts_of(sql);
  if (parts.empty()) return false;
  if (is_one_of(parts[0], kAnywhere)) return true;
  if (parts[0] == "set") return parts.size() > 1 && is_one_of(parts[1], kOfTransaction);
  const std::vector<SqlToken> tokens = tokens_of(sql, kMost);
  const auto names_one = [&](ChangingNames::Kind kind) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const SqlToken& token) {
      return names.knows(sql.substr(token.begin, token.end - token.begin), kind);
    });
  };
  if (is_one_of(parts[0], kOfCursors)) {
    return names_one(ChangingNames::Kind::cursor) || (in_block && parts.back() == "all");
  }
  return in_block && is_one_of(parts[0], kOfTables) && names_one(ChangingNames::Kind::temporary);
}

bool changes_rows(std::string_view sql) {
  constexpr std::array<std::string_view, 6> kChanges{"insert", "update", "delete",
                                                     "merge",  "call",   "do"};
  constexpr std::array<std::string_view, 3> kWithin{"insert", "update", "delete"};
  constexpr std::size_t kMost = 2000;
  const std::vector<std::string> words = words_of(sql, kMost);
  if (words.empty()) return false;
  if (is_one_of(words[0], kChanges)) return true;
  if (words[0] != "with") return false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    // FOR UPDATE locks, and changes nothing.
    if (is_one_of(words[i], kWithin) && words[i - 1] != "for" && words[i - 1] != "key") return true;
  }
  return false;
}

std::string with_variables(std::string_view sql, const std::vector<std::string>& names) {
  constexpr std::array<std::string_view, 8> kTypes{"interval",    "date",   "time", "timestamp",
                                                   "timestamptz", "timetz", "uuid", "json"};
  std::string out;
  std::string type;         // the name of a type right before
  std::size_t type_at = 0;  // where it stands in `out`
  for (SqlToken t = next_sql_token(sql, 0); t.kind != Kind::end; t = next_sql_token(sql, t.end)) {
    const std::string_view text = sql.substr(t.begin, t.end - t.begin);
    if (t.kind == Kind::word) {
      type = is_one_of(lower_case(text), kTypes) ? lower_case(text) : "";
      type_at = out.size();
    }
    std::size_t number = 0;
    if (t.kind == Kind::parameter) {
      std::from_chars(text.data() + 1, text.data() + text.size(), number);
    }
    if (number == 0 || number > names.size() || names[number - 1].empty()) {
      out += text;
      if (t.kind != Kind::word && t.kind != Kind::blank) type.clear();
      continue;
    }
    if (type.empty()) {
      out += ':' + names[number - 1];
    } else {
      out.resize(type_at);
      out += "CAST(:" + names[number - 1] + " AS " + type + ')';
    }
    type.clear();
  }
  return out;
}

}  // namespace poolgauge
