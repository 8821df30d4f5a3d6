// `observe --listen`: health of what is watched, in the form that `doctor --format health` has.
#pragma once

#include <string>
#include <string_view>

#include "doctor/health.h"
#include "observe/live.h"

namespace poolgauge {

/// What a request for health is answered with.
struct LiveHealth {
  bool healthy = true;  ///< false: status 503
  std::string json;
};

/// `facts`: of the server, without sessions. `timestamp`: UTC, ISO 8601.
/// Of the server and the group with the most connections in use.
LiveHealth live_health(const observe::LiveState& state, doctor::HealthFacts facts,
                       const std::string& timestamp);
/// Of each group; with an application name, of its groups only.
LiveHealth live_pools(const observe::LiveState& state, const doctor::HealthFacts& facts,
                      const std::string& timestamp, std::string_view application);
/// Whether the server answers.
LiveHealth live_ping(const doctor::HealthFacts& facts, const std::string& timestamp);

}  // namespace poolgauge
