// Dressing the gathered lines for one terminal.
#include "report/terminal/screen.h"

#include <algorithm>

#include "base/visible_text.h"
#include "report/layout.h"

namespace poolgauge {
namespace {

/// Below this nothing can be laid out; lines are then wider than what was asked for.
constexpr unsigned kNarrowest = 40;

std::string_view code_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::good: return "\x1b[32m";
    case Tone::bad: return "\x1b[31m";
    case Tone::doubtful: return "\x1b[33m";
    case Tone::faint: return "\x1b[2m";
    case Tone::strong: return "\x1b[1m";
  }
  return "";
}

}  // namespace

Screen::Screen(const TerminalStyle& style)
    : style_(style), width_(std::max(style.width, kNarrowest)) {}

void Screen::line(std::string_view text, Tone tone) {
  const std::size_t end = text.find_last_not_of(' ');
  lines_.push_back(
      {visible_text(text.substr(0, end == std::string_view::npos ? 0 : end + 1)), tone});
}

void Screen::text(std::string_view text, std::size_t indent, Tone tone) {
  for (const std::string& wrapped : wrap(visible_text(text), width_, indent)) line(wrapped, tone);
}

void Screen::labelled(std::string_view label, std::size_t column, std::string_view text,
                      Tone tone) {
  for (const std::string& part : hang(visible_text(label), column, visible_lines(text), width_))
    line(part, tone);
}

void Screen::gap() {
  if (!lines_.empty() && !lines_.back().text.empty()) lines_.push_back({"", Tone::plain});
}

std::string Screen::str() const {
  std::string out;
  for (const Line& line : lines_) {
    const std::string shown = style_.unicode ? line.text : to_ascii(line.text);
    const std::string_view code = style_.color && !shown.empty() ? code_of(line.tone) : "";
    out += code;
    out += shown;
    if (!code.empty()) out += "\x1b[0m";
    out += '\n';
  }
  return out;
}

}  // namespace poolgauge
