// Variables become parameters; what shifts by that is remembered for the server's positions.
#include "scenario/statement.h"

#include <algorithm>

#include "base/text.h"
#include "scenario/json.h"
#include "scenario/sql_scanner.h"

namespace poolgauge {

namespace {

using Kind = SqlToken::Kind;

class StatementParser {
 public:
  StatementParser(std::string_view source, const std::vector<std::string>& variables)
      : source_(source), variables_(variables) {
    statement_.source = std::string(source);
  }

  std::variant<Statement, StatementProblem> run() {
    for (SqlToken t = next_sql_token(source_, 0); t.kind != Kind::end;
         t = next_sql_token(source_, t.end)) {
      if (!take(t)) return problem_;
    }
    if (!any_code_) return StatementProblem{1, "expected an SQL statement", shown_text(source_)};
    return std::move(statement_);
  }

 private:
  bool take(const SqlToken& t) {
    const std::string_view text = source_.substr(t.begin, t.end - t.begin);
    if (t.kind == Kind::unterminated) return refuse(t, "this string or comment has no end", text);
    if (t.kind == Kind::parameter) return refuse(t, "expected variables as :name", text);
    if (t.kind != Kind::blank) {
      if (ended_ && text != ";") {
        return refuse(t, "expected one statement; each further one is a step of its own", text);
      }
      if (text == ";" && parentheses_ == 0) ended_ = true;
      if (text != ";") any_code_ = true;
    }
    if (t.kind == Kind::variable && !is_slice_colon()) return variable(t, text.substr(1));
    if (t.kind == Kind::sign) count_brackets(text);
    after_operand_ = is_operand(t.kind, text);
    statement_.text += text;
    return true;
  }

  bool variable(const SqlToken& t, std::string_view name) {
    const auto declared = std::find(variables_.begin(), variables_.end(), name);
    if (declared == variables_.end()) {
      refuse(t, "expected a declared variable", source_.substr(t.begin, t.end - t.begin));
      const auto nearest = nearest_name(name, variables_);
      if (nearest) problem_.nearest = ":" + *nearest;
      return false;
    }
    const auto index = static_cast<std::uint32_t>(declared - variables_.begin());
    auto& used = statement_.variables;
    auto place = std::find(used.begin(), used.end(), index);
    if (place == used.end()) place = used.insert(used.end(), index);
    statement_.text += '$' + std::to_string(place - used.begin() + 1);
    statement_.shifts.push_back({statement_.text.size(), t.end});
    after_operand_ = true;
    return true;
  }

  /// In arr[low:high] the colon sticks to an operand: there `:high` is no variable, and could not
  /// be one, because no operand follows another.
  bool is_slice_colon() const { return brackets_ > 0 && after_operand_; }

  void count_brackets(std::string_view sign) {
    if (sign == "(") ++parentheses_;
    if (sign == ")" && parentheses_ > 0) --parentheses_;
    if (sign == "[") ++brackets_;
    if (sign == "]" && brackets_ > 0) --brackets_;
  }

  static bool is_operand(Kind kind, std::string_view text) {
    if (kind == Kind::blank) return false;
    return kind != Kind::sign || text == ")" || text == "]";
  }

  bool refuse(const SqlToken& t, std::string message, std::string_view found) {
    const std::size_t character = display_width(source_.substr(0, t.begin)) + 1;
    problem_ = StatementProblem{character, std::move(message), shown_text(found)};
    return false;
  }

  std::string_view source_;
  const std::vector<std::string>& variables_;
  Statement statement_;
  StatementProblem problem_;
  std::size_t parentheses_ = 0;
  std::size_t brackets_ = 0;
  bool after_operand_ = false;
  bool ended_ = false;
  bool any_code_ = false;
};

}  // namespace

std::variant<Statement, StatementProblem> parse_statement(
    std::string_view source, const std::vector<std::string>& variables) {
  return StatementParser(source, variables).run();
}

}  // namespace poolgauge
