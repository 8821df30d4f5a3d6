// The limits on connections between the pools and the server: which one binds, what each must be,
// and the statements that change it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advise/fleet.h"
#include "poolgauge/recommendation.h"

namespace poolgauge {

/// The server's own limit. `known`: its max_connections is that of the server the answer is for.
ConnectionLimit server_limit(const ServerSlots& slots, bool known);

/// The most connections that all limits allow together, with a share of each kept free; 0: none.
/// INT64_MAX where there is no limit.
std::int64_t usable_connections(const std::vector<ConnectionLimit>& limits, double headroom);
/// The one that allows the fewest; nullptr without limits.
const ConnectionLimit* tightest(const std::vector<ConnectionLimit>& limits);

/// Adds these limits to the recommendation: each one's need, and what it must be for `wanted`
/// connections with the headroom kept free, which is never less than it is. Of the server it also
/// sets max_connections and the budget. `wanted` is more than `needed` where the goals need a
/// limit to be raised.
void add_limits(std::vector<ConnectionLimit> limits, std::int64_t needed, std::int64_t wanted,
                double headroom, Recommendation& r);

/// "max_connections 100 − 3 reserved − 2 others = 95", "the CONNECTION LIMIT 10 of role "app" ...".
std::string limit_arithmetic(const ConnectionLimit& limit);
/// "the server", "role \"app\"", "database \"shop\"", "PgBouncer", "the server's memory".
std::string limit_owner(const ConnectionLimit& limit);

/// The statements that raise what must be raised, or nothing.
std::string limits_sql(const Recommendation& r);
/// The lines of pgbouncer.ini that must change, or nothing.
std::string limits_pgbouncer(const Recommendation& r);

}  // namespace poolgauge
