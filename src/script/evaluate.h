// What a pgbench expression comes to. Allocates nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "poolgauge/script.h"

namespace poolgauge {

/// Of greatest and least.
inline constexpr std::size_t kMostArguments = 16;

/// The variables of one user, both by index.
struct ScriptVariables {
  const std::vector<ScriptValue>& values;
  const std::vector<std::string>& texts;  ///< of those of type text
};

/// A value, or why there is none: a literal such as "division by zero".
struct Evaluated {
  ScriptValue value;
  const char* problem = nullptr;
};

Evaluated evaluate(const Expression& expression, const ScriptVariables& variables, Rng& rng);

/// The condition of \if: not null, not false, not zero.
bool is_true(const ScriptValue& value);

/// A text read as pgbench reads the value of -D: null, boolean words, numbers; nullopt: none of
/// them.
std::optional<ScriptValue> value_of_text(std::string_view text);

/// The value as pgbench puts it into SQL: "5", "0.25", "true", "NULL".
void assign_text(std::string& out, const ScriptValue& value);

}  // namespace poolgauge
