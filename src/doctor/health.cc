// Arithmetic on a handful of counts.
#include "doctor/health.h"

#include <algorithm>
#include <cmath>

namespace poolgauge::doctor {

Health judge_health(const HealthFacts& facts, const HealthPlan& plan) {
  Health health;
  if (plan.capacity && *plan.capacity > 0) {
    const double root = std::sqrt(static_cast<double>(*plan.capacity));
    health.warning_at = std::max(0.0, 1 - 1.3 / root);
    health.critical_at = std::max(0.0, 1 - 1 / root);
  }
  if (!facts.connected) {
    health.status = DoctorVerdict::unhealthy;
    return health;
  }
  if (plan.application.empty() || !facts.sees_states) return health;
  health.checked_out = facts.busy;
  health.checked_in = facts.sessions - facts.busy;
  if (plan.size) health.overflow = std::max<std::int64_t>(0, facts.sessions - *plan.size);
  if (!health.critical_at) return health;
  const auto capacity = static_cast<double>(*plan.capacity);
  health.utilization = static_cast<double>(facts.busy) / capacity;
  // Of a pool of one connection any use would be critical.
  const bool tiny = *plan.capacity < 4;
  if (*health.utilization >= (tiny ? 1.0 : *health.critical_at)) {
    health.status = DoctorVerdict::unhealthy;
  } else if (!tiny && *health.utilization >= *health.warning_at) {
    health.status = DoctorVerdict::warning;
  }
  return health;
}

}  // namespace poolgauge::doctor
