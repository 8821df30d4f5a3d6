// Keeps a few complete requests of the window, in memory allocated at the start.
#pragma once

#include <array>
#include <vector>

#include "poolgauge/measurement.h"
#include "stats/product_limit.h"

namespace poolgauge {

struct RequestTrace;

/// One per thread. Costs two comparisons for a request that is not kept.
class SampleKeeper {
 public:
  SampleKeeper(TimePoint begin, TimePoint end);

  void completed(TimePoint now, const RequestTrace& trace, Duration latency) {
    if (latency > shortest_slow_) keep_slow(trace, latency);
    if (now >= next_typical_) keep_typical(now, trace, latency);
  }
  void failed(const RequestTrace& trace, Duration latency, FailureClass why) {
    if (latency > shortest_failed_) keep_failed(trace, latency, why);
  }
  /// What was kept, in the order of join_samples.
  std::vector<RequestSample> take() const;

 private:
  /// The longest so far; `used` of them.
  template <std::size_t N>
  struct Longest {
    std::array<RequestSample, N> samples;
    std::size_t used = 0;
  };
  template <std::size_t N>
  RequestSample& place_for(Longest<N>& longest);
  template <std::size_t N>
  static Duration limit_of(const Longest<N>& longest);
  void keep_slow(const RequestTrace& trace, Duration latency);
  void keep_failed(const RequestTrace& trace, Duration latency, FailureClass why);
  void keep_typical(TimePoint now, const RequestTrace& trace, Duration latency);
  void fill(RequestSample& sample, const RequestTrace& trace, Duration latency) const;

  TimePoint begin_;
  Duration part_;  // of the window
  Longest<kSlowestSamples> slow_;
  Longest<kFailedSamples> failed_;
  std::array<RequestSample, kTypicalSamples> typical_;
  std::array<bool, kTypicalSamples> seen_{};
  Duration shortest_slow_{-1};
  Duration shortest_failed_{-1};
  TimePoint next_typical_;
};

}  // namespace poolgauge
