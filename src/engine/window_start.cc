// Judging whether the load has become steady, second by second.
#include "engine/window_start.h"

#include <algorithm>

#include "math/change_points.h"

namespace poolgauge {

namespace {

using std::chrono::seconds;

constexpr std::size_t kFewestSeconds = 10;  // that must have been steady
constexpr std::int64_t kUndecided = -1;

}  // namespace

Duration longest_warmup(const Scenario& scenario) {
  return std::max<Duration>(seconds(30), scenario.duration);
}

WindowStart::WindowStart(const Scenario& scenario, TimePoint start, unsigned threads)
    : automatic_(scenario.warmup_auto),
      start_(start),
      latest_(start + (automatic_ ? longest_warmup(scenario) : scenario.warmup)),
      threads_(threads),
      begin_ns_(automatic_ ? kUndecided : latest_.time_since_epoch().count()) {}

std::optional<TimePoint> WindowStart::begin() const {
  const std::int64_t ns = begin_ns_.load();
  if (ns == kUndecided) return std::nullopt;
  return TimePoint{Duration{ns}};
}

void WindowStart::tell(std::size_t second, std::uint64_t completed, Duration p95) {
  const std::lock_guard lock(mutex_);
  if (begin()) return;
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  Second& entry = seconds_[second];
  entry.completed += static_cast<double>(completed);
  entry.p95_sum += static_cast<double>(completed) * to_ms(p95);
  if (++entry.told == threads_) judge(second + 1);
}

// A second ahead, so that every thread knows before it comes.
void WindowStart::judge(std::size_t known) {
  const TimePoint next = start_ + seconds(static_cast<std::int64_t>(known) + 1);
  std::vector<double> throughput, p95;
  for (std::size_t i = 0; i < known; ++i) {
    const Second& entry = seconds_[i];
    throughput.push_back(entry.completed);
    p95.push_back(entry.completed > 0 ? entry.p95_sum / entry.completed : 0);
  }
  const bool steady = math::steady_from(throughput, kFewestSeconds).has_value() &&
                      math::steady_from(p95, kFewestSeconds).has_value();
  if (!steady && next < latest_) return;
  steady_.store(steady);
  begin_ns_.store(std::min(next, latest_).time_since_epoch().count());
}

}  // namespace poolgauge
