// How many requests can be under way at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// Requests of an open load under way in one process at the most; what comes beyond is shed.
inline constexpr std::uint32_t kMostInFlight = 100000;

/// The most requests of the whole deployment that the load can keep under way at a time: its users;
/// of an open load what arrives within one deadline (at the mean rate), without a deadline within
/// the whole run. Never 0.
std::int64_t most_in_flight(const Scenario& scenario);

/// The most connections that one process's pool may hold under this load, counting those that are
/// being opened and broken off: its share of what the budget check announces.
std::optional<std::int64_t> most_connections(const Scenario& scenario, std::uint32_t pool);

}  // namespace poolgauge
