// One simulated run: the engine's own trial, on virtual time, against the modelled server or, where
// a pool reads from a replica, two of them.
#include "poolgauge/simulate.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "engine/limited_backend.h"
#include "engine/trial.h"
#include "sim/pooler_backend.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"

namespace poolgauge {

namespace {

/// The servers, and what stands before them for pools that say SET ROLE.
struct Servers {
  Servers(Loop& loop, const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed)
      : lag(scenario, profile.replica_lag), primary(loop, scenario, profile, seed) {
    const Deployment& deployment = scenario.deployment;
    // A replica is a machine of its own: as many cores again, and its own chance.
    constexpr std::uint64_t kReplicaSeed = 0x5245504c;
    if (deployment.uses(PoolTarget::replica)) {
      replica = std::make_unique<SimBackend>(loop, scenario, profile, seed ^ kReplicaSeed);
      primary.lags(lag, false);
      replica->lags(lag, true);
    }
    for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
      const DeployedPool& pool = deployment.pool_at(i);
      SimBackend* place = pool.target == PoolTarget::primary ? &primary : replica.get();
      Backend* server = place;
      if (!pool.role.empty() && pool.role_by == RoleBy::connect) {
        logins.push_back(std::make_unique<SimLogin>(*place, pool.role));
        server = logins.back().get();
      }
      if (!pool.role.empty() && pool.role_by == RoleBy::set_role) {
        // One small exchange costs what another does.
        with_role.push_back(std::make_unique<FirstExchangeBackend>(*server, Exchange{}, ""));
        server = with_role.back().get();
      }
      by_pool.push_back(server);
    }
    if (profile.in_front) {
      in_front = profile.in_front(primary, scenario);
      std::fill(by_pool.begin(), by_pool.end(), in_front.get());
    }
  }

  ReplicaLag lag;
  SimBackend primary;
  std::unique_ptr<SimBackend> replica;
  std::vector<std::unique_ptr<SimLogin>> logins;
  std::vector<std::unique_ptr<FirstExchangeBackend>> with_role;
  std::unique_ptr<Backend> in_front;
  Backends by_pool;
};

/// Asks after each simulated second.
class SimulatedWatch : public TrialWatch {
 public:
  explicit SimulatedWatch(const EndsEarly& ends_early) : ends_early_(ends_early) {}
  void look(Measurement so_far) override {
    if (!ended_by_) ended_by_ = ends_early_(so_far);
  }
  bool ended() const override { return ended_by_.has_value(); }
  std::string why() const { return ended_by_.value_or(""); }

 private:
  const EndsEarly& ends_early_;
  std::optional<std::string> ended_by_;
};

}  // namespace

Measurement simulate(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                     const StopFlag& stop, const EndsEarly& ends_early, Keep keep) {
  VirtualTime time;
  Loop loop(time);
  ServerProfile lagging = profile;
  lagging.commit_delay += commit_wait(scenario, profile.replica_lag);
  Servers servers(loop, scenario, lagging, seed);
  WindowStart window(scenario, TimePoint{}, 1);
  std::optional<PoolerBackend> pooler;
  if (scenario.deployment.pooler) {
    pooler.emplace(loop, scenario, profile, servers.primary);
    pooler->begin(window, scenario.duration);
    servers.by_pool[0] = &*pooler;  // the scenario's reader lets it stand before one pool only
  }
  Trial trial(scenario, loop, time, servers.by_pool, Shard{}, seed, TimePoint{}, nullptr, &window);
  if (keep == Keep::goals) trial.keep_only_goals();
  if (keep == Keep::figures) trial.keep_only_figures();
  SimulatedWatch watch(ends_early);
  if (ends_early) trial.watched_by(watch);
  Measurement measured = trial.run(stop);
  if (pooler) {
    pooler->end();
    measured.pooler = pooler->view();
  }
  if (const std::string note = servers.lag.note(); !note.empty()) measured.notes.push_back(note);
  measured.simulated = true;
  measured.costs_assumed = !steps_without_cost(scenario, profile).empty();
  measured.ended_by = watch.why();
  return measured;
}

}  // namespace poolgauge
