// Token by token: what begins a statement, what locks or writes inside one, and what is called.
#include "permit/permit.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/letters.h"
#include "base/text.h"

namespace poolgauge::permit {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto kQueries = std::to_array<std::string_view>({"select", "values", "table", "with"});
constexpr auto kStarts =
    std::to_array<std::string_view>({"show", "declare", "fetch", "move", "close", "begin", "start",
                                     "commit", "rollback", "end", "savepoint", "release", "abort"});
// Inside a query these are part of a statement that writes, or of SELECT INTO.
constexpr auto kWrites =
    std::to_array<std::string_view>({"insert", "update", "delete", "merge", "into"});
// What stands before a bracket and is no function.
constexpr auto kBeforeBracket = std::to_array<std::string_view>(
    {"in",       "and",       "or",      "not",       "exists",  "any",          "all",
     "some",     "values",    "select",  "from",      "where",   "on",           "using",
     "as",       "over",      "filter",  "within",    "group",   "by",           "when",
     "then",     "else",      "case",    "is",        "union",   "except",       "intersect",
     "limit",    "offset",    "having",  "join",      "lateral", "cast",         "array",
     "row",      "explain",   "order",   "sets",      "cube",    "rollup",       "distinct",
     "between",  "like",      "ilike",   "similar",   "to",      "with",         "varchar",
     "char",     "character", "varying", "numeric",   "decimal", "timestamp",    "time",
     "interval", "bit",       "float",   "returning", "only",    "materialized", "for"});
// A session that has been told one of these may write again, or call what it did not mean.
constexpr auto kSettings = std::to_array<std::string_view>(
    {"transaction", "characteristics", "role", "authorization", "session",
     "default_transaction_read_only", "search_path", "schema", "session_replication_role"});

// Statements whose effects are those of what they run, or of how it is asked.
constexpr auto kOfOthers = std::to_array<std::string_view>(
    {"do", "call", "execute", "prepare", "deallocate", "copy", "lock", "load", "discard"});

/// One statement's tokens, from the left.
class Reader {
 public:
  enum class Doubts : std::uint8_t { count, ignored };
  explicit Reader(const std::vector<Token>& tokens, Doubts doubts = Doubts::count)
      : tokens_(tokens), doubts_(doubts) {}
  std::string find() {
    std::size_t first = 0;
    while (first < tokens_.size() && tokens_[first].text == "(") ++first;
    if (first == tokens_.size()) return {};
    std::string why = look_at_start(first);
    for (std::size_t i = 0; i < tokens_.size() && why.empty(); ++i) why = look_at(i);
    return why;
  }

 private:
  std::string_view word(std::size_t at) const {
    return at < tokens_.size() && tokens_[at].is_word ? std::string_view(tokens_[at].text) : "";
  }
  std::string_view text(std::size_t at) const {
    return at < tokens_.size() ? std::string_view(tokens_[at].text) : "";
  }
  std::string look_at_start(std::size_t first);
  std::string look_at_settings() const;
  std::string look_at(std::size_t at);
  std::string look_at_call(std::size_t at) const;
  bool is_alias(std::size_t at) const;
  bool begins_with_list(std::size_t at) const;
  void follow(std::size_t at);

  const std::vector<Token>& tokens_;
  const Doubts doubts_;
  int depth_ = 0;
  std::vector<int> lists_of_with_;  // depths of WITH lists whose query has not begun
  std::vector<int> distinct_on_;    // depths of open DISTINCT ON brackets
  bool after_distinct_on_ = false;  // the last token closed one
};

/// What begins a statement that is no query; a slip is no command that writes.
std::string start_words(std::string_view start) {
  if (start.empty()) return "an unknown statement";
  static const std::array<std::string, 2> kMeant = {"select", "values"};
  const auto meant = start == "delete" ? std::nullopt : nearest_name(start, kMeant);
  const std::string command = upper_case(start);
  return meant ? command + " is not an SQL command; did you mean " + upper_case(*meant) + "?"
               : command;
}

std::string Reader::look_at_start(std::size_t first) {
  const std::string_view start = word(first);
  if (is_one_of(start, kQueries)) return {};
  if (is_one_of(start, kStarts)) {
    for (std::size_t i = first; i < tokens_.size(); ++i) {
      if (word(i) == "write") return "READ WRITE";
      if (word(i) == "prepared") return upper_case(start) + " PREPARED";
    }
    return {};
  }
  if (start == "set" || start == "reset") return look_at_settings();
  if (doubts_ == Doubts::ignored && (start.empty() || is_one_of(start, kOfOthers))) return {};
  if (start != "explain") return start_words(start);
  std::size_t inner = first + 1;
  if (text(inner) == "(") {
    while (inner < tokens_.size() && text(inner) != ")") ++inner;
    ++inner;
  }
  while (word(inner) == "analyze" || word(inner) == "analyse" || word(inner) == "verbose") ++inner;
  while (text(inner) == "(") ++inner;
  return is_one_of(word(inner), kQueries) ? "" : "EXPLAIN " + upper_case(word(inner));
}

std::string Reader::look_at_settings() const {
  if (doubts_ == Doubts::ignored) return {};
  for (const Token& token : tokens_) {
    const std::string name = lower_case(token.text);
    if (is_one_of(name, kSettings) || name == "transaction_read_only" || name == "all") {
      return "SET " + token.text;
    }
  }
  return {};
}

/// WITH before a query, and no WITH ORDINALITY, WITH TIES, WITH HOLD or WITH TIME ZONE.
bool Reader::begins_with_list(std::size_t at) const {
  if (word(at) != "with") return false;
  if (at == 0 || text(at - 1) == "(") return true;
  const std::string_view next = word(at + 1);
  return (word(0) == "explain" || word(0) == "declare") && next != "ordinality" && next != "ties" &&
         next != "hold" && next != "time";
}

/// Keeps track of brackets and of lists of WITH.
void Reader::follow(std::size_t at) {
  const std::string_view here = text(at);
  after_distinct_on_ = false;
  if (here == "(" && !tokens_[at].is_word) {
    ++depth_;
    if (at >= 2 && word(at - 1) == "on" && word(at - 2) == "distinct") {
      distinct_on_.push_back(depth_);
    }
  } else if (here == ")") {
    if (!distinct_on_.empty() && distinct_on_.back() == depth_) {
      distinct_on_.pop_back();
      after_distinct_on_ = true;
    }
    --depth_;
  } else if (begins_with_list(at)) {
    lists_of_with_.push_back(depth_);
  } else if (is_one_of(word(at), kQueries) && !lists_of_with_.empty() &&
             lists_of_with_.back() == depth_) {
    lists_of_with_.pop_back();
  }
}

std::string Reader::look_at(std::size_t at) {
  std::string why;
  const std::string_view here = word(at);
  const std::string_view before = at > 0 ? word(at - 1) : "";
  if (here == "update" && (before == "for" || before == "key")) {
    why = "SELECT … FOR UPDATE";
  } else if (here == "share" && (before == "for" || before == "key")) {
    why = "SELECT … FOR SHARE";
  } else if (is_one_of(here, kWrites) && text(at + 1) != "." && (at == 0 || text(at - 1) != ".")) {
    why = upper_case(here);
  } else if (text(at + 1) == "(" && tokens_[at].is_name) {
    why = look_at_call(at);
  }
  follow(at);
  return why;
}

/// A name before a bracket that holds the names of columns.
bool Reader::is_alias(std::size_t at) const {
  if (at == 0) return false;
  if (!lists_of_with_.empty() && lists_of_with_.back() == depth_) return true;
  if (word(at - 1) == "as") return true;
  return text(at - 1) == ")" && !after_distinct_on_;
}

std::string Reader::look_at_call(std::size_t at) const {
  if (doubts_ == Doubts::ignored) return {};
  const Token& name = tokens_[at];
  const bool qualified = at >= 2 && text(at - 1) == ".";
  if (qualified && text(at - 2) != "pg_catalog") {
    return std::string(text(at - 2)) + "." + name.text + "(), whose effects are unknown";
  }
  if (!qualified && name.is_word && is_one_of(std::string_view(name.text), kBeforeBracket)) {
    return {};
  }
  if (!qualified && is_alias(at)) return {};
  if (is_function_without_effects(name.text)) return {};
  return name.text + "(), whose effects are unknown";
}

}  // namespace

bool surely_writes(std::string_view sql) {
  for (const StatementTokens& statement : statements_of(sql)) {
    if (statement.unterminated) return false;
    if (!Reader(statement.tokens, Reader::Doubts::ignored).find().empty()) return true;
  }
  return false;
}

std::string why_may_write(std::string_view sql) {
  for (const StatementTokens& statement : statements_of(sql)) {
    if (statement.unterminated) return "an unterminated quotation or comment";
    std::string why = Reader(statement.tokens).find();
    if (!why.empty()) return why;
  }
  return {};
}

}  // namespace poolgauge::permit
