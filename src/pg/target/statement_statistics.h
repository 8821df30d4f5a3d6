// Reading pg_stat_statements, with the types of the statements' parameters.
#pragma once

#include <string>

#include "poolgauge/import.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// The statements of the target's own database, most calls first. Nothing is executed but queries
/// on catalogs and on keys: least, greatest, a few of them. Each statement is only parsed, to learn
/// its types.
Result<ServerStatements> read_statement_statistics(const std::string& conninfo,
                                                   const StopFlag& stop);

/// The types of the parameters, the sizes of the tables and their keys, of statements that were
/// read elsewhere: the target has the same tables.
Result<ServerStatements> describe_statements(const std::string& conninfo, const StopFlag& stop,
                                             ServerStatements server);

}  // namespace poolgauge
