// Requests in flight at the end of the window, and times without a completion.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "poolgauge/histogram.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// How long the requests in flight at the window's end had been in progress: lower bounds of the
/// times they would have had. Steps that they had not reached have no age.
struct InFlightAges {
  Histogram latency;             ///< since the intended start; one for each request in flight
  Histogram response;            ///< since the actual start
  Histogram pool_wait;           ///< of those waiting for a connection: since they requested it
  Histogram connection_time;     ///< of those that had had one: with it so far
  std::vector<Histogram> steps;  ///< as Measurement::steps: since the step in progress began
  /// Latency again by Scenario::requests; nothing of those that the generator had not begun.
  std::vector<Histogram> requests;
  /// Exact; lists are matched by position.
  void merge(const InFlightAges& from);
};

/// How long requests that failed in the window had been in progress until they did. They tell which
/// of the ages belong to requests that will fail.
struct FailedTimes {
  Histogram latency;                ///< since the intended start; one for each failed request
  Histogram response;               ///< since the actual start
  Histogram pool_wait;              ///< of those that got no connection: their wait for it
  std::vector<Histogram> requests;  ///< latency again by Scenario::requests
  /// Exact; lists are matched by position.
  void merge(const FailedTimes& from);
};

/// The time between two consecutive completions, relative to the start of the window. A gap that is
/// open when the window ends is cut there.
struct CompletionGap {
  Duration start{0}, end{0};
  Duration waiting{0};          ///< since when a request was in flight; past `end`: none was
  std::uint32_t in_flight = 0;  ///< requests in flight at its end
  /// How long nothing completed although requests were in flight.
  Duration length() const { return std::max(Duration{0}, end - std::max(start, waiting)); }
};

/// The longest gaps.
struct CompletionGaps {
  bool known = false;                  ///< false of reports that do not have them
  Duration least{0};                   ///< every longer gap is in the list
  std::vector<CompletionGap> longest;  ///< by start; they do not overlap
  /// Combines the gaps of two that saw the same window: a completion in one ends a gap in the
  /// other. What is unknown for one of them is unknown for both.
  void merge(const CompletionGaps& from);
  /// At most this many; the shortest are omitted.
  void keep_longest(std::size_t most);
};

/// A time without completions although some were expected (see stats/stalls.h), relative to the
/// start of the window.
struct Stall {
  Duration start{0}, end{0};
  std::uint32_t in_flight = 0;  ///< at its end: requests that held a connection or waited for one
  bool to_the_end = false;      ///< nothing more completed before the window ended
  Duration length() const { return end - start; }
};

}  // namespace poolgauge
