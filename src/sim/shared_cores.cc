// Advancing the service level and finding who ends next.
#include "sim/shared_cores.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace poolgauge {

SharedCores::SharedCores(Loop& loop, unsigned cores) : SharedCores(loop, cores, {}) {}

SharedCores::SharedCores(Loop& loop, unsigned cores, std::vector<double> speed)
    : loop_(loop),
      cores_(cores),
      speed_(std::move(speed)),
      updated_(loop.now()),
      timer_(at_next, *this) {}

// After the last job there is nothing that advances.
void SharedCores::count_jobs() {
  const std::size_t jobs = jobs_.size();
  if (jobs == 0) return;
  const auto many = static_cast<double>(jobs);
  if (speed_.empty()) {
    rate_ = many <= cores_ ? 1.0 : cores_ / many;
  } else if (jobs <= speed_.size()) {
    rate_ = speed_[jobs - 1];
  } else {
    rate_ = speed_.back() * static_cast<double>(speed_.size()) / many;
  }
}

void SharedCores::advance(TimePoint now) {
  if (jobs_.empty()) {
    level_ = 0;  // keeps the level small, so that a nanosecond never gets lost in rounding
  } else {
    level_ += static_cast<double>((now - updated_).count()) * rate_;
  }
  updated_ = now;
}

void SharedCores::arm(TimePoint now) {
  if (jobs_.empty()) return loop_.cancel(timer_);
  const double left = std::max(0.0, jobs_.front().ends_at_level - level_) / rate_;
  loop_.arm(timer_, now + Duration{static_cast<std::int64_t>(std::ceil(left))});
}

void SharedCores::add(Duration amount, Work& work) {
  const TimePoint now = loop_.now();
  advance(now);
  jobs_.push_back({level_ + static_cast<double>(amount.count()), ++submitted_, &work});
  std::push_heap(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.after(b); });
  count_jobs();
  arm(now);
}

void SharedCores::remove(const Work& work) {
  const TimePoint now = loop_.now();
  advance(now);
  const auto gone =
      std::remove_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.work == &work; });
  jobs_.erase(gone, jobs_.end());
  std::make_heap(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.after(b); });
  count_jobs();
  arm(now);
}

void SharedCores::at_next(Timer& timer) {
  SharedCores& self = static_cast<NextTimer&>(timer).cores;
  const TimePoint now = timer.at();
  self.advance(now);
  constexpr double kRounding = 0.5;  // the timer counts whole nanoseconds
  while (!self.jobs_.empty() && self.jobs_.front().ends_at_level <= self.level_ + kRounding) {
    Work* work = self.jobs_.front().work;
    std::pop_heap(self.jobs_.begin(), self.jobs_.end(),
                  [](const Job& a, const Job& b) { return a.after(b); });
    self.jobs_.pop_back();
    work->worked(now);
  }
  self.count_jobs();
  self.arm(now);
}

}  // namespace poolgauge
