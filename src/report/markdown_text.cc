// Escaping and building blocks for Markdown.
#include "report/markdown_text.h"

namespace poolgauge {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      out += ' ';
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|#~").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string code(std::string_view text) {
  std::string inner;
  for (const char c : text) {
    if (c == '|') inner += '\\';
    inner += c == '\n' || c == '\r' ? ' ' : c;
  }
  // A span that holds a backtick is fenced with two, and spaces keep them apart.
  if (inner.find('`') != std::string::npos) return "`` " + inner + " ``";
  return "`" + inner + "`";
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
