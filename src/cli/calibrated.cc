// Means of steps as a model of the server.
#include "cli/calibrated.h"

#include <algorithm>

#include "cli/pooler_profile.h"

namespace poolgauge::cli {

namespace {

/// A statement's measured mean holds the round trip, which the model adds again.
Duration work_of(const LatencySummary& latency, Duration round_trip) {
  constexpr Duration kLeast = std::chrono::microseconds(1);
  if (!latency.mean) return Duration{0};
  return std::max(kLeast, from_ms(*latency.mean) - round_trip);
}

}  // namespace

ServerProfile calibrated_profile(const Report& report, const Scenario& scenario) {
  ServerProfile profile;
  for (const StepSummary& step : report.steps) {
    const bool is_sql = step.kind == "sql";
    profile.step_work.push_back(is_sql ? work_of(step.latency, profile.round_trip) : Duration{0});
  }
  if (report.connect.mean && !report.target.pooler) {
    const Duration connect = from_ms(*report.connect.mean);
    profile.connect_work = std::min(profile.connect_work, connect);
    profile.connect_delay = connect - profile.connect_work;
  }
  if (profile.step_work.size() != scenario.step_count()) profile.step_work.clear();
  fit_profile_to_pooler(profile, report, scenario);
  return profile;
}

}  // namespace poolgauge::cli
