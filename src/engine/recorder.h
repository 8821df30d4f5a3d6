// What became of each request, counted once, in the window in which it ended.
#pragma once

#include <string>
#include <vector>

#include "engine/transaction_sampler.h"
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
  std::vector<Duration> steps;            ///< by the request's own step index
  std::vector<ExchangeSample> exchanges;  ///< as in TransactionSample
  void reset(std::uint32_t request_index, TimePoint intended_at, TimePoint started_at);
};

/// One per thread. Every request that became due before the window's end is reported exactly once:
/// completed, failed, shed, or abandoned (in flight at the end).
class Recorder {
 public:
  Recorder(const Scenario& scenario, TimePoint begin, TimePoint end);

  void granted(TimePoint now, Duration waited) {
    if (in_window(now)) measured_.pool_wait.record(waited);
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
  Activity& activity() { return sampler_.activity(); }
  /// Once, at the end of the window.
  void keep_calibration(TimePoint now) { measured_.calibration = sampler_.take(now); }
  Measurement& measured() { return measured_; }

 private:
  bool in_window(TimePoint now) const { return now >= begin_ && now < end_; }
  bool count(TimePoint now, TimePoint intended);
  SecondSample& second_at(TimePoint now);
  FailureCount& failure(Phase phase, const Outcome& outcome);

  TimePoint begin_;
  TimePoint end_;
  std::vector<std::uint32_t> step_base_;  // by request: its first step in the flattened list
  Measurement measured_;
  TransactionSampler sampler_;
  Totals totals_;
  Histogram recent_{5};
};

}  // namespace poolgauge
