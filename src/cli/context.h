// What a command knows of the world beside its options.
#pragma once

#include <string>

#include "cli/args/options.h"
#include "poolgauge/stop.h"

namespace poolgauge::cli {

/// What a command knows of the world beside its options.
struct Context {
  std::string command_line;  ///< to reproduce; no secrets
  Environment environment;
  const StopFlag& stop;
};

}  // namespace poolgauge::cli
