// A group's sessions as the state of a pool.
#include "report/json/live_health.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/visible_text.h"
#include "report/json/json_number.h"
#include "report/json/json_parts.h"

namespace poolgauge {
namespace {

using LiveJson = nlohmann::ordered_json;

/// What a group is judged by: its own sessions, against its limit where it was told.
struct PoolFacts {
  doctor::HealthFacts facts;
  doctor::HealthPlan plan;
};

PoolFacts pool_facts(const observe::LiveGroup& group, doctor::HealthFacts facts) {
  facts.sees_states = true;
  facts.sessions = group.sessions;
  facts.busy = group.in_use;
  doctor::HealthPlan plan{group.key.application, group.limit, group.limit};
  // The judge looks at a pool only where it has a name.
  if (plan.application.empty()) plan.application = group.key.role;
  return {std::move(facts), std::move(plan)};
}

LiveJson pool_json(const observe::LiveGroup& group, const doctor::HealthFacts& facts,
                   DoctorVerdict& worst) {
  const PoolFacts pool = pool_facts(group, facts);
  const doctor::Health health = doctor::judge_health(pool.facts, pool.plan);
  worst = std::max(worst, health.status);
  return {{"status", std::string(name_of(health.status))},
          {"application_name", text_or_null(group.key.application)},
          {"database", group.key.database},
          {"role", group.key.role},
          {"client_addr", text_or_null(group.key.address)},
          {"checked_in", or_null(health.checked_in)},
          {"checked_out", or_null(health.checked_out)},
          {"capacity", or_null(pool.plan.capacity)},
          {"utilization", rounded(health.utilization)},
          {"idle_in_transaction", group.idle_in_transaction}};
}

std::string live_text(const LiveJson& document) {
  return visible_json(document.dump(2, ' ', false, LiveJson::error_handler_t::replace)) + "\n";
}

}  // namespace

LiveHealth live_health(const observe::LiveState& state, doctor::HealthFacts facts,
                       const std::string& timestamp) {
  doctor::HealthPlan plan;
  const auto busiest =
      std::max_element(state.groups.begin(), state.groups.end(),
                       [](const auto& a, const auto& b) { return a.in_use_s < b.in_use_s; });
  if (busiest != state.groups.end()) {
    PoolFacts pool = pool_facts(*busiest, std::move(facts));
    facts = std::move(pool.facts);
    plan = std::move(pool.plan);
  }
  const doctor::Health health = doctor::judge_health(facts, plan);
  return {health.status != DoctorVerdict::unhealthy, health_json(facts, plan, health, timestamp)};
}

LiveHealth live_pools(const observe::LiveState& state, const doctor::HealthFacts& facts,
                      const std::string& timestamp, std::string_view application) {
  DoctorVerdict worst = facts.connected ? DoctorVerdict::healthy : DoctorVerdict::unhealthy;
  LiveJson pools = LiveJson::array();
  for (const observe::LiveGroup& group : state.groups) {
    if (!application.empty() && group.key.application != application) continue;
    pools.push_back(pool_json(group, facts, worst));
  }
  return {worst != DoctorVerdict::unhealthy, live_text({{"status", std::string(name_of(worst))},
                                                        {"timestamp", timestamp},
                                                        {"pools", pools}})};
}

LiveHealth live_ping(const doctor::HealthFacts& facts, const std::string& timestamp) {
  const DoctorVerdict status = facts.connected ? DoctorVerdict::healthy : DoctorVerdict::unhealthy;
  return {facts.connected,
          live_text({{"status", std::string(name_of(status))},
                     {"timestamp", timestamp},
                     {"round_trip_ms", facts.connected ? rounded(std::optional(facts.round_trip_ms))
                                                       : LiveJson(nullptr)},
                     {"error", text_or_null(facts.trouble)}})};
}

}  // namespace poolgauge
