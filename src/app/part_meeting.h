// The parts of a run meet at the database: they start together and notice who is gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/context.h"
#include "app/part_roll.h"
#include "app/requests.h"
#include "pg/target/part_session.h"
#include "poolgauge/live.h"
#include "poolgauge/part.h"

namespace poolgauge::app {

/// In this order: join, await_setup (unless it leads), agree_on_start, watch, and end. With
/// --start-at nobody meets: join only compares the clocks, and the others wait for the time.
class PartMeeting {
 public:
  /// `options.part` is set; the references outlive the meeting.
  PartMeeting(const PartOptions& options, RunPrint print, const StopFlag& stop,
              ProgressSink& progress);
  ~PartMeeting() { stop_watching(); }
  PartMeeting(const PartMeeting&) = delete;
  PartMeeting& operator=(const PartMeeting&) = delete;

  RunPart part() const { return self_; }
  /// Sessions of all parts at the server besides those of the load.
  std::int64_t sessions() const { return self_.count; }
  /// The application name of the load of all parts, so that one probe knows them all.
  std::string load_name() const;
  GuardRelay& relay() { return relay_; }

  /// `shared_sessions`: a pooler deals out sessions by transactions.
  Status join(const std::string& conninfo, bool shared_sessions);
  Status await_setup();
  /// Guards watch the run, and the leading part alone looks: without it the others stop.
  void needs_leader() { needs_leader_ = true; }
  bool lost_its_leader() const { return lost_leader_.load(std::memory_order_relaxed); }
  /// When the load begins, once everybody is ready; from then on the others are watched. `load`:
  /// its length with the warm-up.
  Result<TimePoint> agree_on_start(Duration load);
  /// The load has ended here. A leading part that tears down waits until it has everywhere; of
  /// others that it cannot see, until their load must have ended.
  void end(bool tears_down);

  /// Without what was measured.
  PartFacts facts() const;
  /// A sentence for each part that vanished during the load.
  std::vector<std::string> notes() const;

 private:
  /// Of the load, once its time and the clocks are known: told by the server's clock where the
  /// parts meet, else by this machine's.
  TimePoint start() const;
  /// `most`: how long ago the start may be.
  Status refuse_late(Duration most) const;
  Result<std::vector<PartSeen>> look();
  Status show(PartStage stage);
  /// Opens the session, shows the stage, and takes the lock of this part: at first, and again where
  /// the session broke.
  Status enter(PartStage stage);
  void tell_absent(const std::vector<PartSeen>& all);
  Status wait_for(PartTurn (PartRoll::*turn)(Duration, const std::vector<PartSeen>&),
                  std::int64_t& start_us);
  Status tell_start();
  void watch();
  void stop_without_leader(const std::vector<PartSeen>& all);
  void wait_for_unseen();
  void stop_watching();
  void note_vanished(const std::vector<PartSeen>& all);

  RunPart self_;
  RunPrint print_;
  bool meets_;
  const StopFlag& stop_;
  StopFlag second_stop_{stop_, 2};  // who was interrupted still tells the others that it ends
  ProgressSink& progress_;
  PartRoll roll_;
  std::string conninfo_;
  std::optional<PartSession> session_;
  TimePoint joined_{};
  std::optional<ClockReading> clock_;
  std::int64_t start_us_ = 0;  // 0: not known yet
  Duration load_{0};
  bool needs_leader_ = false;
  std::atomic<bool> lost_leader_{false};
  PartStage shown_ = PartStage::here;
  std::string absent_;  // as last told
  GuardRelay relay_;
  std::thread watcher_;
  std::atomic<bool> ended_{false};
  mutable std::mutex mutex_;  // of lost_
  std::map<std::uint32_t, std::string> lost_;
};

}  // namespace poolgauge::app
