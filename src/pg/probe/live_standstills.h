// Standstills of the servers, from the answers that the threads of a live run received.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "pg/probe/live_pooler.h"
#include "pg/probe/live_probe.h"
#include "pg/session/silence_log.h"
#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// Combines the gaps of all threads, for each server.
class SilenceSum {
 public:
  void add(PoolTarget target, const std::vector<Gap>& gaps);
  const std::vector<Gap>& of(PoolTarget target) const;

 private:
  std::map<PoolTarget, std::vector<Gap>> gaps_;
};

/// Writes Measurement::standstills of the servers; those of the client are there. `begin`: of the
/// window. `pooler`: nullptr where none is watched.
void add_silences(const SilenceSum& silences, const Scenario& scenario,
                  const std::vector<std::unique_ptr<ProbeThread>>& probes,
                  const PoolerThread* pooler, bool behind_unknown_pooler, TimePoint begin,
                  Measurement& measured);

}  // namespace poolgauge
