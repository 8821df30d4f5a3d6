// The keys that load balancers and dashboards know.
#include "report/json/json_parts.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/visible_text.h"
#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using HealthJson = nlohmann::ordered_json;

HealthJson share(const std::optional<double>& value) {
  if (!value) return nullptr;
  return std::strtod(fmt::format("{:.3g}", *value).c_str(), nullptr);
}

}  // namespace

std::string health_json(const doctor::HealthFacts& facts, const doctor::HealthPlan& plan,
                        const doctor::Health& health, const std::string& timestamp) {
  const auto timed = [&facts](double ms) {
    return facts.connected ? share(std::optional(ms)) : HealthJson(nullptr);
  };
  const HealthJson document = {
      {"status", std::string(name_of(health.status))},
      {"timestamp", timestamp},
      {"database",
       {{"connected", facts.connected},
        {"address", facts.address},
        {"name", text_or_null(facts.database)},
        {"version", text_or_null(facts.server_version)},
        {"error", text_or_null(facts.trouble)}}},
      {"connection",
       {{"connect_ms", timed(facts.connect_ms)}, {"round_trip_ms", timed(facts.round_trip_ms)}}},
      {"pool",
       {{"application_name", text_or_null(plan.application)},
        {"size", or_null(plan.size)},
        {"checked_in", or_null(health.checked_in)},
        {"checked_out", or_null(health.checked_out)},
        {"overflow", or_null(health.overflow)},
        {"capacity", or_null(plan.capacity)},
        {"utilization", share(health.utilization)},
        {"alerts",
         {{"warning_at", share(health.warning_at)},
          {"critical_at", share(health.critical_at)},
          {"usual_warning_at", doctor::kUsualWarning},
          {"usual_critical_at", doctor::kUsualCritical}}}}}};
  return visible_json(document.dump(2, ' ', false, HealthJson::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
