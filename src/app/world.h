// Where a search or a sweep runs its trials: a real server, or the virtual clock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advise/fleet.h"
#include "advise/settings.h"
#include "app/bench.h"
#include "app/context.h"
#include "app/requests.h"
#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/simulate.h"

namespace poolgauge::app {

/// open, prepare, measure as often as wanted, close. All scenarios differ from the first in load
/// and pool sizes only.
class World {
 public:
  virtual ~World() = default;
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Connects to the server; `widest`: the scenario with the most connections that will be run.
  virtual Status open(const Scenario& widest) = 0;
  /// The scenario with the pooler that was noticed before the server; after `open`.
  virtual Scenario as_met(const Scenario& scenario) const = 0;
  /// What the server has for the fleet. Whatever is tightest counts: max_connections, the role's or
  /// the database's own limit.
  virtual ServerSlots server_slots() const = 0;
  /// What the pools find where they connect: a pooler's places, or the server's. Nothing where
  /// nobody tells the pooler's limit: the server's is not one for its clients.
  virtual std::optional<ServerSlots> slots() const = 0;
  /// Every limit on connections of the server: its own, the role's, the database's. Our own
  /// monitoring connections (probes()) are not among those in use.
  virtual std::vector<ConnectionLimit> server_limits() const;
  /// Those of the pooler between, the one on its clients first, known or not; none without a
  /// pooler.
  virtual std::vector<ConnectionLimit> pooler_limits() const { return {}; }
  virtual std::int64_t probes() const { return 0; }
  /// The data.
  virtual Status prepare(const Scenario& scenario) = 0;
  virtual Result<Measurement> measure(const Scenario& scenario, std::uint64_t seed) = 0;
  /// Removes the data and leaves the server. What went wrong, for the report's notes.
  virtual std::vector<std::string> close(const Scenario& scenario) = 0;
  virtual TargetFacts facts() const = 0;
  virtual bool died() const = 0;
  /// What the guards of the last run did.
  virtual GuardLog guard_log() const { return {}; }
  /// Which guard ended a run, or kept the next one from starting; no run follows. Empty: none.
  std::string guard_stop() const { return guard_log().stopped_by; }
  /// The end of the log of a throwaway server that died.
  virtual std::string last_words() const { return ""; }
  virtual bool simulated() const = 0;
  /// The server that a simulated world models; nullptr: it is real.
  virtual const ServerProfile* model() const { return nullptr; }
};

/// A real server.
std::unique_ptr<World> live_world(const RunRequest& options, Targets targets, const StopFlag& stop,
                                  ProgressSink& progress);
/// The virtual clock; a scenario's max_connections is the modeled server's. `facts`: what the
/// reports say of the profile.
std::unique_ptr<World> simulated_world(const ServerProfile& profile, const StopFlag& stop,
                                       std::optional<SimulationFacts> facts = {});

/// The tightest of the server's limits, as slots; `probes` are our own connections.
ServerSlots slots_of(const TargetInfo& info, std::int64_t probes);

/// max_connections among the scenario's server settings; 0: not set.
std::int64_t max_connections_of(const Scenario& scenario);

/// The scenario with other sizes of its primary pool, or with another load; its resolved form too.
Scenario with_pool(const Scenario& scenario, std::int64_t kept, std::int64_t total);
/// The same of any pool, by Deployment::pool_at.
Scenario with_pool_at(const Scenario& scenario, std::uint32_t pool, std::int64_t kept,
                      std::int64_t total);
Scenario with_users(const Scenario& scenario, std::uint32_t users);
Scenario with_rate(const Scenario& scenario, double per_s);

}  // namespace poolgauge::app
