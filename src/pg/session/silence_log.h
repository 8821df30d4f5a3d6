// Times without any answer from a server, as its connections see them: plain values, no clock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/measurement.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// From so long on it is a silence.
constexpr Duration kLeastSilence = std::chrono::seconds(1);

/// An interval without any answer.
struct Gap {
  TimePoint start{}, end{};
  /// Since when an answer was awaited; kNever: none was.
  TimePoint waiting = kNever;
};

/// One thread's exchanges with one server: statements and connects.
class SilenceLog {
 public:
  /// `begin`: when the thread began.
  explicit SilenceLog(TimePoint begin) : answered_(begin) {}
  void asked(TimePoint now);
  /// A part of an answer.
  void heard(TimePoint now);
  void answered(TimePoint now);
  /// It will not be waited for any longer.
  void gave_up(TimePoint now);
  /// Those of a second or more, the one that lasts until `now` included.
  std::vector<Gap> gaps(TimePoint now) const;

 private:
  void note(std::vector<Gap>& gaps, TimePoint now) const;
  std::vector<Gap> ended_;
  TimePoint answered_;        // the latest
  TimePoint since_ = kNever;  // the first question after it; kNever: none, or all given up long ago
  TimePoint idle_since_ = kNever;  // the last one was given up then
  std::uint32_t under_way_ = 0;
};

/// Where neither heard anything: one thread's answer ends the other's gap.
std::vector<Gap> common_gaps(const std::vector<Gap>& a, const std::vector<Gap>& b);

/// A query from outside the load: when it was sent and when it was answered; kNever: it was not.
struct Look {
  TimePoint asked{}, answered = kNever;
};

/// Who else saw it, and what is usual.
struct Witnesses {
  std::vector<Look> server;            ///< the probe's; empty where there is none
  std::vector<Look> pooler;            ///< of PgBouncer's console
  Duration usual_statement{0};         ///< the median
  std::string server_name = "server";  ///< Standstill::whose
};

/// The silences within a window: gaps in which an answer was awaited for a second or more, and in
/// which the probe, if there was one, got no answer either. Without a probe, a gap must be ten
/// times as long as a usual statement. Time in which the client itself stood still is subtracted.
std::vector<Standstill> silences_of(const std::vector<Gap>& gaps, const Witnesses& witnesses,
                                    const std::vector<Standstill>& client, TimePoint begin,
                                    Duration window);

}  // namespace poolgauge
