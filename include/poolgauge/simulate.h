// Running a scenario on a virtual clock against a model of the server.
#pragma once

#include <cstdint>
#include <vector>

#include "poolgauge/distribution.h"
#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// What the modelled server costs. Work is processor time, shared equally by all statements that
/// run while there are more of them than cores; delays pass without using a core.
struct ServerProfile {
  unsigned cores = 2;
  Duration round_trip = std::chrono::microseconds(40);  ///< delay of every exchange
  Duration begin_work = std::chrono::microseconds(15);
  Duration commit_work = std::chrono::microseconds(60);
  Duration begin_delay{0};   ///< of a BEGIN beside the round trip
  Duration commit_delay{0};  ///< of a commit: mostly the disk's
  Duration statement_work =
      std::chrono::microseconds(100);  ///< mean, exponential; a literal
                                       ///< pg_sleep(x) in the text is a delay of x
  Duration connect_delay = std::chrono::microseconds(500);
  Duration connect_work = std::chrono::microseconds(2000);
  std::int64_t max_connections = 0;  ///< 0: no limit
  /// A pooler's own processor time for passing one exchange on: it is one thread.
  Duration pooler_work = std::chrono::microseconds(25);
  Duration pooler_login_work = std::chrono::microseconds(60);
  Duration pooler_delay = std::chrono::microseconds(20);  ///< of its hop, each exchange
  /// Per step (flattened order): mean time in place of statement_work and of pg_sleep; 0: not
  /// known.
  std::vector<Duration> step_work;
  /// Per step, where step_work says something: what passes besides without a core; may be shorter.
  std::vector<Duration> step_delay;
};

/// Deterministic: the same scenario, profile and seed give the same Measurement on every compiler.
/// `ends_early` is asked after each simulated second; empty: never.
Measurement simulate(const Scenario& scenario, const ServerProfile& profile, std::uint64_t seed,
                     const StopFlag& stop, const EndsEarly& ends_early = {});

}  // namespace poolgauge
