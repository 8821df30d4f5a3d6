// Watching a trial while it runs: a run may end early because of what was measured so far.
#pragma once

#include "poolgauge/measurement.h"

namespace poolgauge {

class TrialWatch {
 public:
  virtual ~TrialWatch() = default;
  /// Called by the trial's own thread at the end of each second of the window. Requests in progress
  /// count as in flight, with their ages.
  virtual void look(Measurement so_far) = 0;
  /// Whether it wants to be called: the copy is not made for nothing.
  virtual bool looks() const { return true; }
  /// Asked ten times a second, by the same thread.
  virtual bool ended() const = 0;
  /// Whether it ended in a hurry: statements under way are canceled then, not waited for.
  virtual bool hurries() const { return false; }
};

}  // namespace poolgauge
