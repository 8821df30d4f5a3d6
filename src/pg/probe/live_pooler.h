// Monitoring the pooler of a live run: its admin console is queried once a second.
#pragma once

#include <optional>
#include <thread>

#include "engine/window_start.h"
#include "pg/probe/live_alarm.h"
#include "pg/session/silence_log.h"
#include "pg/target/pooler_console.h"
#include "poolgauge/live.h"
#include "poolgauge/measurement.h"

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

}  // namespace poolgauge
