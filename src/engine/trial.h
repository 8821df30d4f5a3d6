// Trial: one thread's world built from a scenario, run through warm-up, window and end.
#pragma once

#include <memory>
#include <vector>

#include "engine/arrivals.h"
#include "engine/trial_watch.h"
#include "engine/user.h"
#include "engine/window_start.h"
#include "poolgauge/part.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Which processes of the fleet this thread runs: `index`, `index + count`, ...
struct Shard {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
};

/// The share of a thread in a machine's part of the fleet. However many threads each machine has,
/// every process is in exactly one share.
inline Shard shard_of(RunPart part, std::uint32_t thread, std::uint32_t threads) {
  return {part.index + part.count * thread, part.count * threads};
}

class Trial {
 public:
  /// All references outlive the trial. `start`: when the load begins; `board` may be null, and so
  /// may `window` where the scenario says how long the warm-up is.
  Trial(const Scenario& scenario, Loop& loop, TimeDriver& driver, const Backends& backends,
        Shard shard, std::uint64_t seed, TimePoint start, ProgressBoard* board,
        WindowStart* window = nullptr);

  /// Before run(): only counts what happens to the requests.
  void count_only() { recorder_.count_only(); }
  /// The same: see Recorder.
  void keep_only_goals() { recorder_.keep_only_goals(scenario_.goals); }
  void keep_only_figures() { recorder_.keep_only_figures(); }

  /// Optional; outlives the trial.
  void watched_by(TrialWatch& watch) { watch_ = &watch; }
  /// The same: no request begins while it holds.
  void held_by(HoldBack& hold) { world_.hold = &hold; }
  /// Before run(): users begin one after the other within this time, and of an open load's arrivals
  /// within it a growing share begins. Belongs into the warm-up.
  void ramps_up(Duration ramp) { ramp_ = ramp; }

  /// Runs to the end of the window, or until `stop`; returns what this thread saw.
  Measurement run(const StopFlag& stop);

 private:
  Task<> conduct(const StopFlag& stop);
  Task<> end_load(TimePoint now, const StopFlag& stop);
  Task<> watch_lag();
  Task<> feed(Process& process, Arrivals arrivals);
  Task<> open_request(Seat& seat, std::vector<Seat*>& free_seats, TimePoint intended,
                      std::uint32_t request, std::uint32_t turn);
  void start_users();
  void start_feeds();
  void begin_window(TimePoint now);
  void sample_second(std::size_t second);
  void follow_warm_up(TimePoint now);
  void tell_second(TimePoint second_end);
  void be_looked_at(TimePoint now);
  void publish(bool second_ended);
  /// The stream of random numbers of a user, or of a request of an open load.
  static std::uint64_t stream_of(std::uint32_t process, std::uint32_t number) {
    return (static_cast<std::uint64_t>(process) << 32) | number;
  }
  void finish(TimePoint now);
  void measure_thread();
  PoolMeasurement measure_pool(std::uint32_t index, TimePoint now);
  PoolGauges::Level level() const;

  const Scenario& scenario_;
  TimeDriver& driver_;
  struct ServerLog {
    OutageLog* log;
    const char* target;
  };
  std::vector<ServerLog> outages_;  // each log once
  Shard shard_;
  std::uint64_t seed_;
  TimePoint start_;
  ProgressBoard* board_;
  WindowStart* window_;
  TrialWatch* watch_ = nullptr;
  Duration ramp_{0};
  Loop& loop_;
  Scope scope_;
  StopList stops_;
  Recorder recorder_;
  ValueSource values_;
  World world_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<std::vector<Seat*>> free_seats_;  // by process, for open loads
  std::vector<std::uint32_t> seats_made_;       // by process, for open loads
  Patience conductor_;
  Duration cpu_begin_{0};
  Duration run_queue_begin_{0};
};

}  // namespace poolgauge
