// The options of every command that loads a server: what is allowed there, and what watches.
#pragma once

#include "app/requests.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

using namespace app;

void add_safety(CLI::App& command, SafetyOptions& options);
/// --budget: `advise` has one of its own that means the same.
void add_safety_budget(CLI::App& command, SafetyOptions& options);

}  // namespace poolgauge::cli
