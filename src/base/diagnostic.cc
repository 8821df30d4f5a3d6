// The text of an input error: place, path, what was expected, what was found, the nearest name.
#include "poolgauge/diagnostic.h"

#include <fmt/format.h>

#include "base/visible_text.h"

namespace poolgauge {

namespace {

std::string place_of(const Diagnostic& d) {
  std::string place = visible_text(d.file);
  if (d.line != 0) {
    if (!place.empty()) place += ':';
    place += fmt::format("{}", d.line);
    if (d.column != 0) place += fmt::format(":{}", d.column);
  }
  if (!d.path.empty()) {
    if (!place.empty()) place += ": ";
    place += visible_text(d.path);
  }
  return place;
}

/// Further lines of a hint stand below its first.
std::string indented(std::string text) {
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, "  ");
  }
  return text;
}

/// A guess stands before a long list of choices, else behind the message.
std::string complaint_of(const Diagnostic& d) {
  constexpr std::size_t kLong = 60;
  const std::string guess =
      d.nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", d.nearest);
  if (d.found.empty()) return d.message + guess;
  const bool has_list =
      d.message.size() > kLong && d.message.find("expected ") != std::string::npos;
  if (!guess.empty() && has_list) {
    return fmt::format("found {}{}\n  {}", d.found, guess, d.message);
  }
  // "no such file: \"x.sql\"" was not found, and only what was expected is compared with something.
  const bool compares = d.message.find("expected") != std::string::npos;
  return fmt::format("{}{}{}{}", d.message, compares ? ", found " : ": ", d.found, guess);
}

}  // namespace

std::string to_text(const Diagnostic& d) {
  std::string text = place_of(d);
  text += text.empty() ? "" : "\n  ";
  text += complaint_of(d);
  if (!d.hint.empty()) text += "\n  " + indented(d.hint);
  return text;
}

std::string to_text(std::span<const Diagnostic> diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    text += to_text(d);
    text += '\n';
  }
  return text;
}

}  // namespace poolgauge
