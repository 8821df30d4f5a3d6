// A scenario that stands for what was seen on a live server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/import.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge {

/// The transactions of one group of sessions. Times in seconds.
struct ObservedRequests {
  std::string name;
  double rate_per_s = 0;
  double hold_s = 0;                     ///< mean
  std::optional<double> hold_spread;     ///< squared coefficient of variation
  std::vector<double> hold_quantiles_s;  ///< equally likely; empty: not known
  double processor_s = 0;  ///< of that time, statements ran for so long on a processor: mean
  bool in_transaction = true;
  std::int64_t processes = 1;
  std::string kind, pattern;     ///< of the pool: a guess, and what it rests on
  std::int64_t connections = 1;  ///< of the pool of one process
  NamedOptions options;          ///< the same in the kind's own words
};

struct ObservedLoad {
  std::string name;
  double seconds = 0;                      ///< that were watched
  std::string goal = "p95";                ///< the quantile of requests that need not wait
  std::vector<ObservedRequests> requests;  ///< at least one, all with the same processes
  ServerStatements statements;             ///< of a single group: what ran, and how often
};

/// Arrivals at random at the observed rates; each request holds its connection for the observed
/// distribution of times. One pool, or one for each group where there are several. With statements
/// each request runs one of them, by their shares; their parameters are guessed from the SQL.
ImportedScenario import_observed(const ObservedLoad& load);

}  // namespace poolgauge
