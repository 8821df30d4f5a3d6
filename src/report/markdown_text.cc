// Escaping and building blocks for Markdown.
#include "report/markdown_text.h"

#include <algorithm>

#include "base/visible_text.h"

namespace poolgauge {

namespace {

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : visible_lines(text)) {
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
