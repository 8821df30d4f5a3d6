// What is asked of the application, as values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/load.h"
#include "poolgauge/part.h"
#include "poolgauge/time.h"

namespace poolgauge::app {

/// Which database.
struct TargetOptions {
  std::optional<std::string> conninfo;  ///< --target; may hold a password
  bool embedded = false;
  std::optional<std::string> replica;  ///< --replica-target; may hold a password
  std::string named_by = "--target";   ///< the flag that gave `conninfo`
};

/// What a simulation from a scenario takes the statements' costs from.
struct CostOptions {
  std::optional<Duration> statement_cost;  ///< --statement-cost: of those without their own
  bool calibrate = false;                  ///< measured first, or taken from the cache
  std::optional<Duration> replica_lag;     ///< --replica-lag: of the simulated standby
};

/// What a user allows on a server that is not this program's own, and what watches the run there.
struct SafetyOptions {
  bool allow_writes = false;  ///< steps that may write, data.setup and data.teardown
  bool allow_setup = false;   ///< a setup that drops or replaces what is there
  bool shared = false;        ///< others use the server
  bool yes = false;           ///< ask nothing
  std::optional<Duration> ramp;
  std::optional<std::int64_t> budget;            ///< connections that the pools may open
  std::vector<std::string> guards, stop_guards;  ///< expressions, as typed
  std::string guard_query, guard_http, stop_file;
  /// Runs of the same command came before: a guard that is broken ahead of the next one ends it,
  /// and the target is not asked for again.
  bool under_way = false;
};

/// One machine's share of a run that several make.
struct PartOptions {
  std::optional<RunPart> part;              ///< --part; nothing: the run is all ours
  std::optional<Duration> join;             ///< --join: how long to wait for the others
  std::optional<std::int64_t> start_at_us;  ///< --start-at, since 1970; nothing: the parts meet
};

/// What is run, and how.
struct RunRequest {
  std::string scenario;  ///< as typed
  FlagValues flags;
  TargetOptions target;
  PartOptions parts;
  std::uint64_t seed = 1;
  unsigned threads = 0;
  bool no_probe = false;
  SafetyOptions safety;
};

/// A sweep over sizes, users or rates.
struct SweepRequest {
  std::string over = "pool";  ///< pool, users or rate
  std::size_t points = 0;     ///< 0: six, and two more where they are worth most
  bool simulated = false;
  unsigned cores = 0;  ///< of the modeled server
};

/// The search for the smallest pool.
struct AdviseRequest {
  bool simulated = false;
  unsigned cores = 0;
  std::optional<double> time_limit_s;  ///< of the whole search
  std::optional<double> confidence;    ///< that rates must be shown with
  std::optional<double> headroom;      ///< share of the server's connections to keep free
  std::optional<double> surge;         ///< of a deployment: a share of the instances
  std::optional<std::int64_t> budget;  ///< connections the whole fleet may open
  std::optional<double> growth;        ///< of the load; nothing: the usual one
  std::optional<double> memory_mib;    ///< of the server
  int confirmations = 3;               ///< fresh runs in a row that must meet the goals
  std::string snippet;                 ///< an id, or "all"; empty: the pool's own
};

}  // namespace poolgauge::app
