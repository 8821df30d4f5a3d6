// Pools as configuration, and how libraries write times there.
#pragma once

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/recommendation.h"

namespace poolgauge {

/// The recommendation for every library, in the order of the documentation.
std::vector<Snippet> pool_snippets(const Recommendation& recommendation);

/// Whether a transaction may find another server connection than the one before it: a prepared
/// statement may then be missing, in older poolers.
inline bool changes_server_connections(const Recommendation& r) {
  return r.pooler && r.pooler->pool_mode != "session";
}
/// Where a driver must not prepare statements.
inline constexpr std::string_view kWithoutPrepared =
    "needed with PgBouncer before 1.21 or max_prepared_statements = 0";
/// `line`, with "{}" for the words above, in a snippet that is behind such a pooler; else nothing.
inline std::string behind_pooler(const Recommendation& r, std::string_view line) {
  return changes_server_connections(r) ? fmt::format(fmt::runtime(line), kWithoutPrepared) : "";
}

inline double whole_ms(double s) {
  return std::round(s * 1000);
}

/// Go's way of writing a duration.
inline std::string go_duration(double s) {
  return fmt::format("{:.0f} * time.Millisecond", whole_ms(s));
}

/// Python's way of writing a flag.
inline const char* python_bool(bool value) {
  return value ? "True" : "False";
}

}  // namespace poolgauge
