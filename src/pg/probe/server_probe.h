// Sampling what the server's backends do, on one extra connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/probe/server_counters.h"
#include "pg/session/control_connection.h"
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
  std::vector<ServerView::WaitEvent> waits;           ///< of active backends; counts in `mean`
  std::vector<ServerView::WaitEvent> single_waits;    ///< the same by event, "Lock:tuple"
  std::vector<ServerView::Connections> ours;          ///< counts in `mean`
  std::vector<ServerView::Application> applications;  ///< of every client; counts in `mean`
  bool looked_for_locks = false;
  std::vector<ServerView::Blocking> blocking;  ///< pairs; counts in `mean`
};

class ServerProbe {
 public:
  /// `load_name`: the application name of the load's connections where the conninfo names none, or
  /// what it begins with, before "-POOL".
  /// `through_pooler`: the next statement may run on another server connection, and this one be
  /// somebody else's: nothing is set or prepared, and whose processes are seen is unknown. The
  /// load's connections are then all that come from the pooler for this user and database.
  /// `stop` ends a look that takes too long.
  static Result<ServerProbe> open(const std::string& conninfo, const std::string& load_name,
                                  bool through_pooler, const StopFlag& stop);
  /// `for_locks`: also who blocks whom, if a connection waits for a lock. That query stops the
  /// server's lock table for a moment, so it runs less often.
  Result<ServerSample> look(bool for_locks);
  /// Whether it may see what other users' connections do.
  Result<bool> sees_all();
  ControlConnection& connection() { return connection_; }
  /// Nothing where the server is not on this machine.
  const std::optional<ServerProcesses>& processes() const { return processes_; }

 private:
  explicit ServerProbe(ControlConnection connection) : connection_(std::move(connection)) {}
  Status prepare(const std::string& load_name, bool through_pooler);
  Status add_blocking(ServerSample& sample);

  ControlConnection connection_;
  std::optional<ServerProcesses> processes_;
  std::string look_, blocking_;  // what is sent
};

/// Folds samples into the view and into the seconds of the series they belong to.
class ServerViewBuilder {
 public:
  /// `second`: of the window the sample was taken in.
  void add(const ServerSample& sample, std::size_t second);
  /// Why something is missing; several reasons stand side by side.
  void note(const std::string& why) { view_.note += (view_.note.empty() ? "" : "; ") + why; }
  /// A whole sentence for the report's notes.
  void remark(std::string sentence) { remarks_.push_back(std::move(sentence)); }
  /// For what is not sampled.
  ServerView& view() { return view_; }
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
  std::vector<std::string> remarks_;
  std::uint32_t lock_looks_ = 0;
  std::vector<Second> seconds_;
};

}  // namespace poolgauge
