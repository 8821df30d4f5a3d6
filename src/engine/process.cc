// An application process, its event loop and its pools, and the places of its users.
#include "engine/user.h"

#include <algorithm>

#include "engine/trial_watch.h"

namespace poolgauge {

namespace {

constexpr std::uint64_t kAppLoopSeed = 0x617070;

/// A process has one event loop, whatever else it runs: that of its first pool that has one.
AppLoop::Costs app_costs(const Deployment& deployment) {
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const AppLoop::Costs costs = loop_costs(deployment.pool_at(i));
    if (costs.granted > Duration::zero()) return costs;
  }
  return {};
}

/// For the random part of a pool's decisions: its own in each process.
std::uint64_t policy_seed(const World& world, std::uint32_t process, std::uint32_t pool) {
  constexpr std::uint32_t kPoolBits = 8;
  return world.seed + ((static_cast<std::uint64_t>(process) << kPoolBits) | pool);
}

}  // namespace

Process::Process(World& w, std::uint32_t i, const Backends& backends)
    : world(w),
      index(i),
      app(w.loop, w.stops, app_costs(w.scenario.deployment), (w.seed ^ kAppLoopSeed) + i) {
  const Deployment& deployment = w.scenario.deployment;
  for (std::uint32_t p = 0; p < deployment.pool_count(); ++p) {
    const PoolSpec& spec = deployment.pool_at(p);
    pools.push_back(std::make_unique<Pool>(
        w.scope, w.stops, *backends[p], app, make_policy(spec, policy_seed(w, i, p)),
        pool_permanent_size(spec), nullptr, most_connections(w.scenario, p)));
  }
}

Seat::Seat(Process& p, ClientId c, std::uint64_t seed, std::uint64_t stream)
    : process(p),
      client(c),
      rng(seed, stream),
      draws_seed(rng.next()),
      patience(p.world.loop, p.world.stops),
      holdings(p.pools.size()) {
  const World& world = p.world;
  const std::uint32_t fleet = world.scenario.deployment.fleet();
  trace.window_end = &world.recorder.window_end();
  trace.user = p.index + c.value * fleet;
  const std::int64_t number = static_cast<std::int64_t>(c.value) * fleet + p.index;
  script.begin(world.scenario, world.seed, number, values);
  std::size_t longest = 0;
  for (const std::vector<Action>& plan : world.plans) longest = std::max(longest, plan.size());
  // A pause is three spans, and some room is for connects and what is done twice.
  if (world.recorder.details()) trace.spans.reserve(std::min(kMostSpans, 2 * longest + 6));
}

}  // namespace poolgauge
