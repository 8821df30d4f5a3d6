// Slots and costs.
#include "sim/backend_slots.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "poolgauge/simulate.h"

namespace poolgauge {

namespace {

constexpr const char* kFull = "sorry, too many clients already";
// PostgreSQL 16 and later; 15 says "for non-replication superuser connections".
constexpr const char* kReserved =
    "remaining connection slots are reserved for roles with the SUPERUSER attribute";

}  // namespace

std::string BackendSlots::take(const std::string& role) {
  const bool limited = profile_.max_connections > 0;
  if (limited && open_ >= profile_.max_connections) return kFull;
  if (!role.empty()) {
    const auto own = std::find_if(profile_.roles.begin(), profile_.roles.end(),
                                  [&role](const auto& limit) { return limit.name == role; });
    if (own != profile_.roles.end() && own->most >= 0 && roles_[role] >= own->most) {
      return "too many connections for role \"" + role + "\"";
    }
  }
  if (limited && open_ >= profile_.max_connections - profile_.reserved_connections) {
    return kReserved;
  }
  const ServerProfile::Limit& database = profile_.database;
  if (!role.empty() && database.most >= 0 && open_ >= database.most) {
    return "too many connections for database \"" + database.name + "\"";
  }
  ++open_;
  if (!role.empty()) ++roles_[role];
  return "";
}

void BackendSlots::leave(const std::string& role) {
  --open_;
  if (!role.empty()) --roles_[role];
}

namespace {

/// The argument of a literal pg_sleep(x), and what stands after it.
struct Sleep {
  double seconds = 0;
  std::string_view before, after;
};

Sleep find_sleep(std::string_view sql) {
  constexpr std::string_view kCall = "pg_sleep(";
  const std::size_t at = sql.find(kCall);
  if (at == std::string_view::npos) return {};
  const std::string number(sql.substr(at + kCall.size(), 32));
  char* end = nullptr;
  const double seconds = std::strtod(number.c_str(), &end);
  while (*end == ' ') ++end;
  const bool literal = end != number.c_str() && *end == ')' && seconds > 0 && seconds < 86400;
  if (!literal) return {};
  const std::size_t past = at + kCall.size() + static_cast<std::size_t>(end - number.c_str()) + 1;
  return {seconds, sql.substr(0, at), sql.substr(past)};
}

/// SELECT pg_sleep(x) and nothing else: how long it takes is in its text.
bool only_sleeps(std::string_view sql) {
  const Sleep sleep = find_sleep(sql);
  std::string before;
  for (const char c : sleep.before) {
    if (c != ' ' && c != '\n' && c != '\t') before += static_cast<char>(c | 0x20);
  }
  return sleep.seconds > 0 && before == "select" &&
         sleep.after.find_first_not_of("; \n\t") == std::string_view::npos;
}

Duration measured_work(const ServerProfile& profile, std::size_t index) {
  return index < profile.step_work.size() ? profile.step_work[index] : Duration{0};
}

StepCost cost_of(const Step& step, std::size_t index, const ServerProfile& profile) {
  const Duration sleep = literal_sleep(step.sql.text);
  const bool ends = step.effect == TransactionEffect::ends;
  const Duration beside = profile.round_trip + (ends ? profile.commit_delay : sleep);
  if (const Duration work = measured_work(profile, index); work > Duration{0}) {
    const bool also = index < profile.step_delay.size();
    const Duration delay = also ? profile.step_delay[index] : Duration{0};
    return {ExponentialDuration{work}, profile.round_trip + delay};
  }
  if (step.cost) return {*step.cost, beside};
  if (ends) return {ExponentialDuration{profile.commit_work}, beside};
  if (step.effect == TransactionEffect::begins) {
    return {ExponentialDuration{profile.begin_work}, profile.round_trip};
  }
  if (profile.statement_cost) return {FixedDuration{*profile.statement_cost}, beside};
  return {ExponentialDuration{profile.statement_work}, beside};
}

/// Whether a measured request shows what its step at this place costs.
bool was_measured(const ServerProfile& profile, std::size_t request, std::size_t place) {
  return std::any_of(profile.transactions.begin(), profile.transactions.end(),
                     [request, place](const ServerProfile::Transaction& one) {
                       return one.request == request && place < one.alone.size() &&
                              one.alone[place] > Duration{0};
                     });
}

}  // namespace

std::vector<StepCost> step_costs(const Scenario& scenario, const ServerProfile& profile) {
  std::vector<StepCost> costs;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) costs.push_back(cost_of(step, costs.size(), profile));
  }
  return costs;
}

std::vector<std::string> steps_without_cost(const Scenario& scenario,
                                            const ServerProfile& profile) {
  std::vector<std::string> missing;
  if (profile.statement_cost) return missing;
  std::size_t index = 0;
  for (std::size_t r = 0; r < scenario.requests.size(); ++r) {
    const RequestSpec& request = scenario.requests[r];
    for (std::size_t s = 0; s < request.steps.size(); ++s, ++index) {
      const Step& step = request.steps[s];
      const bool known = step.kind != StepKind::sql || step.cost ||
                         step.effect != TransactionEffect::none || only_sleeps(step.sql.text) ||
                         measured_work(profile, index) > Duration{0} ||
                         was_measured(profile, r, s + 1);
      if (!known) missing.push_back(request.name + "." + step.name);
    }
  }
  return missing;
}

Duration literal_sleep(std::string_view sql) {
  const Sleep sleep = find_sleep(sql);
  return sleep.seconds > 0 ? from_s(sleep.seconds) : Duration{0};
}

}  // namespace poolgauge
