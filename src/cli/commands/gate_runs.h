// A gate that measures: pairs of runs in one go, or runs to hold against stored ones.
#pragma once

#include "cli/commands/commands.h"

namespace poolgauge::cli {

int gate_scenario(const GateOptions& options, const Context& context);

}  // namespace poolgauge::cli
