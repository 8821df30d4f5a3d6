// Escaping.
#include "report/markup.h"

#include <fmt/core.h>
#include <algorithm>

#include "base/visible_text.h"

namespace poolgauge {

namespace {

std::string_view entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

}  // namespace

std::string markup_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : visible_lines(text)) {
    const std::string_view instead = entity(c);
    if (instead.empty()) {
      out += c;
    } else {
      out += instead;
    }
  }
  return out;
}

std::string markup_attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, markup_text(value));
}

namespace {

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether GitHub would take what begins here for somebody's name or for an issue: it looks at the
/// text that is shown, so that neither a backslash nor an entity in the place of the sign helps.
bool refers(std::string_view before, std::string_view after) {
  if (after.empty() || before.empty()) return false;
  const bool digit = after[0] >= '0' && after[0] <= '9';
  if (before.back() == '@') return is_word(after[0]);
  if (before.back() == '#') return digit;
  // "GH-12", in letters of either size.
  const std::size_t size = before.size();
  if (!digit || size < 3 || before.back() != '-') return false;
  const auto is = [](char c, char small) { return c == small || c == small - 'a' + 'A'; };
  return is(before[size - 3], 'g') && is(before[size - 2], 'h');
}

}  // namespace

std::string escaped(std::string_view text) {
  constexpr std::string_view kNoWidth = "&#8203;";  // keeps a sign apart from what follows it
  std::string out;
  const std::string shown = visible_lines(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const char c = shown[i];
    const std::string_view all = shown;
    if (refers(all.substr(0, i), all.substr(i))) out += kNoWidth;
    if (c == '\n') {
      out += ' ';
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      // A colon before slashes would make a link of an address.
      const bool address = c == '/' && out.ends_with(':');
      if (address) out.insert(out.size() - 1, 1, '\\');
      if (std::string_view("\\`*_[]|#~$").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string code(std::string_view text) {
  std::string inner;
  for (const char c : visible_lines(text)) {
    if (c == '|') inner += '\\';
    inner += c == '\n' ? ' ' : c;
  }
  // A span that holds backticks is fenced with more of them, and spaces keep them apart.
  const std::size_t longest = longest_run(inner, '`');
  if (longest == 0) return "`" + inner + "`";
  const std::string ticks(longest + 1, '`');
  return ticks + " " + inner + " " + ticks;
}

std::string fenced(std::string_view language, std::string_view text) {
  const std::string inner = visible_lines(text);
  const std::string fence(std::max<std::size_t>(3, longest_run(inner, '`') + 1), '`');
  std::string word;
  for (const char c : language) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) word += c;
  }
  return fence + word + "\n" + inner + (inner.ends_with('\n') ? "" : "\n") + fence;
}

std::string table_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += (cell.empty() ? "" : " " + cell) + " |";
  return row + "\n";
}

std::string folded(std::string_view title, std::string_view body) {
  std::string out = "<details><summary>" + std::string(title) + "</summary>\n\n";
  out += body;
  while (out.ends_with('\n')) out.pop_back();
  return out + "\n\n</details>\n\n";
}

}  // namespace poolgauge
