// Guards of a live run: a thread that looks at the server and holds requests back or ends the run.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/trial_watch.h"
#include "guard/guard.h"
#include "guard/http_url.h"
#include "pg/guard/guard_looks.h"
#include "pg/probe/live_probe.h"
#include "poolgauge/guard.h"

namespace poolgauge {

/// What the load itself has seen so far.
struct OwnCounts {
  std::uint64_t lacks_resources = 0;  ///< failures of SQLSTATE class 53
  std::uint64_t ended = 0;            ///< requests
};

/// Never on the measured path: a thread, and a connection of its own. Looks come at the pace of
/// guard/decide.h, the stop file is looked for five times a second.
class GuardThread {
 public:
  struct Plan {
    GuardOrders orders;
    std::string load_name;  ///< as GuardReader has it
    std::function<OwnCounts()> own;
  };
  /// `hold` and `ended` outlive the thread; a guard that stops the run requests `ended`.
  GuardThread(Plan plan, HoldBack& hold, StopFlag& ended);
  ~GuardThread() { join(); }
  GuardThread(const GuardThread&) = delete;
  GuardThread& operator=(const GuardThread&) = delete;

  /// A pause by hand, from the thread that waits for the run.
  void pause(bool paused);
  bool stopped() const { return stopped_.load(); }
  /// No more looks; waits at most until the look under way is given up.
  void join();
  /// After join(). `begin`: of the window.
  GuardLog log(TimePoint begin, std::uint64_t withheld) const;

 private:
  struct Event {
    std::string guard, action, seen;
    TimePoint start;
    std::optional<TimePoint> end;
  };
  void work();
  void look();
  GuardLook see();
  void see_server(GuardLook& seen);
  void act(TimePoint now);
  void stop_run(const std::string& guard, const std::string& seen, TimePoint now);
  void begin_event(const std::string& guard, const char* action, const std::string& seen,
                   TimePoint now);
  void end_event(const char* action, TimePoint now);
  void apply();
  bool stop_file_is_there() const;

  const Plan plan_;
  HoldBack& hold_;
  StopFlag& ended_;
  std::optional<guard::HttpUrl> url_;
  guard::Decider decider_;
  guard::OthersTime others_;
  Alarm alarm_;  // before the reader, whose waits it ends
  std::optional<GuardReader> reader_;
  OwnCounts last_own_;
  TimePoint last_seen_;
  std::uint32_t looks_ = 0;
  double looks_s_ = 0;
  mutable std::mutex mutex_;  // for what follows
  bool guard_holds_ = false, paused_ = false;
  std::vector<Event> events_;
  std::uint64_t left_out_ = 0;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace poolgauge
