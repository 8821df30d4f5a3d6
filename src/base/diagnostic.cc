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

}  // namespace

std::string to_text(const Diagnostic& d) {
  std::string text = place_of(d);
  text += text.empty() ? "" : "\n  ";
  text += d.message;
  if (!d.found.empty()) text += fmt::format(", found {}", d.found);
  if (!d.nearest.empty()) text += fmt::format("; did you mean \"{}\"?", d.nearest);
  if (!d.hint.empty()) text += "\n  " + d.hint;
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
