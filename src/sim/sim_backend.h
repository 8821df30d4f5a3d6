// A modeled PostgreSQL: the simulated answer to seam 2.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "engine/backend.h"
#include "poolgauge/simulate.h"
#include "sim/backend_slots.h"
#include "sim/shared_cores.h"

namespace poolgauge {

class SimBackend final : public Backend {
 public:
  SimBackend(Loop& loop, const Scenario& scenario, const ServerProfile& profile,
             std::uint64_t seed);
  Task<Connected> connect(ConnId conn, Patience& patience) override;
  /// The same for a pool that logs in as `role`; empty: as a superuser.
  Task<Connected> connect_as(const std::string& role, Patience& patience);
  /// Tells `lag` of what is committed here, or, on the standby, of what is asked; it outlives this.
  void lags(ReplicaLag& lag, bool standby) {
    lag_ = &lag;
    standby_ = standby;
  }

 private:
  friend class SimSession;
  /// What one exchange costs this time.
  struct Cost {
    Duration work{0};
    Duration delay{0};
  };
  /// Which measured request a connection plays, and how far it is.
  struct Part {
    const ServerProfile::Transaction* transaction = nullptr;
    std::uint32_t place = 0;
  };
  Cost cost_of(const Exchange& exchange, Part& part);
  Cost modelled(const Exchange& exchange);
  bool measured(const Exchange& exchange, Part& part, Cost& cost);

  ServerProfile profile_;
  SharedCores cores_;
  Rng rng_;
  std::vector<std::vector<const ServerProfile::Transaction*>> measured_;  // by request
  std::vector<StepCost> step_cost_;                                       // by flattened step
  BackendSlots slots_;
  Loop& loop_;
  ReplicaLag* lag_ = nullptr;
  bool standby_ = false;
};

/// The modeled server as a pool sees it that logs in as a role of its own.
class SimLogin final : public Backend {
 public:
  /// `server` outlives it, and it outlives its sessions.
  SimLogin(SimBackend& server, std::string role) : server_(server), role_(std::move(role)) {}
  OutageLog& outages() override { return server_.outages(); }
  Task<Connected> connect(ConnId, Patience& patience) override {
    return server_.connect_as(role_, patience);
  }

 private:
  SimBackend& server_;
  std::string role_;
};

}  // namespace poolgauge
