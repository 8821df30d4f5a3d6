// Rows of the table of options: command, heading in the help, flag, where its value goes, what the
// help calls the value, help. A value that is not taken as typed is read by a function that says
// what it expects.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/quantities.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

/// The heading of what belongs to no other.
inline constexpr const char* kOptions = "Options";

/// One value, as typed.
template <typename Slot>
CLI::Option* add_value(CLI::App& command, const char* group, const std::string& flag, Slot& slot,
                       const std::string& type, const std::string& help) {
  return command.add_option(flag, slot, help)->type_name(type)->group(group);
}

/// The same as often as it is given.
template <typename Slot>
CLI::Option* add_list(CLI::App& command, const char* group, const std::string& flag, Slot& slot,
                      const std::string& type, const std::string& help) {
  return add_value(command, group, flag, slot, type, help)->allow_extra_args(false);
}

template <typename Slot>
CLI::Option* add_switch(CLI::App& command, const char* group, const std::string& flag, Slot& slot,
                        const std::string& help) {
  return command.add_flag(flag, slot, help)->group(group);
}

/// Stores what `parse` makes of the text in `slot`, which must outlive the command, or refuses it
/// with the reason that `parse` gives.
template <typename T, typename Slot>
CLI::Option* add_parsed(CLI::App& command, const char* group, const std::string& flag,
                        const char* type, const char* help, Slot& slot,
                        std::function<Result<T>(const std::string&)> parse) {
  const auto store = [&slot, flag, parse = std::move(parse)](const std::string& text) {
    const Result<T> value = parse(text);
    if (!value.ok()) throw CLI::ValidationError(flag, value.error().message);
    slot = static_cast<Slot>(value.value());
  };
  return command.add_option_function<std::string>(flag, store, help)->type_name(type)->group(group);
}

/// A whole number from `low` to `high`.
template <typename Slot>
CLI::Option* add_count(CLI::App& command, const char* group, const std::string& flag, Slot& slot,
                       std::int64_t low, std::int64_t high, const char* help) {
  return add_parsed<std::int64_t>(
      command, group, flag, "N", help, slot,
      [low, high](const std::string& text) { return parse_count(text, low, high); });
}

/// "25%" or "0.25", up to `most`.
template <typename Slot>
CLI::Option* add_share(CLI::App& command, const char* group, const std::string& flag, Slot& slot,
                       double most, const char* help) {
  return add_parsed<double>(command, group, flag, "SHARE", help, slot,
                            [most](const std::string& text) { return parse_fraction(text, most); });
}

/// "16GB" and at least so much, in MiB.
template <typename Slot>
CLI::Option* add_memory(CLI::App& command, const char* group, const std::string& flag, Slot& slot,
                        double least_mib, const char* help) {
  return add_parsed<double>(
      command, group, flag, "SIZE", help, slot,
      [least_mib](const std::string& text) { return parse_memory_mib(text, least_mib); });
}

/// "250ms", in seconds; above 0, and at least so much.
template <typename Slot>
CLI::Option* add_seconds(CLI::App& command, const char* group, const std::string& flag, Slot& slot,
                         const char* help, Duration least = Duration{0}) {
  return add_parsed<double>(
      command, group, flag, "TIME", help, slot,
      [least](const std::string& text) { return parse_positive_seconds(text, least); });
}

}  // namespace poolgauge::cli
