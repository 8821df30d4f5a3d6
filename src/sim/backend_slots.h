// The parts of the modeled server: slots, the replica's lag, and the cost of each step.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/distribution.h"
#include "poolgauge/scenario.h"
#include "poolgauge/server_profile.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Counts connections, those being made included, as PostgreSQL does: a backend takes its slot
/// before it does anything else.
class BackendSlots {
 public:
  explicit BackendSlots(const ServerProfile& profile) : profile_(profile) {}

  /// Takes a slot, or says why there is none, in the server's own words; empty: taken. `role`: whom
  /// the pool logs in as; empty: a superuser, whom the limits of roles and databases do not bind,
  /// though it counts in the database's.
  std::string take(const std::string& role);
  /// Frees the slot.
  void leave(const std::string& role);

 private:
  const ServerProfile& profile_;
  std::int64_t open_ = 0;
  std::map<std::string, std::int64_t> roles_;  ///< open by role
};

// A standby that lags behind its primary: which statements return stale data.

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

// What each statement of a scenario costs the modeled server, and which of that is known.

/// CPU time, drawn again each time, and an additional delay that uses no core.
struct StepCost {
  DurationSpec work;
  Duration delay{0};
};

/// One for each step, in the flattened order; holds and pauses have one that nobody uses.
std::vector<StepCost> step_costs(const Scenario& scenario, const ServerProfile& profile);

/// The delay of a literal `pg_sleep(x)` in the text; zero without one.
Duration literal_sleep(std::string_view sql);

}  // namespace poolgauge
