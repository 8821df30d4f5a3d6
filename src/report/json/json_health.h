// A pool's health as JSON.
#pragma once

#include <string>

#include "doctor/health.h"

namespace poolgauge {

/// One object, a newline at the end; what is not known is null. `timestamp`: UTC, ISO 8601.
std::string health_json(const doctor::HealthFacts& facts, const doctor::HealthPlan& plan,
                        const doctor::Health& health, const std::string& timestamp);

}  // namespace poolgauge
