// What figures of others may be, before anything is computed from them.
#pragma once

#include <cstdint>

namespace poolgauge::observe {

/// Seconds since 1970 at the end of the year 9999.
inline constexpr std::int64_t kLatestTime_s = 253'402'300'799;
/// The most that a PostgreSQL server takes; a pool's limit above it (INT_MAX) is none.
inline constexpr double kMostLimit = 262'143;
/// No gauge of connections or requests exceeds this.
inline constexpr double kMostOfAGauge = 1e6;

constexpr bool is_limit(double value) {
  return value >= 0 && value <= kMostLimit;
}
constexpr bool may_be_gauge(double value) {
  return value >= 0 && value <= kMostOfAGauge;
}

}  // namespace poolgauge::observe
