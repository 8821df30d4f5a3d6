// The table of scenario keys that can be given as a flag or an environment variable.
#pragma once

#include <span>

namespace poolgauge::cli {

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

}  // namespace poolgauge::cli
