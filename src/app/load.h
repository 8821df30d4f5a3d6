// From what was typed to a scenario, or all the reasons why not.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/context.h"
#include "poolgauge/diagnostic.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// How a flag takes its value.
enum class FlagShape { one, repeated, boolean };

struct OverrideName {
  const char* flag;         ///< "--users"
  const char* environment;  ///< "POOLGAUGE_USERS"
  const char* key;          ///< as Override::key; nullptr: the value is NAME=VALUE of a pool option
  const char* value_name;   ///< shown in the help
  FlagShape shape;
  const char* group;  ///< heading in the help
  const char* help;
};

std::span<const OverrideName> override_names();

/// The scenario's own keys as flags: (row of the table, value), as typed.
struct FlagValues {
  std::vector<std::vector<std::string>> by_row = {};
};

/// What replaces the scenario's values, in the order to apply: environment, then flags. Without an
/// environment the flags alone. The error names a malformed --pool-option.
Result<std::vector<Override>> overrides_of(const FlagValues& flags, const Environment& environment);

// From what was typed to a scenario, or all the reasons why not.

/// Why there is no result: an error, or everything that is wrong with a file.
struct Failure {
  Error error;
  std::vector<Diagnostic> diagnostics = {};  ///< not empty: these instead of the error
};

/// A T, or the Failure that prevented it. Check ok() before value().
template <typename T>
class [[nodiscard]] OrFailure {
 public:
  OrFailure(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  OrFailure(Failure failure)
      : state_(std::in_place_index<1>, std::move(failure)) {
  }  // NOLINT(google-explicit-constructor)
  OrFailure(Error error)
      : OrFailure(Failure{std::move(error)}) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const Failure& failure() const { return std::get<1>(state_); }

 private:
  std::variant<T, Failure> state_;
};

/// Finds the file, by path or by the name of a shipped scenario, and applies what the environment
/// and the flags say; `more` comes after them.
OrFailure<Scenario> typed_scenario(const std::string& typed, const FlagValues& flags,
                                   const Environment& environment,
                                   const std::vector<Override>& more = {});

/// The same from text: `file` names it in errors. Without an environment nothing is replaced by it.
OrFailure<Scenario> scenario_from_text(const std::string& text, const std::string& file,
                                       const FlagValues& flags = {},
                                       const Environment& environment = {});

/// One line where --pool-size and its like set options of other names; empty: they do not.
std::string flags_line(const Scenario& scenario);

}  // namespace poolgauge::app
