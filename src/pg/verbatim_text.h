// Values put into SQL text as they are.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// The statement with its variables replaced by `values` ($1's first; null for NULL), without
/// quotes: what pgbench's simple protocol sends.
std::string verbatim_text(const Statement& statement, const std::vector<const char*>& values);

}  // namespace poolgauge
