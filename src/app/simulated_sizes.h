// What the simulator expects of each pool size: the search's model, and every "and with ...?".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "advise/search.h"
#include "poolgauge/recommendation.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// What is asked how often.
struct SizesPlan {
  double run_s = 20;            ///< a real run's length: what its figures scatter by
  double requests_per_s = 100;  ///< roughly, of the whole load
  std::uint64_t seed = 1;
};

class SimulatedSizes {
 public:
  /// `pool`: whose sizes, by Deployment::pool_at.
  SimulatedSizes(Scenario scenario, ServerProfile profile, SizesPlan plan, std::uint32_t pool = 0)
      : scenario_(std::move(scenario)), profile_(std::move(profile)), plan_(plan), pool_(pool) {}

  struct Figures {
    std::vector<GoalScore> goals;
    PoolForecast forecast;
    double throughput_per_s = 0;
    double hold_mean_s = 0;  ///< connection checked out, for one request
    bool met() const;
  };
  /// Simulated once, then remembered. `total`: of each process's pool.
  const Figures& at(std::int64_t total) const;
  /// The same, with figures of fewer requests where the size is far from deciding anything.
  const Figures& glance(std::int64_t total) const;
  /// The smallest that meets the goals; nullopt: none up to `most`.
  std::optional<std::int64_t> smallest(std::int64_t most) const;
  SizeModel model() const;
  const Scenario& scenario() const { return scenario_; }
  const ServerProfile& profile() const { return profile_; }
  const SizesPlan& plan() const { return plan_; }

 private:
  struct Replicas;
  Replicas begun(std::int64_t total) const;
  void simulate_up_to(Replicas& replicas, std::uint64_t count) const;
  std::vector<GoalScore> scores_of(const Replicas& replicas) const;
  Figures figures_of(const Replicas& replicas) const;

  Scenario scenario_;
  ServerProfile profile_;
  SizesPlan plan_;
  std::uint32_t pool_;
  mutable std::map<std::int64_t, Figures> known_;
  mutable std::map<std::int64_t, Figures> glanced_;
};

}  // namespace poolgauge::app
