// Options of runs on servers that are shared, and of one run on several machines.
#pragma once

#include "app/requests.h"
#include "poolgauge/result.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

using namespace app;

void add_safety(CLI::App& command, SafetyOptions& options);
/// --budget: `advise` has one of its own that means the same.
void add_safety_budget(CLI::App& command, SafetyOptions& options);

// The options of one run that several machines make.

/// --part, --join, and --start-at.
void add_parts(CLI::App& command, app::PartOptions& options);

/// Whether they go together, and with a server that all parts can reach.
Status check_part_options(const app::PartOptions& options);

}  // namespace poolgauge::cli
