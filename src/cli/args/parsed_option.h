// An option whose value is read by a function that says what it expects.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "poolgauge/result.h"

namespace poolgauge::cli {

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

}  // namespace poolgauge::cli
