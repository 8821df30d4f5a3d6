// How many requests can be in progress at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// The most requests of an open load that one process has in flight; further ones are dropped.
inline constexpr std::uint32_t kMostInFlight = 100000;

/// The most requests that the load can have in flight in the whole deployment: its users; for an
/// open load, the arrivals within one deadline (at the mean rate) or, without one, within the whole
/// run. Never 0.
std::int64_t most_in_flight(const Scenario& scenario);

/// The most connections that one process's pool may hold under this load, counting those that are
/// being opened and broken off: its share of what the budget check announces.
std::optional<std::int64_t> most_connections(const Scenario& scenario, std::uint32_t pool);

}  // namespace poolgauge
