// Access to what the workers of a live run have measured so far.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "engine/trial_watch.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// One worker's copy of its measurement, renewed each second. The copy is made before the lock is
/// taken, by the worker's conductor; only goals with abort_on_fail ask for it.
class LiveWatch : public TrialWatch {
 public:
  /// `ended`: by what was measured; `guarded`: by a guard. `looks`: whether copies are wanted.
  LiveWatch(const StopFlag& ended, const StopFlag& guarded, bool looks)
      : ended_(ended), guarded_(guarded), looks_(looks) {}
  void look(Measurement so_far) override {
    auto copy = std::make_unique<Measurement>(std::move(so_far));
    const std::lock_guard lock(mutex_);
    latest_ = std::move(copy);
    fresh_ = true;
  }
  bool looks() const override { return looks_; }
  bool ended() const override { return ended_.requested() || guarded_.requested(); }
  bool hurries() const override { return guarded_.requested(); }

  bool fresh() {
    const std::lock_guard lock(mutex_);
    return fresh_;
  }
  /// Adds the latest copy. Call when fresh.
  void add_to(Measurement& sum) {
    const std::lock_guard lock(mutex_);
    fresh_ = false;
    sum.merge(*latest_);
  }

 private:
  const StopFlag& ended_;
  const StopFlag& guarded_;
  const bool looks_;
  std::mutex mutex_;
  std::unique_ptr<Measurement> latest_;
  bool fresh_ = false;
};

}  // namespace poolgauge
