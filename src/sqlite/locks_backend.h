// The simulated SQLite database: its locks, in front of a model of what costs time.
#pragma once

#include <memory>
#include <vector>

#include "engine/backend.h"
#include "poolgauge/server_profile.h"
#include "sqlite/locks.h"
#include "sqlite/settings.h"

namespace poolgauge::sqlite {

/// Gives a modeled server the locks of the scenario's SQLite and the habits of its connections;
/// does nothing where the scenario's server is not SQLite.
void put_locks(ServerProfile& profile, const Scenario& scenario);

/// Wraps the modeled server, which knows what each exchange costs. A connection that must wait
/// looks again as often as SQLite's busy handler does, so those that wait are not served in order.
class LocksBackend final : public Backend {
 public:
  /// `inner` outlives it, and it outlives its sessions.
  LocksBackend(Backend& inner, const Scenario& scenario, const Settings& settings);
  Task<Connected> connect(ConnId conn, Patience& patience) override;
  OutageLog& outages() override { return inner_.outages(); }

 private:
  friend class LocksSession;
  bool writes(const Exchange& exchange) const { return writes_[exchange.step_index]; }

  Backend& inner_;
  Settings settings_;
  Locks locks_;
  std::vector<bool> writes_;  // by flattened step
};

}  // namespace poolgauge::sqlite
