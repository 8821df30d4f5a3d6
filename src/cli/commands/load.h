// From what was typed to a scenario.
#pragma once

#include <string>
#include <variant>

#include "cli/args/options.h"
#include "poolgauge/scenario.h"

namespace poolgauge::cli {

/// A scenario, or the exit status after the reason has been printed.
using Loaded = std::variant<Scenario, int>;

/// Finds the file, applies environment and flags, prints everything that is wrong.
/// `more` comes after them.
Loaded load(const std::string& typed, const FlagValues& flags, const Environment& environment,
            const std::vector<Override>& more = {});

/// The same from text: `file` names it in errors.
Loaded load_text(const std::string& text, const std::string& file, const FlagValues& flags,
                 const Environment& environment);

/// One line on standard error, where --pool-size and its like set options of other names.
void say_flags(const Scenario& scenario, bool quiet);

}  // namespace poolgauge::cli
