// The table of commands, read from the very options that parse the command line and print the help.
#pragma once

#include "manual/manual.h"

namespace CLI {
class App;
}

namespace poolgauge::cli {

using namespace manual;

CommandEntry command_table(CLI::App& app);

}  // namespace poolgauge::cli
