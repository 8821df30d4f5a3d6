// A pool's gauges: peaks, time averages, and totals.
#pragma once

#include <algorithm>
#include <cstdint>

#include "poolgauge/histogram.h"
#include "poolgauge/measurement.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Levels over time. Peaks and averages are of the window that began with begin_window().
class PoolGauges {
 public:
  struct Level {
    std::uint32_t checked_out = 0;
    std::uint32_t open = 0;
    std::uint32_t overflow = 0;
    std::uint32_t waiting = 0;
    bool operator==(const Level&) const = default;
  };

  void set(TimePoint now, const Level& level) {
    if (level == level_) return;
    accumulate(now);
    level_ = level;
    peak_.checked_out = std::max(peak_.checked_out, level.checked_out);
    peak_.open = std::max(peak_.open, level.open);
    peak_.overflow = std::max(peak_.overflow, level.overflow);
    peak_.waiting = std::max(peak_.waiting, level.waiting);
    peak_demand_ = std::max(peak_demand_, level.checked_out + level.waiting);
  }
  void begin_window(TimePoint now) {
    since_ = now;
    last_ = now;
    peak_ = level_;
    peak_demand_ = level_.checked_out + level_.waiting;
    checked_out_ns_ = open_ns_ = waiting_ns_ = 0;
    checkouts = 0;
  }
  void connected(Duration took, const ConnectTimes& times) {
    ++connects;
    connect_time.record(took);
    connect_phases.record(times);
  }
  const Level& level() const { return level_; }
  const Level& peak() const { return peak_; }
  /// The most requests that had a connection or waited for one at the same moment. The peaks of
  /// the two need not fall together, so their sum would be more.
  std::uint32_t peak_demand() const { return peak_demand_; }

  struct Means {
    double checked_out = 0;
    double open = 0;
    double waiting = 0;
  };
  /// Averages from the window's begin to `now`.
  Means means(TimePoint now) {
    accumulate(now);
    const double span = static_cast<double>((now - since_).count());
    if (span <= 0) return {};
    return {checked_out_ns_ / span, open_ns_ / span, waiting_ns_ / span};
  }

  std::uint64_t connects = 0;          ///< whole run
  std::uint64_t connect_failures = 0;  ///< whole run
  std::uint64_t closes = 0;            ///< whole run
  std::uint64_t pings = 0;             ///< whole run
  std::uint64_t resets = 0;            ///< whole run; those that needed an exchange
  Duration ping_time{0};               ///< of all pings
  Duration reset_time{0};              ///< of all resets
  std::uint64_t checkouts = 0;         ///< in the window
  Histogram connect_time;              ///< whole run
  ConnectPhases connect_phases;        ///< of the same

 private:
  void accumulate(TimePoint now) {
    const double span = static_cast<double>((now - last_).count());
    checked_out_ns_ += span * level_.checked_out;
    open_ns_ += span * level_.open;
    waiting_ns_ += span * level_.waiting;
    last_ = now;
  }
  Level level_;
  Level peak_;
  std::uint32_t peak_demand_ = 0;
  TimePoint since_{};
  TimePoint last_{};
  double checked_out_ns_ = 0;
  double open_ns_ = 0;
  double waiting_ns_ = 0;
};

}  // namespace poolgauge
