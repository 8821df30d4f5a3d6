// A gate that measures: interleaved pairs of runs, or runs to compare with stored ones.
#pragma once

#include "cli/commands/commands.h"

namespace poolgauge::cli {

int gate_scenario(const GateOptions& options, const Context& context);

}  // namespace poolgauge::cli
