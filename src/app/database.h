// The database of one run: a target, or a throwaway server that stops with this object.
#pragma once

#include <optional>
#include <string>

#include "app/context.h"
#include "app/requests.h"
#include "pg/server/embedded_pooler.h"
#include "pg/server/embedded_server.h"
#include "pg/target/pooler_fit.h"
#include "pg/target/target_info.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// Whether such a target can be used with the scenario's pooler; before anything is started.
Status check_pooler_target(const std::optional<std::string>& target, const Scenario& scenario);

/// What a report says of a target that was not reached (yet).
TargetFacts facts_before_opening(const std::optional<std::string>& target);

/// How the throwaway server, and its replica, are set up for a scenario.
EmbeddedOptions embedded_options(const Scenario& scenario);

/// The outcome of a server under load.
struct ServerEnd {
  bool died = false;       ///< it can no longer be reached
  std::string last_words;  ///< of the throwaway server: the end of its log, in one line
  std::string refusal;     ///< it is running and refuses our login: its message
};
/// Of the throwaway server where there is one, else of the target.
ServerEnd end_of(std::optional<EmbeddedServer>& server, const std::string& conninfo,
                 const StopFlag& stop);

class Database {
 public:
  /// Starts or reaches it, and reads what it says about itself.
  static Result<Database> open(const std::optional<std::string>& target, const Scenario& scenario,
                               const StopFlag& stop, ProgressSink& progress);

  /// May hold a password: for libpq only. To the server itself where we can reach it.
  const std::string& conninfo() const { return conninfo_; }
  /// The pooler in front of the server: one that the scenario names, or one that was
  /// noticed at the target.
  struct Between {
    PoolerInfo info;
    bool started = false;
    bool noticed = false;
    std::string conninfo;  ///< for the load
    std::string console, database;
    std::string note;
  };
  const std::optional<Between>& pooler() const { return between_; }
  const TargetInfo& info() const { return info_; }
  TargetFacts facts() const;
  /// The throwaway server; nullptr for a target.
  const EmbeddedServer* embedded() const { return server_ ? &*server_ : nullptr; }
  /// Whether it can still be reached: one attempt, limited to seconds. A second request to stop
  /// ends it.
  ServerEnd end(const StopFlag& stop);
  /// Stops and removes an embedded server, quickly after a second request to stop; nothing to do
  /// for a target.
  Status close(const StopFlag& stop);

 private:
  Database() = default;
  Status start_embedded(const Scenario& scenario, const StopFlag& stop);
  Status start_pooler(const Pooler& pooler, const StopFlag& stop);
  Status meet(const Pooler& pooler, const StopFlag& stop);
  Status notice(const StopFlag& stop);

  std::optional<EmbeddedServer> server_;
  std::optional<EmbeddedPooler> pooler_;  // ends before the server
  std::optional<Between> between_;
  std::string conninfo_;
  TargetInfo info_;
};

}  // namespace poolgauge::app
