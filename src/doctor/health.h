// A pool's health as load balancers and dashboards ask for it, seen from the server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "poolgauge/doctor.h"

namespace poolgauge::doctor {

/// The sessions of one application, and what they cost to ask for.
struct HealthFacts {
  bool connected = false;
  std::string trouble;  ///< why not; without secrets
  std::string address, database, server_version;
  double connect_ms = 0, round_trip_ms = 0;
  bool sees_states = false;             ///< of that application's sessions
  std::int64_t sessions = 0, busy = 0;  ///< busy: not idle
};

/// What the deployment may open; nothing: not told.
struct HealthPlan {
  std::string application;
  std::optional<std::int64_t> size;      ///< connections that all pools keep
  std::optional<std::int64_t> capacity;  ///< with overflow
};

struct Health {
  DoctorVerdict status = DoctorVerdict::healthy;
  std::optional<std::int64_t> checked_in, checked_out, overflow;  ///< nothing: cannot be seen
  std::optional<double> utilization;                              ///< of the capacity
  /// Shares of the capacity from which on it is a warning, or critical: what fits its size.
  std::optional<double> warning_at, critical_at;
};

/// The usual lines, whatever the size.
inline constexpr double kUsualWarning = 0.8;
inline constexpr double kUsualCritical = 0.9;

/// Square-root staffing: a pool of c connections has 1/√c of it as the spread of its use, so the
/// lines are 1 − 1.3/√c and 1 − 1/√c; at least 0.
Health judge_health(const HealthFacts& facts, const HealthPlan& plan);

}  // namespace poolgauge::doctor
