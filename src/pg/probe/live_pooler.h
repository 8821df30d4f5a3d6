// Monitoring the pooler of a live run, and the standstills of the servers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "engine/window_start.h"
#include "pg/probe/live_probe.h"
#include "pg/session/silence_log.h"
#include "pg/target/pooler_console.h"
#include "poolgauge/live.h"
#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// Samples through the window, unless joined before; a console that is lost is opened again at the
/// next second. `window` outlives the thread.
class PoolerThread {
 public:
  PoolerThread(const PoolerAddress& pooler, const WindowStart& window, Duration length)
      : pooler_(pooler), window_(window), length_(length), thread_([this] { work(); }) {}
  ~PoolerThread() { join(); }
  PoolerThread(const PoolerThread&) = delete;
  PoolerThread& operator=(const PoolerThread&) = delete;
  void join() {
    alarm_.end();
    if (thread_.joinable()) thread_.join();
  }
  /// After join().
  const PoolerView& view() const { return view_; }
  const std::vector<Look>& looks() const { return looks_; }

 private:
  void work();
  bool look(PoolerConsole& console, Result<PoolerTotals>& before, double at_s);
  std::optional<PoolerConsole> again(double at_s);

  const PoolerAddress pooler_;
  const WindowStart& window_;
  const Duration length_;
  Alarm alarm_;
  PoolerView view_;
  std::vector<Look> looks_;  // at the console
  int silences_ = 0;
  std::thread thread_;
};

// Standstills of the servers, from the answers that the threads of a live run received.

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
