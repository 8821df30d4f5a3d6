// Running a scenario against a SQLite database.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "poolgauge/measurement.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"
#include "sqlite/settings.h"

namespace poolgauge::sqlite {

struct RunOptions {
  std::uint64_t seed = 1;
  unsigned threads = 0;  ///< loops; 0: the machine's cores; never more than processes to run
  std::function<void(const Progress&)> on_progress;  ///< about five times a second, caller's thread
  EndsEarly ends_early;  ///< about once a second, caller's thread; empty: never
  /// While it is true no new request begins; may be nullptr.
  const std::atomic<bool>* paused = nullptr;
};

/// Runs warm-up and window and returns the measurement, also if `stop` is requested meanwhile
/// (Measurement::partial). The database is there and has its tables; some connection to one in
/// memory stays open. The caller's thread waits; loops and workers are threads of their own.
Result<Measurement> run_live(const Scenario& scenario, const Settings& settings,
                             const RunOptions& options, const StopFlag& stop);

}  // namespace poolgauge::sqlite
