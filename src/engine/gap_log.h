// The longest times between two completions, recorded during the load.
#pragma once

#include <utility>
#include <vector>

#include "poolgauge/in_flight.h"
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

}  // namespace poolgauge
