// Figures of one kind of request.
#pragma once

#include <cstdint>
#include <vector>

#include "poolgauge/histogram.h"
#include "poolgauge/outcome.h"

namespace poolgauge {

/// Failures of one class.
struct ClassCount {
  FailureClass failure = FailureClass::none;
  std::uint64_t count = 0;
};

/// One of many histograms, most of which have no value in a slice.
struct PackedAt {
  std::uint32_t index = 0;
  PackedHistogram values;
};

/// How the requests of one kind ended, in the window.
struct KindMeasurement {
  std::uint64_t completed = 0;
  std::vector<ClassCount> failures;  ///< each class once
  /// Of completed ones. Empty where the scenario has one kind only: it is Measurement::latency.
  Histogram latency;
  std::uint64_t failed() const;
};

}  // namespace poolgauge
