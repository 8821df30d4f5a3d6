// A scanner that knows just enough of SQL's lexical rules to find the semicolons that count.
#include "sql/sql_split.h"

#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "base/letters.h"

namespace poolgauge {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool starts_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalpha(byte) != 0 || c == '_' || byte >= 0x80;
}
bool continues_name(char c) {
  return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}
bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  SplitSql split() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) step();
    finish();
    return std::move(result_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (is_blank(c)) {
      ++at_;
    } else if (looking_at("--")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (looking_at("/*")) {
      skip_comment();
    } else if (c == ';' && brackets_ == 0 && body_depth_ == 0) {
      finish();
      ++at_;
    } else if (c == '\\') {
      problem(at_, "psql's backslash commands are not supported",
              "use plain SQL, or run the file with psql beforehand");
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      if (begin_ == kNone) begin_ = at_;
      take_token(c);
    }
  }

  void take_token(char c) {
    if (c == '\'') {
      skip_quoted('\'', false);
    } else if (c == '"') {
      skip_quoted('"', false);
    } else if (c == '$') {
      skip_dollar();
    } else if (starts_name(c)) {
      take_word();
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    } else {
      if (c == '(') ++brackets_;
      if (c == ')') brackets_ = std::max(brackets_ - 1, 0);
      if (c == '\0') problem(at_, "the file contains a NUL byte", "save it as UTF-8 text");
      ++at_;
    }
  }

  bool looking_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void skip_comment() {
    const std::size_t opened = at_;
    int depth = 0;
    do {
      if (looking_at("/*")) {
        ++depth;
        at_ += 2;
      } else if (looking_at("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
    if (depth > 0) unterminated(opened, "comment");
  }

  void skip_quoted(char quote, bool backslash_escapes) {
    const std::size_t opened = at_++;
    while (at_ < text_.size()) {
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (text_[at_] == quote && next != quote) break;
      const bool pair = text_[at_] == quote || (backslash_escapes && text_[at_] == '\\');
      at_ += pair ? 2 : 1;
    }
    if (at_ >= text_.size()) unterminated(opened, quote == '"' ? "quoted name" : "quoted string");
    ++at_;
  }

  void skip_dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && continues_name(text_[end]) && text_[end] != '$') ++end;
    const bool numbered =
        at_ + 1 < end && std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0;
    if (end >= text_.size() || text_[end] != '$' || numbered) {
      ++at_;  // a parameter such as $1, or a lone sign
      return;
    }
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(tag, end + 1);
    if (close == std::string_view::npos) {
      unterminated(at_, "dollar-quoted string");
    } else {
      at_ = close + tag.size();
    }
  }

  void take_word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    const std::string word = lower_case(text_.substr(start, at_ - start));
    if (word == "e" && at_ < text_.size() && text_[at_] == '\'') {
      skip_quoted('\'', true);
      return;
    }
    if (brackets_ == 0) {
      if (words_.size() < 4) words_.push_back(word);
      follow_body(word);
    }
    if (!words_.empty() && words_.front() == "copy" && previous_ == "from" && word == "stdin") {
      problem(begin_, "COPY FROM STDIN is not supported: there is no input",
              "use INSERT ... SELECT with generate_series, or load the data beforehand");
    }
    previous_ = word;
  }

  /// psql's rule for CREATE [OR REPLACE] FUNCTION | PROCEDURE ... BEGIN ATOMIC ...; END.
  void follow_body(const std::string& word) {
    const bool replace = words_.size() > 3 && words_[1] == "or" && words_[2] == "replace";
    const std::size_t kind = replace ? 3 : 1;
    const bool routine = words_.size() > kind && words_[0] == "create" &&
                         (words_[kind] == "function" || words_[kind] == "procedure");
    if (!routine) return;
    if (word == "begin" || (word == "case" && body_depth_ > 0)) ++body_depth_;
    if (word == "end" && body_depth_ > 0) --body_depth_;
  }

  void problem(std::size_t offset, std::string message, std::string hint) {
    result_.problems.push_back({offset, std::move(message), std::move(hint)});
  }

  void unterminated(std::size_t opened, const char* what) {
    problem(opened, fmt::format("this {} is not closed", what), "");
    at_ = text_.size();
  }

  void finish() {
    if (begin_ != kNone) {
      std::size_t end = std::min(at_, text_.size());
      while (end > begin_ && is_blank(text_[end - 1])) --end;
      result_.pieces.push_back({std::string(text_.substr(begin_, end - begin_)), begin_});
    }
    begin_ = kNone;
    brackets_ = 0;
    body_depth_ = 0;
    words_.clear();
    previous_.clear();
  }

  static constexpr std::size_t kNone = std::string_view::npos;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t begin_ = kNone;  ///< of the statement being read
  int brackets_ = 0;
  int body_depth_ = 0;
  std::vector<std::string> words_;  ///< its first four, outside brackets
  std::string previous_;
  SplitSql result_;
};

}  // namespace

SplitSql split_sql(std::string_view text) {
  return Splitter(text).split();
}

TextPlace place_of(std::string_view text, std::size_t offset) {
  TextPlace place;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if (!continues_character(text[i])) {
      ++place.column;
    }
  }
  return place;
}

std::size_t offset_of_character(std::string_view text, std::size_t position) {
  std::size_t offset = 0;
  for (std::size_t seen = 1; seen < position && offset < text.size(); ++seen) {
    do {
      ++offset;
    } while (offset < text.size() && continues_character(text[offset]));
  }
  return offset;
}

std::string caret_lines(std::string_view text, std::size_t offset) {
  constexpr std::size_t kBefore = 60;  ///< characters kept before the place in a long line
  constexpr std::size_t kAfter = 30;
  offset = std::min(offset, text.size());
  const std::size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  const std::size_t at = offset - begin;
  const std::size_t column = place_of(line, at).column;
  std::size_t from = 0;
  std::size_t to = line.size();
  if (column > kBefore) from = offset_of_character(line, column - kBefore);
  if (place_of(line, line.size()).column > column + kAfter) {
    to = offset_of_character(line, column + kAfter);
  }
  std::string shown(from > 0 ? "..." : "");
  const std::size_t indent = shown.size() + place_of(line.substr(from), at - from).column - 1;
  shown += line.substr(from, to - from);
  if (to < line.size()) shown += "...";
  for (char& c : shown) {
    if (c == '\t' || c == '\r') c = ' ';
  }
  return "  " + shown + "\n  " + std::string(indent, ' ') + "^";
}

}  // namespace poolgauge
