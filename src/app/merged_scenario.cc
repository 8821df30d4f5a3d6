// Adding up loads and instances.
#include "app/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "assess/describe.h"
#include "base/json_layout.h"
#include "scenario/read/resolve.h"

namespace poolgauge::app {

namespace {

/// Level by level, where both change at the same times.
bool add_stages(std::vector<Stage>& into, const std::vector<Stage>& from) {
  const bool alike = std::equal(
      into.begin(), into.end(), from.begin(), from.end(),
      [](const Stage& a, const Stage& b) { return a.length == b.length && a.ramp == b.ramp; });
  if (!alike) return false;
  for (std::size_t i = 0; i < into.size(); ++i) into[i].level += from[i].level;
  return true;
}

/// Adds a load of the same kind; false: it cannot be added.
struct Adder {
  const Load& from;

  template <typename T>
  const T* same() const {
    return std::get_if<T>(&from);
  }
  bool operator()(ClosedLoad& into) const {
    const auto* more = same<ClosedLoad>();
    if (more != nullptr) into.users += more->users;
    return more != nullptr;
  }
  bool operator()(OpenLoad& into) const {
    const auto* more = same<OpenLoad>();
    if (more != nullptr) into.rate_per_s += more->rate_per_s;
    return more != nullptr;
  }
  bool operator()(BurstLoad& into) const {
    const auto* more = same<BurstLoad>();
    if (more == nullptr || more->every != into.every) return false;
    into.size += more->size;
    return true;
  }
  bool operator()(UserStages& into) const {
    const auto* more = same<UserStages>();
    return more != nullptr && add_stages(into.stages, more->stages);
  }
  bool operator()(RateStages& into) const {
    const auto* more = same<RateStages>();
    return more != nullptr && add_stages(into.stages, more->stages);
  }
  bool operator()(ReplayLoad&) const { return false; }
};

bool is_added(const Load& load) {
  return !std::holds_alternative<ReplayLoad>(load);
}

}  // namespace

Scenario merged_scenario(const std::vector<Scenario>& parts) {
  Scenario merged = parts.front();
  const std::uint32_t processes = merged.deployment.processes;
  std::uint32_t instances = 0, fleet = 0;
  bool same_processes = true;
  for (const Scenario& part : parts) {
    instances += part.deployment.instances;
    fleet += part.deployment.fleet();
    same_processes = same_processes && part.deployment.processes == processes;
  }
  merged.deployment.instances = same_processes ? instances : fleet;
  merged.deployment.processes = same_processes ? processes : 1;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (is_added(merged.load) && std::visit(Adder{parts[i].load}, merged.load)) continue;
    merged.load = ReplayLoad{};
    return merged;
  }
  merged.resolved_json = resolved(merged);
  return merged;
}

std::string merged_load_text(const Scenario& merged, const std::vector<std::string>& loads) {
  const bool same = std::all_of(loads.begin(), loads.end(),
                                [&loads](const std::string& load) { return load == loads[0]; });
  std::string each;
  if (same) {
    each = fmt::format("{} × {}", loads.size(), loads[0]);
  } else {
    each = fmt::format("{}", fmt::join(loads, " + "));
  }
  return is_added(merged.load) ? poolgauge::load_text(merged.load) + " (" + each + ")" : each;
}

std::string merged_json(const std::string& scenario_json, const Scenario& merged) {
  if (!is_added(merged.load)) return scenario_json;
  std::string json = scenario_json;
  for (const char* name : {"load", "deployment"}) {
    json = with_member(json, name, member_of(merged.resolved_json, name));
  }
  return json;
}

}  // namespace poolgauge::app
