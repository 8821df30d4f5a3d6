// What is known of requests that had not ended when the window did, and of times without a
// completion.
#pragma once

#include <algorithm>
#include <cstddef>
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

/// How long requests that failed in the window had been under way until they did. They tell which
/// of the ages belong to requests that will fail, too.
struct FailedTimes {
  Histogram latency;                ///< since the intended start; one for each failed request
  Histogram response;               ///< since the actual start
  Histogram pool_wait;              ///< of those that got no connection: their wait for it
  std::vector<Histogram> requests;  ///< latency again by Scenario::requests
  /// Exact; lists are matched by position.
  void merge(const FailedTimes& from);
};

/// A stretch between two completions that follow each other. Times from the window's begin; the one
/// that lasts when the window ends, ends there.
struct CompletionGap {
  Duration start{0}, end{0};
  Duration waiting{0};          ///< since when a request was under way; past `end`: none was
  std::uint32_t in_flight = 0;  ///< requests under way at its end
  /// How long something could have been completed and was not.
  Duration length() const { return std::max(Duration{0}, end - std::max(start, waiting)); }
};

/// The longest of them.
struct CompletionGaps {
  bool known = false;                  ///< false of reports that do not have them
  Duration least{0};                   ///< all that are longer, from end to end, are here
  std::vector<CompletionGap> longest;  ///< by start; they do not overlap
  /// Those of both together, which saw the same window: one's completion ends the other's gap. What
  /// is not known of one of them is not known of both.
  void merge(const CompletionGaps& from);
  /// At most this many; the shortest are omitted.
  void keep_longest(std::size_t most);
};

/// A stretch without one completion although something should have been completed (see
/// stats/stalls.h). Times from the window's begin.
struct Stall {
  Duration start{0}, end{0};
  std::uint32_t in_flight = 0;  ///< at its end: requests that had a connection or waited for one
  bool to_the_end = false;      ///< nothing was completed until the window ended
  Duration length() const { return end - start; }
};

}  // namespace poolgauge
