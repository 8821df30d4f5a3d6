// Running a scenario against a real PostgreSQL.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/guard.h"
#include "poolgauge/measurement.h"
#include "poolgauge/part.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// A pooler's admin console, and the database whose counters are read.
struct PoolerAddress {
  std::string console;  ///< a libpq string
  std::string database;
};

/// The addresses of a host, as text, or the reason why there are none.
struct HostAddresses {
  std::vector<std::string> addresses;
  std::string error;
};
using ResolveHost = std::function<HostAddresses(const std::string& host)>;

/// Between the machines of one run: a guard ended it here, or elsewhere. Set by one thread, read by
/// others.
struct GuardRelay {
  std::atomic<bool> here{false}, elsewhere{false};
};

struct LiveOptions {
  std::uint64_t seed = 1;
  unsigned threads = 0;  ///< 0: the machine's cores; never more than processes to run
  RunPart part;          ///< which of the fleet's processes
  /// When the load begins; nothing: as soon as all threads are ready.
  std::optional<TimePoint> begin;
  std::string load_name;  ///< application name; empty: this process's own
  GuardRelay* relay = nullptr;
  bool probe_server = true;    ///< sample pg_stat_activity on one extra connection
  std::string probe_conninfo;  ///< where; empty: the load's own
  /// A pooler that is not ours answers there: the probe leaves nothing in a session, and a silence
  /// is the pooler's unless its console tells otherwise.
  bool probe_through_pooler = false;
  bool replica_through_pooler = false;  ///< the same before the replica
  std::optional<PoolerAddress> pooler;  ///< sample its counters, too
  std::string replica_conninfo;         ///< libpq string of the replica, where a pool is on one
  bool record_details = true;  ///< false: only count requests, to measure the cost of recording
  /// Looks hosts up, on a thread of its own; empty: as the system does.
  ResolveHost resolve;
  std::function<void(const Progress&)>
      on_progress;       ///< called about five times a second, caller's thread
  EndsEarly ends_early;  ///< called about once a second, caller's thread; empty: never
  /// The load rises within this time; it belongs into the warm-up.
  Duration ramp{0};
  GuardOrders guards;
  /// While it is true no new request begins; may be nullptr.
  const std::atomic<bool>* paused = nullptr;
  GuardLog* guard_log = nullptr;  ///< filled at the end, unless it is nullptr
  /// Sessions of the load where nothing in the scenario writes: by pool, see Deployment::pool_at.
  /// libpq's `options` for their start-up; empty: none of their own.
  std::vector<std::string> session_options;
};

/// Runs warm-up and window and returns the measurement, also if `stop` is requested during the run
/// (Measurement::partial). Errors: nothing could be measured. `conninfo` is a libpq string;
/// it never appears in an error. Host names are looked up before the load, and again every five
/// seconds on another thread: no connect of the load waits for that. The calling thread waits;
/// workers are threads of its own.
Result<Measurement> run_live(const Scenario& scenario, const std::string& conninfo,
                             const LiveOptions& options, const StopFlag& stop);

}  // namespace poolgauge
