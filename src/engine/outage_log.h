// Outages: from the first failure that shows one to the first success after it.
#pragma once

#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/outcome.h"
#include "poolgauge/time.h"

namespace poolgauge {

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
