// What became of each request, counted once, in the window in which it ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// One request's times while it runs; kept by its user and reused.
struct RequestTrace {
  std::uint32_t request = 0;
  TimePoint intended{};
  TimePoint started{};
  Duration pool_wait{0};
  Duration connection{0};
  Duration begin{0};
  Duration sql{0};
  Duration hold{0};
  Duration pause{0};
  Duration commit{0};
  Duration release{0};
  std::vector<Duration> steps;  ///< by the request's own step index
  void reset(std::uint32_t request_index, TimePoint intended_at, TimePoint started_at);
};

/// One per thread. Every request that became due before the window's end is reported exactly once:
/// completed, failed, shed, or abandoned (in flight at the end).
class Recorder {
 public:
  /// The scenario outlives it.
  Recorder(const Scenario& scenario, TimePoint begin, TimePoint end);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void granted(TimePoint now, Duration waited, std::uint32_t request) {
    if (!in_window(now)) return;
    measured_.pool_wait.record(waited);
    if (!tracked_.empty()) track_wait(now, waited, request);
  }
  void lag(TimePoint now, Duration late) {
    if (in_window(now)) measured_.client.schedule_lag.record(late);
  }
  void completed(TimePoint now, const RequestTrace& trace);
  void failed(TimePoint now, const RequestTrace& trace, Phase phase, const Outcome& outcome,
              const std::string& text);
  /// The stop reached it first.
  void abandoned(TimePoint intended);
  void shed(TimePoint now, TimePoint intended);

  /// True until a message was kept for this kind of failure.
  bool wants_example(Phase phase, const Outcome& outcome);

  /// The run was interrupted: nothing after `now` counts.
  void cut(TimePoint now);
  TimePoint begin() const { return begin_; }
  TimePoint end() const { return end_; }

  struct Totals {
    std::uint64_t completed = 0, failed = 0, pool_timeouts = 0;
  };
  /// Since the load began, warm-up included; for the progress line.
  const Totals& totals() const { return totals_; }
  /// Latencies of the second that is being filled, warm-up included; taken by the progress line.
  Histogram& recent() { return recent_; }
  SecondSample& second(std::size_t index);
  Measurement& measured() { return measured_; }

 private:
  /// A goal that needs a tally of its own.
  struct Tracked {
    const Goal* goal;
    std::size_t place;                                // among the scenario's goals
    std::optional<std::uint32_t> request;             // only this one
    std::vector<std::vector<std::uint32_t>> steps{};  // by request: its steps that count
    bool counts(std::uint32_t index) const { return !request || *request == index; }
  };
  void follow(const Scenario& scenario);
  GoalTally& tally(const Tracked& tracked, TimePoint now);
  void track_wait(TimePoint now, Duration waited, std::uint32_t request);
  void track_completed(TimePoint now, const RequestTrace& trace);
  void track_failed(TimePoint now, std::uint32_t request, FailureClass failure);

  inline static const GoalTally kEmptySecond{GoalTrack::kSecondBits};

  bool in_window(TimePoint now) const { return now >= begin_ && now < end_; }
  bool count(TimePoint now, TimePoint intended);
  SecondSample& second_at(TimePoint now);
  FailureCount& failure(Phase phase, const Outcome& outcome);

  TimePoint begin_;
  TimePoint end_;
  std::vector<std::uint32_t> step_base_;  // by request: its first step in the flattened list
  Measurement measured_;
  std::vector<Tracked> tracked_;
  Totals totals_;
  Histogram recent_{5};
};

}  // namespace poolgauge
