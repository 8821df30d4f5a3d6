// The options of one run that several machines make.
#pragma once

#include "app/requests.h"
#include "poolgauge/result.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

/// --part, --join, and --start-at.
void add_parts(CLI::App& command, app::PartOptions& options);

/// Whether they go together, and with a server that all parts can reach.
Status check_part_options(const app::PartOptions& options);

}  // namespace poolgauge::cli
