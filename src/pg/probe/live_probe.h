// Monitoring the server of a live run, on a thread and a connection of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/window_start.h"
#include "pg/probe/backend_memory.h"
#include "pg/probe/server_probe.h"
#include "pg/probe/standby_watch.h"
#include "pg/session/epoll_time.h"
#include "pg/session/silence_log.h"
#include "poolgauge/stop.h"

namespace poolgauge {

class Alarm {
 public:
  /// False when told to end.
  bool sleep_until(TimePoint at) {
    std::unique_lock lock(mutex_);
    const Duration left = at - monotonic_now();
    if (left > Duration::zero()) {
      bell_.wait_for(lock, left, [this] { return ending_.requested(); });
    }
    return !ending_.requested();
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ending_.request();
      ending_.request();  // nobody waits for the running query any more
    }
    bell_.notify_all();
  }
  /// For waits of another kind.
  const StopFlag& ending() const { return ending_; }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  StopFlag ending_;
};

// Monitoring the server of a live run, on a thread and a connection of its own.

/// "from 1.0 s to 2.5 s", "from 1.0 s on" where it lasted to the window's end or longer; empty
/// where it began after that. Times from the window's begin.
std::string gap_text(Duration from, Duration to, Duration window);

/// Samples ten times a second through the window, less often where a look would cost more than
/// 0.5 % of a core of the server, and reads the server's counters before and after. A connection
/// that is lost is made again, after a pause; the gap is noted.
class ProbeThread {
 public:
  struct Plan {
    std::string conninfo;
    std::string load_name;  ///< as ServerProbe has it
    Duration length{0};     ///< of the window
    bool through_pooler = false;
  };
  /// `window` outlives the thread.
  ProbeThread(Plan plan, const WindowStart& window, PoolTarget target)
      : plan_(std::move(plan)),
        window_(window),
        target_(target),
        memory_(plan_.load_name, plan_.length),
        thread_([this] { work(); }) {}
  ~ProbeThread() { join(); }
  ProbeThread(const ProbeThread&) = delete;
  ProbeThread& operator=(const ProbeThread&) = delete;
  /// Ends the sampling, leaves a second for the last look at the counters (nothing once `hurry` was
  /// asked twice), and waits.
  void join(const StopFlag* hurry = nullptr);
  /// After join().
  const ServerViewBuilder& view() const { return view_; }
  /// After join(): its questions, and when they were answered.
  const std::vector<Look>& looks() const { return looks_seen_; }
  /// After join(): its own first connect; zero where that failed.
  Duration connect_took() const { return connect_took_; }
  PoolTarget target() const { return target_; }
  /// While it runs: statements of the load being worked on, at the latest look.
  std::optional<double> active_now() const;

 private:
  void work();
  void watch();
  bool wait_for_window(TimePoint& begin);
  void sample(std::optional<ServerProbe>& probe, TimePoint begin);
  void look_at_recovery(ServerProbe& probe, TimePoint begin);
  void look_at_memory(ServerProbe& probe, TimePoint begin);
  Result<ServerProbe> open();
  /// `lost`: when the query that was never answered was sent.
  bool come_back(std::optional<ServerProbe>& probe, TimePoint begin, TimePoint lost,
                 const std::string& why);
  void note_gap(Duration from, Duration to, const std::string& why);
  void add_cost(ServerProbe& probe, Duration taken, std::optional<double> cpu_before);
  Duration pause() const;

  const Plan plan_;
  const WindowStart& window_;
  const PoolTarget target_;
  Alarm alarm_;     // no more samples
  Alarm last_;      // rung by the thread when it is done
  StopFlag hurry_;  // gives up the running query
  ServerViewBuilder view_;
  std::vector<Look> looks_seen_;
  Duration connect_took_{0};
  std::vector<double> costs_s_;  // of the latest looks
  bool cpu_known_ = false;       // they are CPU time
  double looks_s_ = 0;
  std::uint32_t looks_ = 0;
  std::uint32_t gaps_ = 0;
  StandbyWatch standby_;
  BackendMemoryWatch memory_;
  std::atomic<double> active_now_{-1};  // below zero: nothing seen yet
  std::thread thread_;
};

}  // namespace poolgauge
