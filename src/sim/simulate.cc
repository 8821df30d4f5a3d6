// One simulated run: the engine's own trial, on virtual time, against the modelled server.
#include "poolgauge/simulate.h"

#include <optional>

#include "engine/trial.h"
#include "sim/pooler_backend.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"

namespace poolgauge {

Measurement simulate(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                     const StopFlag& stop) {
  VirtualTime time;
  Loop loop(time);
  SimBackend server(loop, scenario, profile, seed);
  std::optional<PoolerBackend> pooler;
  if (scenario.deployment.pooler) {
    pooler.emplace(loop, scenario, profile, server);
    pooler->begin(TimePoint{} + scenario.warmup, scenario.duration);
  }
  Backend& backend = pooler ? static_cast<Backend&>(*pooler) : server;
  Trial trial(scenario, loop, time, backend, Shard{}, seed, TimePoint{}, nullptr);
  Measurement measured = trial.run(stop);
  if (pooler) {
    pooler->end();
    measured.pooler = pooler->view();
  }
  measured.simulated = true;
  return measured;
}

}  // namespace poolgauge
