// What was typed, as it may be shown: connection strings without their secrets.
#pragma once

#include <string>

namespace poolgauge::cli {

/// A word of the command line. One that looks like a connection string loses its secrets, wherever
/// it stands: people also type them in the wrong place.
std::string shown_word(const std::string& word);

}  // namespace poolgauge::cli
