// A modelled PostgreSQL: the simulated answer to seam 2.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "engine/backend.h"
#include "poolgauge/simulate.h"
#include "sim/shared_cores.h"

namespace poolgauge {

class SimBackend final : public Backend {
 public:
  SimBackend(Loop& loop, const Scenario& scenario, const ServerProfile& profile,
             std::uint64_t seed);
  Task<Connected> connect(ConnId conn, Patience& patience) override;

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
  std::vector<Cost> step_cost_;  // by flattened step: mean work and fixed delay
  std::int64_t open_ = 0;
};

/// The delay that a literal `pg_sleep(x)` in the text asks for; zero when there is none.
Duration literal_sleep(std::string_view sql);

}  // namespace poolgauge
