// A modeled SQLite database: the locks, in front of what costs time.
#pragma once

#include <memory>
#include <vector>

#include "engine/backend.h"
#include "poolgauge/server_profile.h"
#include "sim/sqlite_locks.h"

namespace poolgauge {

/// Wraps the modeled server, which knows what each exchange costs. A connection that must wait
/// looks again as often as SQLite's busy handler does, so those that wait are not served in order.
class SqliteLocksBackend final : public Backend {
 public:
  /// `inner` outlives it, and it outlives its sessions.
  SqliteLocksBackend(Backend& inner, const Scenario& scenario, const SqliteModel& model);
  Task<Connected> connect(ConnId conn, Patience& patience) override;
  OutageLog& outages() override { return inner_.outages(); }

 private:
  friend class SqliteLocksSession;
  bool writes(const Exchange& exchange) const { return writes_[exchange.step_index]; }

  Backend& inner_;
  SqliteModel model_;
  SqliteLocks locks_;
  std::vector<bool> writes_;  // by flattened step
};

}  // namespace poolgauge
