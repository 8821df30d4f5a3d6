// A bounded sample of whole requests, and how many exchanges were in progress at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "poolgauge/calibration.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// Exchanges in progress on one thread, over time.
class Activity {
 public:
  /// Where an exchange began.
  struct Mark {
    TimePoint at{};
    double integral = 0;
  };
  Mark begin(TimePoint now) {
    advance(now);
    ++under_way_;
    return {now, integral_};
  }
  ExchangeSample end(TimePoint now, const Mark& mark) {
    advance(now);
    const auto span = static_cast<double>((now - mark.at).count());
    const double mean = span > 0 ? (integral_ - mark.integral) / span : under_way_;
    --under_way_;
    return {static_cast<float>(span * 1e-3), static_cast<float>(mean)};
  }
  void begin_window(TimePoint now) {
    advance(now);
    window_ = {now, integral_};
  }
  double mean(TimePoint now) {
    advance(now);
    const auto span = static_cast<double>((now - window_.at).count());
    return span > 0 ? (integral_ - window_.integral) / span : 0;
  }

 private:
  void advance(TimePoint now) {
    integral_ += under_way_ * static_cast<double>((now - since_).count());
    since_ = now;
  }
  double under_way_ = 0;
  double integral_ = 0;  // of under_way_, in nanoseconds
  TimePoint since_{};
  Mark window_;
};

/// Everything is allocated at the beginning: the measured path only copies numbers.
class TransactionSampler {
 public:
  static constexpr std::size_t kMost = 800;
  TransactionSampler(const Scenario& scenario, TimePoint begin, TimePoint end);

  Activity& activity() { return activity_; }
  /// Before the window began: it begins at another time.
  void move_window(TimePoint begin) {
    bin_end_ += begin - begin_;
    begin_ = begin;
  }
  /// Of the window; `exchanges` as in TransactionSample.
  void completed(TimePoint now, std::uint32_t request,
                 const std::vector<ExchangeSample>& exchanges);
  Calibration take(TimePoint now);

 private:
  void draw_next();
  TimePoint begin_;
  Duration bin_;
  std::size_t place_ = 0;  // of the bin in which the last transaction ended
  TimePoint bin_end_;
  Activity activity_;
  Rng rng_;
  std::uint64_t seen_ = 0;
  // Once full: the next transaction that is taken into the sample, and how likely one is, about.
  std::uint64_t next_ = 0;
  double threshold_ = 1;
  Calibration calibration_;
};

}  // namespace poolgauge
