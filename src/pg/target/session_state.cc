// The first words of each statement.
#include "pg/target/target_info.h"

#include <cctype>
#include <vector>

#include "sql/sql.h"

namespace poolgauge {
namespace {

/// Upper case, at most so many.
std::vector<std::string> words_of(std::string_view sql, std::size_t most) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i <= sql.size() && words.size() < most; ++i) {
    const unsigned char c = i < sql.size() ? static_cast<unsigned char>(sql[i]) : ' ';
    if (std::isalnum(c) != 0 || c == '_') {
      word += static_cast<char>(std::toupper(c));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

bool is_temporary(const std::string& word) {
  return word == "TEMP" || word == "TEMPORARY";
}

std::string state_of_one(std::string_view sql) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> words = words_of(sql, kMost);
  words.resize(kMost);
  const std::string& first = words[0];
  if (first == "SET") {
    const bool short_lived =
        words[1] == "LOCAL" || words[1] == "TRANSACTION" || words[1] == "CONSTRAINTS";
    return short_lived ? "" : "SET";
  }
  if (first == "LISTEN" || first == "PREPARE" || first == "LOAD") {
    return words[1] == "TRANSACTION" ? "" : first;  // a prepared transaction has no session
  }
  if (first != "CREATE") return "";
  const bool global = words[1] == "GLOBAL" || words[1] == "LOCAL";
  const std::string& kind = global ? words[2] : words[1];
  return is_temporary(kind) ? "CREATE TEMPORARY " + (global ? words[3] : words[2]) : "";
}

}  // namespace

std::string session_state_of(std::string_view sql) {
  for (const SqlPiece& piece : split_sql(sql).pieces) {
    std::string state = state_of_one(piece.text);
    if (!state.empty()) return state;
  }
  return "";
}

}  // namespace poolgauge
