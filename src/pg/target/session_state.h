// Statements whose effect outlives their transaction in the session that ran them.
#pragma once

#include <string>
#include <string_view>

namespace poolgauge {

/// What the first statement of the text that changes its session is, as "SET" or "CREATE TEMPORARY
/// TABLE"; empty: none does. Told from the first words, so a function that does so is not seen.
std::string session_state_of(std::string_view sql);

}  // namespace poolgauge
