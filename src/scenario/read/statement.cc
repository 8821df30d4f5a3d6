// Variables become parameters; what shifts by that is remembered for the server's positions.
#include "scenario/read/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/letters.h"
#include "base/text.h"
#include "scenario/json.h"
#include "script/expression.h"
#include "sql/sql.h"

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
    if (t.kind == Kind::unterminated)
      return refuse(t, "this string or comment is not closed", text);
    if (t.kind == Kind::parameter) return refuse(t, "expected variables in the form :name", text);
    if (t.kind != Kind::blank) {
      if (ended_ && text != ";") {
        return refuse(t, "expected one statement; put each further statement into its own step",
                      text);
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
    problem_.offset = t.begin;
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

/// A `:name` that stands for a variable; begin and end are the text's end when there is none.
struct KnownVariable {
  std::size_t begin;
  std::size_t end;
  std::uint32_t index;
};

KnownVariable known_variable(std::string_view text, std::size_t at,
                             const std::vector<std::string>& variables) {
  for (at = text.find(':', at); at != std::string_view::npos; at = text.find(':', at)) {
    std::size_t end = at + 1;
    while (end < text.size() && in_script_name(text[end])) ++end;
    const bool cast = text.substr(at).starts_with("::");
    const std::string_view name = text.substr(at + 1, end - at - 1);
    const auto found = std::find(variables.begin(), variables.end(), name);
    if (!cast && found != variables.end()) {
      return {at, end, static_cast<std::uint32_t>(found - variables.begin())};
    }
    at = cast ? at + 2 : end;
  }
  return {text.size(), text.size(), 0};
}

/// The first `:name` outside of quotes, comments and array slices that is no variable.
std::optional<StatementProblem> undeclared(std::string_view source,
                                           const std::vector<std::string>& variables) {
  std::size_t brackets = 0;
  for (SqlToken t = next_sql_token(source, 0); t.kind != Kind::end;
       t = next_sql_token(source, t.end)) {
    const std::string_view text = source.substr(t.begin, t.end - t.begin);
    if (text == "[") ++brackets;
    if (text == "]" && brackets > 0) --brackets;
    const bool named = t.kind == Kind::variable && brackets == 0;
    if (!named) continue;
    const bool known =
        std::find(variables.begin(), variables.end(), text.substr(1)) != variables.end();
    if (known) continue;
    StatementProblem problem{display_width(source.substr(0, t.begin)) + 1,
                             "expected a declared variable", shown_text(text)};
    problem.offset = t.begin;
    return problem;
  }
  return std::nullopt;
}

}  // namespace

std::variant<Statement, StatementProblem> parse_statement(
    std::string_view source, const std::vector<std::string>& variables) {
  return StatementParser(source, variables).run();
}

TransactionEffect effect_of(std::string_view sql) {
  std::vector<std::string> words;
  for (SqlToken t = next_sql_token(sql, 0); t.kind != Kind::end && words.size() < 3;
       t = next_sql_token(sql, t.end)) {
    if (t.kind == Kind::blank) continue;
    if (t.kind != Kind::word) break;
    words.push_back(lower_case(sql.substr(t.begin, t.end - t.begin)));
  }
  const auto is = [&words](std::size_t i, const char* word) {
    return words.size() > i && words[i] == word;
  };
  if (is(0, "begin") || (is(0, "start") && is(1, "transaction"))) return TransactionEffect::begins;
  const bool ends = is(0, "commit") || is(0, "end") || is(0, "abort") || is(0, "rollback");
  const bool to_savepoint = is(1, "to") || is(2, "to");
  return ends && !to_savepoint ? TransactionEffect::ends : TransactionEffect::none;
}

std::variant<Statement, StatementProblem> parse_verbatim(
    std::string_view source, const std::vector<std::string>& variables) {
  if (auto problem = undeclared(source, variables)) return std::move(*problem);
  Statement statement;
  statement.source = std::string(source);
  std::size_t at = 0;
  while (at < source.size()) {
    const KnownVariable found = known_variable(source, at, variables);
    statement.text += source.substr(at, found.begin - at);
    at = found.end;
    if (found.begin == found.end) break;
    auto& used = statement.variables;
    auto place = std::find(used.begin(), used.end(), found.index);
    if (place == used.end()) place = used.insert(used.end(), found.index);
    statement.text += '$' + std::to_string(place - used.begin() + 1);
    statement.shifts.push_back({statement.text.size(), at});
  }
  return statement;
}

bool names_variable_in_quotes(std::string_view source, const std::vector<std::string>& variables) {
  for (SqlToken t = next_sql_token(source, 0); t.kind != Kind::end;
       t = next_sql_token(source, t.end)) {
    if (t.kind != Kind::quoted) continue;
    const std::string_view text = source.substr(t.begin, t.end - t.begin);
    const KnownVariable found = known_variable(text, 0, variables);
    if (found.begin != found.end) return true;
  }
  return false;
}

std::string declaration_of(const StatementProblem& problem) {
  const std::string& found = problem.found;  // in quotes, with its colon
  if (!found.starts_with("\":") || !problem.nearest.empty()) return {};
  const std::string name = found.substr(2, found.size() - 3);
  return fmt::format(R"(declare it: "variables": {{ "{}": {{ "uniform": [1, 1000] }} }})", name);
}

}  // namespace poolgauge
