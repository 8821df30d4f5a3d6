// What is known of requests that had not ended when the window did, and of seconds without a
// completion.
#pragma once

#include <cstdint>
#include <vector>

#include "poolgauge/histogram.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// How long the requests in flight at the window's end had been under way: lower bounds of the
/// times they would have had. What they had not come to yet has no age.
struct InFlightAges {
  Histogram latency;             ///< since the intended start; one for each request in flight
  Histogram response;            ///< since the actual start
  Histogram pool_wait;           ///< of those waiting for a connection: since they asked
  Histogram connection_time;     ///< of those that had had one: with it so far
  std::vector<Histogram> steps;  ///< as Measurement::steps: since the step under way began
  /// Latency again by Scenario::requests; nothing of those that the generator had not begun.
  std::vector<Histogram> requests;
  /// Exact; lists are matched by position.
  void merge(const InFlightAges& from);
};

/// Whole seconds without one completion although something should have been completed (see
/// stats/stalls.h). Times from the window's begin.
struct Stall {
  Duration start{0}, end{0};
  std::uint32_t in_flight = 0;  ///< in the pools at its end: with a connection or waiting for one
  bool to_the_end = false;      ///< nothing was completed until the window ended
  Duration length() const { return end - start; }
};

}  // namespace poolgauge
