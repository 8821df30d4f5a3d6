// Paragraphs and columns of the help, after CLI11 has put them together.
#include "cli/args/command_line.h"

#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace poolgauge::cli {

namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), with);
  }
}

/// Help in which a sentence says how every variable is called, without the variables.
std::string without_variables(std::string text) {
  constexpr std::string_view kVariable = " (Env:";
  for (auto at = text.find(kVariable); at != std::string::npos; at = text.find(kVariable, at)) {
    text.erase(at, text.find(')', at) + 1 - at);
    const std::size_t used = at - (text.rfind('\n', at - 1) + 1);
    if (used + 1 >= kHelpColumn) continue;
    const std::size_t words = text.find_first_not_of(" \n", at);
    text.replace(at, words - at, std::string(kHelpColumn - used, ' '));
  }
  return text;
}

constexpr std::size_t kHelpWidth = 100;

/// `words` in lines of at most kHelpWidth columns, the first of which begins with `start`, the
/// others with so many blanks.
std::string wrapped(const std::string& start, std::size_t blanks, const std::string& words) {
  std::istringstream in(words);
  std::string text, line = start, word;
  bool empty = true;
  while (in >> word) {
    if (!empty && display_width(line) + 1 + display_width(word) > kHelpWidth) {
      text += line + "\n";
      line = std::string(blanks, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return text + line + "\n";
}

/// A line with words about an option, beside its name or below it.
bool is_about_option(const std::string& line) {
  return line.size() > kHelpColumn && line[kHelpColumn - 1] == ' ' && line.starts_with("  ") &&
         !line.starts_with("  poolgauge ");
}

/// Whether a line goes on with the words of the one above it.
bool goes_on(const std::string& above, const std::string& line) {
  if (above.empty() || line.empty()) return false;
  const bool option = is_about_option(above) && line.find_first_not_of(' ') == kHelpColumn;
  const bool prose = above[0] != ' ' && line[0] != ' ' && !above.ends_with(':');
  return option || prose;
}

/// The help's paragraphs and words about options, broken anew where one of their lines is too long.
std::string rewrapped(const std::string& help) {
  std::vector<std::string> lines;
  std::istringstream in(help);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string text;
  for (std::size_t i = 0; i < lines.size();) {
    const bool option = is_about_option(lines[i]);
    const std::size_t blanks = option ? kHelpColumn : 0;
    bool too_long = false;
    std::string whole, words;
    std::size_t end = i;
    do {
      too_long = too_long || display_width(lines[end]) > kHelpWidth;
      whole += lines[end] + "\n";
      words += " " + (lines[end].empty() ? "" : lines[end].substr(blanks));
      ++end;
    } while (end < lines.size() && goes_on(lines[end - 1], lines[end]));
    const bool wraps = too_long && (option || lines[i][0] != ' ');
    text += wraps ? wrapped(lines[i].substr(0, blanks), blanks, words) : whole;
    i = end;
  }
  return text;
}

}  // namespace

std::string tidied_help(std::string text) {
  replace_all(text, "\n\n\n", "\n\n");
  replace_all(text, " ... ", "     ");
  const bool all_have_one = text.find("Every flag with a value has a variable") != text.npos;
  return rewrapped(all_have_one ? without_variables(std::move(text)) : text);
}

}  // namespace poolgauge::cli
