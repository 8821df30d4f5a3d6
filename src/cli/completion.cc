// What the shells' scripts have in common.
#include "cli/completion.h"

#include <string_view>

namespace poolgauge::cli {

namespace {

/// Asked when somebody presses the key, so that a scenario of one's own is among them.
constexpr std::string_view kListScenarios = "poolgauge scenario list 2>/dev/null | sed 's/ .*//'";

}  // namespace

std::string with_scenario_list(std::string text) {
  constexpr std::string_view kPlace = "@LIST@";
  return text.replace(text.find(kPlace), kPlace.size(), kListScenarios);
}

std::string spaced(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

std::string single_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string completion_heading(const std::string& shell, const std::string& how) {
  return "# Completion of poolgauge for " + shell + ", made by: poolgauge completion " + shell +
         "\n# " + how + "\n";
}

}  // namespace poolgauge::cli
