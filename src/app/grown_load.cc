// Growth of each kind of load.
#include "app/first_size.h"

#include <cmath>
#include <variant>

#include "advise/settings.h"
#include "scenario/read/resolve.h"

namespace poolgauge::app {

namespace {

constexpr double kRoundingSlack = 1e-9;  // 100 × 1.1 is not 111 users

std::uint32_t more_users(double users, double growth) {
  return static_cast<std::uint32_t>(std::ceil(users * (1 + growth) - kRoundingSlack));
}

struct Grown {
  double growth;

  bool operator()(ClosedLoad& load) const {
    load.users = more_users(load.users, growth);
    return true;
  }
  bool operator()(OpenLoad& load) const {
    load.rate_per_s *= 1 + growth;
    return true;
  }
  bool operator()(BurstLoad& load) const {
    load.size = more_users(load.size, growth);
    return true;
  }
  bool operator()(UserStages& load) const {
    for (Stage& stage : load.stages) stage.level = more_users(stage.level, growth);
    return true;
  }
  bool operator()(RateStages& load) const {
    for (Stage& stage : load.stages) stage.level *= 1 + growth;
    return true;
  }
  bool operator()(ReplayLoad&) const { return growth <= 0; }
};

}  // namespace

std::optional<Scenario> with_growth(const Scenario& scenario, double growth) {
  Scenario grown = scenario;
  if (!std::visit(Grown{growth}, grown.load)) return std::nullopt;
  if (growth > 0) grown.resolved_json = resolved(grown);
  return grown;
}

Result<double> growth_of(const Scenario& scenario, const std::optional<double>& asked) {
  const double growth = asked.value_or(kDefaultHeadroomLoad);
  if (with_growth(scenario, growth)) return growth;
  if (!asked) return 0.0;
  return Error{ErrorKind::usage, "--headroom-load: a replayed load cannot be scaled up",
               "use --headroom-load 0%, or replay faster (\"speed\" in the scenario, or --speed)"};
}

}  // namespace poolgauge::app
