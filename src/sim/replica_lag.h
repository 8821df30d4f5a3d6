// A standby that lags behind its primary: which statements return stale data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Shared by the primary, which reports commits, and the standby, which is queried.
class ReplicaLag {
 public:
  ReplicaLag(const Scenario& scenario, Duration lag);
  /// Of the flattened steps: whether it writes, as its words say.
  bool writes(std::uint32_t step_index) const;
  /// A write was committed on the primary.
  void committed(TimePoint now) { last_write_ = now; }
  /// The standby was queried.
  void asked(TimePoint now);
  /// What it means for the run, in a sentence; empty: there is no lag.
  std::string note() const;

 private:
  Duration lag_;
  std::vector<bool> writes_;
  std::optional<TimePoint> last_write_;
  std::uint64_t asked_ = 0, stale_ = 0;
};

/// The time that a commit on the primary waits in addition to its own work: the lag, where the
/// scenario's server settings make commits wait until a standby has replayed them.
Duration commit_wait(const Scenario& scenario, Duration lag);

}  // namespace poolgauge
