// The keys that load balancers and dashboards know.
#include "report/json/json_health.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/visible_text.h"

namespace poolgauge {
namespace {

using HealthJson = nlohmann::ordered_json;

template <typename T>
HealthJson health_or_null(const std::optional<T>& value) {
  return value ? HealthJson(*value) : HealthJson(nullptr);
}

HealthJson share(const std::optional<double>& value) {
  if (!value) return nullptr;
  return std::strtod(fmt::format("{:.3g}", *value).c_str(), nullptr);
}

HealthJson text_or_nothing(const std::string& text) {
  return text.empty() ? HealthJson(nullptr) : HealthJson(text);
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
        {"name", text_or_nothing(facts.database)},
        {"version", text_or_nothing(facts.server_version)},
        {"error", text_or_nothing(facts.trouble)}}},
      {"connection",
       {{"connect_ms", timed(facts.connect_ms)}, {"round_trip_ms", timed(facts.round_trip_ms)}}},
      {"pool",
       {{"application_name", text_or_nothing(plan.application)},
        {"size", health_or_null(plan.size)},
        {"checked_in", health_or_null(health.checked_in)},
        {"checked_out", health_or_null(health.checked_out)},
        {"overflow", health_or_null(health.overflow)},
        {"capacity", health_or_null(plan.capacity)},
        {"utilization", share(health.utilization)},
        {"alerts",
         {{"warning_at", share(health.warning_at)},
          {"critical_at", share(health.critical_at)},
          {"usual_warning_at", doctor::kUsualWarning},
          {"usual_critical_at", doctor::kUsualCritical}}}}}};
  return visible_json(document.dump(2, ' ', false, HealthJson::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
