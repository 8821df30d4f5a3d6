// What pg_stat_statements of a server says, with the types of the statements' parameters.
#pragma once

#include <string>

#include "poolgauge/import.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// The statements of the target's own database, most calls first. Nothing is executed but queries
/// on catalogs; each statement is only parsed, to learn its types.
Result<ServerStatements> read_statement_statistics(const std::string& conninfo,
                                                   const StopFlag& stop);

}  // namespace poolgauge
