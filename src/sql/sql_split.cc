// The semicolons that count, by the tokens around them.
#include "sql/sql.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/letters.h"

namespace poolgauge {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
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
    const SqlToken token = next_sql_token(text_, at_);
    if (token.kind == SqlToken::Kind::blank) {
      at_ = token.end;
    } else if (text_[at_] == ';' && brackets_ == 0 && body_depth_ == 0) {
      finish();
      ++at_;
    } else if (text_[at_] == '\\') {
      problem(at_, "psql's backslash commands are not supported",
              "use plain SQL, or run the file with psql beforehand");
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (looking_at("/*")) {  // else it would be blank
      unterminated(token);
    } else {
      if (begin_ == kNone) begin_ = at_;
      take(token);
    }
  }

  void take(const SqlToken& token) {
    at_ = token.end;
    switch (token.kind) {
      case SqlToken::Kind::word: return take_word(token.begin);
      case SqlToken::Kind::variable: return take_word(token.begin + 1);
      case SqlToken::Kind::sign: return take_sign(token.begin);
      case SqlToken::Kind::unterminated: return unterminated(token);
      case SqlToken::Kind::blank:
      case SqlToken::Kind::number:
      case SqlToken::Kind::quoted:
      case SqlToken::Kind::parameter:
      case SqlToken::Kind::end: return;
    }
  }

  bool looking_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void take_sign(std::size_t begin) {
    const char c = text_[begin];
    if (c == '(') ++brackets_;
    if (c == ')') brackets_ = std::max(brackets_ - 1, 0);
    if (c == '\0') problem(begin, "the file contains a NUL byte", "save it as UTF-8 text");
  }

  void take_word(std::size_t begin) {
    const std::string word = lower_case(text_.substr(begin, at_ - begin));
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

  void unterminated(const SqlToken& token) {
    const char first = text_[token.begin];
    const char* what = first == '/'   ? "comment"
                       : first == '"' ? "quoted name"
                       : first == '$' ? "dollar-quoted string"
                                      : "quoted string";
    const bool escapes = first == 'e' || first == 'E';
    problem(token.begin + (escapes ? 1 : 0), fmt::format("this {} is not closed", what), "");
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
