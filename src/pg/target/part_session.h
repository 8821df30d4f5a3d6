// The session by which a part of a run shows itself to the others: an advisory lock and a name.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pg/session/control_connection.h"
#include "poolgauge/part.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// The same instant on three clocks.
struct ClockReading {
  std::int64_t server_us = 0, local_us = 0;  ///< since 1970
  TimePoint monotonic{};
  Duration error{0};  ///< half the round trip: the server's is off by at most this
};

/// One connection, used by one thread at a time. The lock is the server's: it is gone with the
/// session, however the program ends.
class PartSession {
 public:
  static Result<PartSession> open(const std::string& conninfo, const StopFlag& stop);

  /// Takes the lock of this number in the database, for as long as the session lasts; false:
  /// somebody has it. The error says why the server does not give such locks.
  Result<bool> take(std::uint32_t number);
  /// Shows this application name to the others.
  Status show(const std::string& name);
  /// The names of all sessions that have such a lock in this database, our own first. An error of a
  /// session whose own lock is not among them: a pooler deals it out statement by statement.
  Result<std::vector<std::string>> names();
  /// The best of some readings: the one with the shortest round trip.
  Result<ClockReading> clock();

 private:
  explicit PartSession(ControlConnection connection) : connection_(std::move(connection)) {}
  Error failed(const ControlReply& reply, const std::string& doing) const;

  ControlConnection connection_;
};

}  // namespace poolgauge
