// What the JSON library says about broken text, in our words and with line and column.
#include "scenario/read/statement.h"

#include <algorithm>
#include <utility>

#include "base/json_layout.h"
#include "scenario/locate.h"

namespace poolgauge {

namespace {

/// A scenario is nested about eight deep; a limit keeps hostile files off the stack.
constexpr std::size_t kDeepest = 100;

Diagnostic diagnostic_at(std::string_view text, const std::string& file, std::size_t offset,
                         std::string message, std::string found, std::string hint = {}) {
  const Place place = place_at(text, offset);
  return Diagnostic{file, place.line,     place.column, "", std::move(found), std::move(message),
                    "",   std::move(hint)};
}

/// "... - unexpected X; expected Y": the Y in plain words, else what follows the dash.
std::string complaint_of(std::string_view what) {
  constexpr std::string_view kExpected = "; expected ";
  const std::size_t expected = what.rfind(kExpected);
  if (expected != std::string_view::npos) {
    const std::string_view wanted = what.substr(expected + kExpected.size());
    if (wanted == "'}'") return "expected a comma or }";
    if (wanted == "']'") return "expected a comma or ]";
    if (wanted == "string literal") return "expected a key in quotes";
    if (wanted == "'[', '{', or a literal") return "expected a value";
    return "expected " + std::string(wanted);
  }
  const std::size_t dash = what.find(" - ");
  if (dash != std::string_view::npos) what.remove_prefix(dash + 3);
  return std::string(what.substr(0, what.find("; last read")));
}

/// Neither a number nor true, false or null.
bool is_strange_word(std::string_view token) {
  if (token.empty() || token.find_first_of("{}[],:\"") != std::string_view::npos) return false;
  return Json::parse(token, nullptr, false).is_discarded();
}

std::string readable(std::string_view token) {
  const Json value = Json::parse(token, nullptr, false);
  return value.is_discarded() ? shown_text(token) : shown(value);
}

Diagnostic syntax_error(std::string_view text, const std::string& file,
                        const Json::parse_error& error) {
  const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
  const TokenAt at = token_at(text, offset);
  const std::string_view token = text.substr(at.token.begin, at.token.end - at.token.begin);
  const std::string_view before = text.substr(at.before.begin, at.before.end - at.before.begin);
  if (before == "," && (token == "}" || token == "]")) {
    return diagnostic_at(text, file, at.before.begin,
                         "not valid JSON: extra comma before " + std::string(token), "",
                         "remove it: JSON does not allow trailing commas (JSON5 and JSONC do)");
  }
  const std::string complaint = is_strange_word(token)
                                    ? "expected a number, true, false, or a string in quotes"
                                    : complaint_of(error.what());
  return diagnostic_at(text, file, at.token.begin, "not valid JSON: " + complaint,
                       token.empty() ? "the end of the file" : readable(token),
                       syntax_cure({token, before, text.substr(at.token.end), complaint}));
}

/// Another format altogether.
std::optional<Diagnostic> foreign_form(std::string_view text, const std::string& file) {
  const std::optional<FileForm> form = form_of(text);
  if (!form) return std::nullopt;
  if (*form == FileForm::empty) {
    return diagnostic_at(text, file, 0, "the file is empty", "",
                         "poolgauge scenario new FILE creates a scenario to start from");
  }
  return diagnostic_at(
      text, file, 0,
      "expected a scenario in JSON, but this looks like " + std::string(name_of(*form)), "",
      cure_of(*form, file));
}

/// A number such as 1e999: the library tells its text, not its place.
Diagnostic number_error(std::string_view text, const std::string& file, std::string_view what) {
  const std::size_t open = what.find('\'');
  const std::size_t close = what.rfind('\'');
  std::string number;
  if (open != std::string_view::npos && close > open + 1) {
    number = std::string(what.substr(open + 1, close - open - 1));
  }
  const std::size_t offset = number.empty() ? 0 : text.find(number);
  return diagnostic_at(text, file, offset, "expected a smaller number", number);
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::variant<Json, Diagnostic> parse_json(std::string_view text, const std::string& file) {
  if (nesting_depth(text) > kDeepest) {
    return diagnostic_at(text, file, 0, "nested too deeply (more than 100 levels)", "");
  }
  try {
    return Json::parse(text.begin(), text.end(), nullptr, true, true);
  } catch (const Json::parse_error& error) {
    if (auto other = foreign_form(text, file)) return std::move(*other);
    return syntax_error(text, file, error);
  } catch (const Json::exception& error) {
    return number_error(text, file, error.what());
  }
}

}  // namespace poolgauge
