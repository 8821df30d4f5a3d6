// One simulated run: the engine's own trial, on virtual time, against the modelled server.
#include "poolgauge/simulate.h"

#include "engine/trial.h"
#include "sim/sim_backend.h"
#include "sim/virtual_time.h"

namespace poolgauge {

Measurement simulate(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                     const StopFlag& stop) {
  VirtualTime time;
  Loop loop(time);
  SimBackend server(loop, scenario, profile, seed);
  Trial trial(scenario, loop, time, server, Shard{}, seed, TimePoint{}, nullptr);
  Measurement measured = trial.run(stop);
  measured.simulated = true;
  return measured;
}

}  // namespace poolgauge
