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

double SharedCores::rate() const {
  const auto jobs = static_cast<double>(jobs_.size());
  if (!speed_.empty()) {
    const std::size_t known = speed_.size();
    if (jobs_.size() <= known) return speed_[jobs_.empty() ? 0 : jobs_.size() - 1];
    return speed_.back() * static_cast<double>(known) / jobs;
  }
  return jobs <= cores_ ? 1.0 : cores_ / jobs;
}

void SharedCores::advance(TimePoint now) {
  if (jobs_.empty()) {
    level_ = 0;  // keeps the level small, so that a nanosecond never gets lost in rounding
  } else {
    level_ += static_cast<double>((now - updated_).count()) * rate();
  }
  updated_ = now;
}

void SharedCores::arm(TimePoint now) {
  if (jobs_.empty()) return loop_.cancel(timer_);
  const double left = std::max(0.0, jobs_.front().ends_at_level - level_) / rate();
  loop_.arm(timer_, now + Duration{static_cast<std::int64_t>(std::ceil(left))});
}

void SharedCores::add(Duration amount, Work& work) {
  const TimePoint now = loop_.now();
  advance(now);
  jobs_.push_back({level_ + static_cast<double>(amount.count()), ++submitted_, &work});
  std::push_heap(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.after(b); });
  arm(now);
}

void SharedCores::remove(const Work& work) {
  const TimePoint now = loop_.now();
  advance(now);
  const auto gone =
      std::remove_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.work == &work; });
  jobs_.erase(gone, jobs_.end());
  std::make_heap(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.after(b); });
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
  self.arm(now);
}

}  // namespace poolgauge
