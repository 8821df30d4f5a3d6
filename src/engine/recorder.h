// The outcome of each request, counted once, in the window in which it ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/logs.h"
#include "engine/sample_keeper.h"
#include "engine/transaction_sampler.h"
#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// The most spans kept of one request.
constexpr std::size_t kMostSpans = 64;
/// A loop that is this late stood still: the run made no progress.
inline constexpr Duration kOwnStandstill = std::chrono::seconds(1);
/// A loop that is this late may have delayed completions.
inline constexpr Duration kOwnPause = std::chrono::milliseconds(50);
/// The time of a step that a script's condition omitted.
inline constexpr Duration kNotRun{-1};
inline constexpr TimePoint kNoEnd = TimePoint::max();

/// The times of one request while it runs; owned by its user and reused.
struct RequestTrace {
  std::uint32_t user = 0;  ///< whose it is
  std::uint32_t request = 0;
  TimePoint intended{};
  TimePoint started{};
  Duration pool_wait{0};
  Duration connect{0};  ///< within other parts: the connection that was waited for was being made
  Duration connection{0};
  Duration begin{0};
  Duration sql{0};
  Duration hold{0};
  Duration pause{0};
  Duration commit{0};
  Duration release{0};
  Duration backoff{0};
  std::uint32_t retries = 0;
  std::vector<Duration> steps;            ///< of the last attempt, by the request's own step index
  std::vector<ExchangeSample> exchanges;  ///< of the last attempt, as in TransactionSample
  std::vector<Span> spans;                ///< never grows beyond what was reserved
  std::uint32_t spans_left_out = 0;
  /// The step that was in progress at the end of the window, or the wait for a connection.
  struct UnderWay {
    SpanKind kind = SpanKind::pool_wait;
    std::uint32_t place = 0;  ///< as in Span
    TimePoint since{};
  };
  std::optional<UnderWay> at_end;
  bool under_way = false;                 ///< from reset() until it is reported
  std::optional<TimePoint> asked;         ///< while it waits for a connection: since when
  bool gave_up_waiting = false;           ///< its last wait for a connection ended without one
  const TimePoint* window_end = &kNoEnd;  ///< the recorder's; may move until it is reached

  /// Notified of every step and every wait when it is over.
  void passed(SpanKind kind, std::uint32_t place, TimePoint from, TimePoint to) {
    if (to >= *window_end && from < *window_end) at_end = UnderWay{kind, place, from};
  }
  void span(SpanKind kind, std::uint32_t place, TimePoint from, TimePoint to) {
    if (spans.size() == spans.capacity()) {
      ++spans_left_out;
      return;
    }
    spans.push_back({from - intended, to - from, kind, static_cast<std::uint16_t>(place)});
  }
  void reset(std::uint32_t request_index, TimePoint intended_at, TimePoint started_at);
};

/// One per thread. Every request scheduled before the end of the window is reported exactly once:
/// completed, failed, dropped, or abandoned (in flight at the end).
class Recorder {
 public:
  /// The scenario outlives it.
  Recorder(const Scenario& scenario, TimePoint begin, TimePoint end);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void granted(TimePoint now, Duration waited, std::uint32_t request) {
    if (!details_ || !in_window(now)) return;
    if (now >= slice_end_) next_slice(now);
    current_.pool_wait.record(waited);
    if (!tracked_.empty()) track_wait(now, waited, request);
  }
  void lag(TimePoint now, Duration late) {
    if (!details_ || !in_window(now)) return;
    if (now >= slice_end_) next_slice(now);
    current_.schedule_lag.record(late);
  }
  void loop_lag(TimePoint now, Duration late) {
    if (in_window(now)) measured_.client.loop_lag.record(late);
    if (late >= kOwnPause) gaps_.stood_still(now, late);
    if (late >= kOwnStandstill) stood_still(now - late, now);
  }
  /// A request starts. It counts as scheduled from here on, and must be reported below.
  void begun(TimePoint intended) {
    due(intended);
    if (over_time_) gaps_.began(intended);
  }
  void completed(TimePoint now, const RequestTrace& trace);
  void failed(TimePoint now, const RequestTrace& trace, Phase phase, const Outcome& outcome,
              const std::string& text);
  /// An attempt failed with this, and another one will be made.
  void retried(TimePoint now, const SqlState& state) {
    if (in_window(now)) measured_.retries.add(state.data(), 1);
  }
  /// Scheduled, but the stop came before it started.
  void never_begun(TimePoint intended);
  /// Scheduled, but dropped: the generator's own limit was reached.
  void shed(TimePoint now, TimePoint intended);

  /// True until a message was kept for this kind of failure.
  bool wants_example(Phase phase, const Outcome& outcome);

  /// From now on requests are only counted, to measure the cost of recording.
  void count_only() { details_ = false; }
  bool details() const { return details_; }
  /// Before the load begins: counts, and the distributions of whole requests over the whole window;
  /// nothing of their parts, of single ones, or of how it went on. For many short simulations.
  void keep_only_figures() {
    parts_ = over_time_ = false;
    keep_no_slices();
  }
  /// Before the load begins: the same, and the figures that goals need; no slices, so no intervals.
  void keep_only_goals(const std::vector<Goal>& goals);

  /// The run was interrupted: nothing after `now` counts.
  void cut(TimePoint now);
  /// Before the window began: it begins at another time, and lasts as long.
  void move_window(TimePoint begin);
  /// The window ends now: a slice for each part of it, also where nothing happened.
  void end_slices(TimePoint now);
  TimePoint begin() const { return begin_; }
  TimePoint end() const { return end_; }
  /// As long as the recorder lives, and wherever the end is moved.
  const TimePoint& window_end() const { return end_; }

  struct Totals {
    std::uint64_t completed = 0, failed = 0, pool_timeouts = 0;
    std::uint64_t lacks_resources = 0;  ///< of failed: SQLSTATE class 53
  };
  /// Since the load began, warm-up included; for the progress line.
  const Totals& totals() const { return totals_; }
  /// Latencies of the second that is being filled, warm-up included, for whoever asked for them
  /// before the load began.
  void keep_recent() { keeps_recent_ = true; }
  Histogram& recent() { return recent_; }
  SecondSample& second(std::size_t index);
  Activity& activity() { return sampler_.activity(); }
  /// Once, at the end of the window.
  void keep_calibration(TimePoint now) { measured_.calibration = sampler_.take(now); }
  /// Everything recorded so far.
  Measurement& measured();
  /// Counts a request that is in progress at `now` in a copy of what was recorded so far, as the
  /// window's end would: by how long it and its wait for a connection have lasted.
  void add_under_way(Measurement& so_far, const RequestTrace& trace, TimePoint now) const;
  /// Moves what is kept outside of the measurement until the end into it.
  void finish();
  /// Call when every request has been reported: each scheduled one is in exactly one bucket
  /// (CHECKed).
  void check_books() const;

 private:
  /// Values of the slice that is being filled: recorded once, here, and handed to the slice and to
  /// the whole window when the slice ends.
  struct Current {
    Histogram latency, response, pool_wait, connection_time, schedule_lag;
    std::vector<Histogram> steps;
    std::vector<Histogram> kinds;  ///< latencies; empty where all requests are of one kind
    /// Until a request begins late its response is its latency, and only that is recorded.
    bool responses_differ = false;
  };
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
  void track_ages(const RequestTrace& trace, TimePoint now);
  void track_age(GoalTrack& track, TimePoint from, TimePoint to) const;

  static constexpr Duration kSecond = std::chrono::seconds(1);
  inline static const GoalTally kEmptySecond{GoalTrack::kSecondBits, GoalTrack::kAgeBits};

  bool in_window(TimePoint now) const { return now >= begin_ && now < end_; }
  void stood_still(TimePoint from, TimePoint to);
  void due(TimePoint intended);
  void abandoned(TimePoint now, TimePoint intended, const RequestTrace* trace);
  void keep_ages(TimePoint now, const RequestTrace& trace);
  void keep_failed_times(TimePoint now, const RequestTrace& trace, Phase phase);
  bool count(TimePoint now, TimePoint intended, const RequestTrace* trace);
  void add_phases(const RequestTrace& trace, Duration latency);
  void record_response(Duration response, Duration latency);
  SecondSample& second_at(TimePoint now);
  Slice& slice() { return measured_.slices[slice_]; }
  void next_slice(TimePoint now);
  void hand_over();
  FailureCount& failure(Phase phase, const Outcome& outcome);

  TimePoint begin_;
  TimePoint end_;
  void keep_no_slices() {
    measured_.slice_length = end_ - begin_;
    slice_end_ = end_;
  }

  bool details_ = true;
  bool parts_ = true;                     // of requests, and single requests
  bool over_time_ = true;                 // second by second, and the gaps between completions
  std::vector<std::uint32_t> step_base_;  // by request: its first step in the flattened list
  // An independent count for check_books: all that were scheduled before the end, and those of them
  // that ended before the window. The latest ones apart, for cut().
  std::uint64_t due_ = 0;
  std::uint64_t ended_before_ = 0;
  TimePoint latest_due_ = TimePoint::min();
  std::uint64_t due_at_latest_ = 0;
  Measurement measured_;
  Current current_;
  std::size_t slice_ = 0;  // that current_ belongs to
  TimePoint slice_end_;
  SampleKeeper samples_;
  GapLog gaps_;
  TransactionSampler sampler_;
  std::vector<Tracked> tracked_;
  std::size_t second_ = 0;  // of the series, that the last request ended in
  TimePoint second_end_;
  Totals totals_;
  bool keeps_recent_ = false;
  Histogram recent_{5};
};

}  // namespace poolgauge
