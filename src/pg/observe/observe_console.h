// PgBouncer's console for `observe`: SHOW only.
#pragma once

#include <optional>
#include <string>

#include "pg/session/control_connection.h"
#include "poolgauge/observe.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

class ObserveConsole {
 public:
  /// The error (kind target, usage or interrupted) is that of a console that cannot be reached, is
  /// none, or refuses this user. `connect`: for the whole connect, in place of the string's limit.
  static Result<ObserveConsole> open(const std::string& conninfo, const StopFlag& stop,
                                     std::optional<Duration> connect = {});

  /// SHOW POOLS, and with `stats` SHOW STATS. The first look also has the pools' sizes.
  Result<ObservePoolerLook> look(double t_s, bool stats);
  /// False once it answers no more.
  bool usable() const { return connection_.usable(); }

 private:
  explicit ObserveConsole(ControlConnection connection) : connection_(std::move(connection)) {}
  ControlReply show(const char* what) { return connection_.run(std::string("SHOW ") + what); }
  ControlConnection connection_;
  bool knows_sizes_ = false;
};

}  // namespace poolgauge
