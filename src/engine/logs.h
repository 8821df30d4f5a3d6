// What a run records of the times without completions and of outages.
#pragma once

#include <utility>
#include <vector>

#include "poolgauge/in_flight.h"
#include "poolgauge/measurement.h"
#include "poolgauge/outcome.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// One thread's. Costs a comparison for each request once it knows which gaps are long.
class GapLog {
 public:
  explicit GapLog(TimePoint begin) : begin_(begin) {}
  void move_window(TimePoint begin) { begin_ = begin; }
  void began(TimePoint now);
  /// Without being completed.
  void ended(TimePoint now);
  void completed(TimePoint now);
  /// The thread itself stood still for this long until now, which is not a gap.
  void stood_still(TimePoint now, Duration time);
  /// Once, at the window's end.
  CompletionGaps take(TimePoint end);

 private:
  void note(TimePoint now);
  TimePoint waiting(TimePoint now) const;
  void leave_out(TimePoint from, TimePoint to);

  TimePoint begin_;
  TimePoint completed_ = kNever;   // the latest; kNever: none yet
  TimePoint since_ = kNever;       // requests were in progress; kNever: none is
  TimePoint idle_since_ = kNever;  // the last one failed then
  std::uint32_t under_way_ = 0;
  CompletionGaps gaps_;
  std::vector<std::pair<TimePoint, TimePoint>> own_pauses_;
};

// Outages: from the first failure that shows one to the first success after it.

/// One per backend. Costs nothing without failures: successes only check one flag.
class OutageLog {
 public:
  /// An established connection was lost, and not because we gave it up.
  void lost(TimePoint now) { ++present(now).lost_connections; }
  /// A connect failed; counted when the reason is that the server is not there. A login that it
  /// refused ends an outage.
  void connect_failed(TimePoint now, FailureClass failure);
  /// A connect or an exchange succeeded.
  void succeeded(TimePoint now) {
    if (!open_) return;
    seen_.back().end = now.time_since_epoch();
    open_ = false;
  }
  bool open() const { return open_; }

  /// What was seen between the two, relative to `begin`; what goes on at `end` has no end.
  std::vector<Outage> within(TimePoint begin, TimePoint end) const;

 private:
  Outage& present(TimePoint now);
  std::vector<Outage> seen_;  // in the clock's own time
  bool open_ = false;         // the last one
};

}  // namespace poolgauge
