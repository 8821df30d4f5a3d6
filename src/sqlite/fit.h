// Which scenarios SQLite can run, and which of its words PostgreSQL does not know.
#pragma once

#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::sqlite {

/// The scenario as SQLite gets it: where a step or a data file has a text of its own for SQLite,
/// that one. The error (kind usage) names what SQLite does not have: poolers, replicas, roles,
/// server settings, and pools of drivers that connect to PostgreSQL only.
Result<Scenario> adapted(const Scenario& scenario);

/// Whether PostgreSQL can run it: the error (kind usage) names what only SQLite understands.
Status check_for_postgresql(const Scenario& scenario);
/// Whether the kind of database that the scenario names can run it; for simulations.
Status check_kind(const Scenario& scenario);

}  // namespace poolgauge::sqlite
