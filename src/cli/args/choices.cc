// CLI11 keeps the functions that check a value, not what they accept. A checker has a name, though,
// for those who look for it; the names that it accepts stand there.
#include "cli/args/choices.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace poolgauge::cli {

namespace {

constexpr std::string_view kChoices = "one of:";
constexpr std::string_view kScenarios = "a scenario";

std::string joined(const std::vector<std::string>& names, std::string_view between) {
  std::string all;
  for (const std::string& name : names) {
    if (!all.empty()) all += between;
    all += name;
  }
  return all;
}

std::string label(const std::vector<std::string>& names) {
  return std::string(kChoices) + joined(names, "|");
}

std::string anything(const std::string& /*text*/) {
  return {};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

/// The name of the checker at `index`; nothing behind the last.
std::optional<std::string> name_of_checker(CLI::Option& option, int index) {
  try {
    return option.get_validator(index)->get_name();
  } catch (const CLI::OptionNotFound&) {
    return std::nullopt;
  }
}

}  // namespace

CLI::Validator one_of(const std::vector<std::string>& names) {
  const auto check = [names](const std::string& text) -> std::string {
    if (std::find(names.begin(), names.end(), text) != names.end()) return {};
    const std::string list = "expected one of " + joined(names, ", ");
    const std::optional<std::string> nearest = nearest_name(text, names);
    if (!nearest) return list + "; found \"" + text + "\"";
    return "found \"" + text + "\"; did you mean \"" + *nearest + "\"?\n" + list;
  };
  return CLI::Validator(check, "", label(names));
}

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const auto check = [low, high](std::string& text) -> std::string {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= low && value <= high) return {};
    return "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
           ", found \"" + text + "\"";
  };
  return CLI::Validator(check, "");
}

CLI::Validator offer(const std::vector<std::string>& names) {
  return CLI::Validator(anything, "", label(names));
}

CLI::Validator offer_scenarios() {
  return CLI::Validator(anything, "", std::string(kScenarios));
}

Offered offered_by(CLI::Option& option) {
  Offered offered;
  for (int i = 0;; ++i) {
    const std::optional<std::string> name = name_of_checker(option, i);
    if (!name) return offered;
    if (*name == kScenarios) offered.scenarios = true;
    if (name->starts_with(kChoices)) offered.names = split(name->substr(kChoices.size()));
  }
}

}  // namespace poolgauge::cli
