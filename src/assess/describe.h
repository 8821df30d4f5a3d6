// Short texts and plain figures taken from a scenario, for the report and its diagnosis.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assess/diagnosis.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// "100 users", "100 users thinking 1s", "200/s poisson", "burst of 100 every 5s"
std::string load_text(const Load& load);
/// "sqlalchemy-async 5+10", "hikari 15"; the kind alone where sizes are unknown or the pool has
/// none. `limit`: the most connections of one pool, for kinds without pool_size and max_overflow.
std::string pool_text(const std::string& kind, const PoolOptions& options,
                      std::optional<std::int64_t> limit = std::nullopt);
/// "" for one process, else "2 instances × 4 processes".
std::string fleet_text(const Deployment& deployment);
/// "PgBouncer 1.18.0 transaction 20"
std::string pooler_text(const PoolerFacts& facts);
/// An option as the scenario would write it: "5", "true", "30s", "-1" (off).
std::string option_text(const OptionValue& value);

/// The input of the diagnosis; `report` must already hold the summaries and the breakdown.
Figures figures_of(const Scenario& scenario, const Measurement& measured, const Report& report);

}  // namespace poolgauge
