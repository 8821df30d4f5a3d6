// Values written into a statement's text, for the protocol that has no parameters.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// The text with quoted literals instead of its variables, for the simple protocol.
/// Verbatim: without their quotes, as pgbench does.
std::string substitute_literals(const Statement& statement, const std::vector<const char*>& values,
                                bool verbatim = false);

}  // namespace poolgauge
