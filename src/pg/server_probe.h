// Looking at the server from beside the load: what its backends do, on one extra connection.
#pragma once

#include <string>
#include <vector>

#include "pg/control_connection.h"
#include "poolgauge/measurement.h"
#include "poolgauge/result.h"

namespace poolgauge {

/// One look at pg_stat_activity: our own load's backends by state, all client backends in number.
struct ServerSample {
  std::uint32_t connections = 0;  ///< every client backend but the probe
  double active = 0;
  double idle_in_transaction = 0;
  double lock_waits = 0;  ///< of the active ones
  double idle = 0;
  std::vector<ServerView::WaitEvent> waits;   ///< of active backends; counts in `mean`
  std::vector<ServerView::Connections> ours;  ///< counts in `mean`
};

class ServerProbe {
 public:
  /// `load_name`: the application name of the load's connections where the conninfo names none, or
  /// what it begins with, before "-POOL".
  /// `stop` ends a look that takes too long.
  static Result<ServerProbe> open(const std::string& conninfo, const std::string& load_name,
                                  const StopFlag& stop);
  Result<ServerSample> look();

 private:
  explicit ServerProbe(ControlConnection connection) : connection_(std::move(connection)) {}
  ControlConnection connection_;
  std::string look_;
};

/// Folds samples into the view and into the seconds of the series they belong to.
class ServerViewBuilder {
 public:
  /// `second`: of the window the sample was taken in.
  void add(const ServerSample& sample, std::size_t second);
  void note(std::string why) { view_.note = std::move(why); }
  /// Writes the means into the measurement, or adds them to those of another server.
  void write(Measurement& measured) const;

 private:
  struct Second {
    double active = 0;
    double idle_in_transaction = 0;
    double lock_waits = 0;
    std::uint32_t samples = 0;
  };
  ServerView view_;  // sums until written
  std::vector<Second> seconds_;
};

}  // namespace poolgauge
