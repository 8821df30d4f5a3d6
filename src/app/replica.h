// The replica of one run: a server that was named, or a throwaway one that follows the embedded
// primary.
#pragma once

#include <optional>
#include <string>

#include "app/context.h"
#include "app/database.h"
#include "pg/server/embedded_server.h"
#include "pg/target/target_info.h"
#include "poolgauge/result.h"

namespace poolgauge::app {

/// What --replica-target or POOLGAUGE_REPLICA_TARGET name, where a pool of the scenario is on the
/// replica. An error when one is needed and none is named, or one is named that nothing uses.
Result<std::optional<std::string>> chosen_replica(const TargetOptions& options,
                                                  const Environment& environment,
                                                  const std::optional<std::string>& target,
                                                  const Scenario& scenario);

class Replica {
 public:
  /// Starts or reaches it and makes sure that it is one. Nothing to do where no pool is on it.
  static Result<Replica> open(const std::optional<std::string>& named, const Scenario& scenario,
                              const Database& primary, const StopFlag& stop,
                              ProgressSink& progress);

  bool used() const { return !conninfo_.empty(); }
  /// May hold a password: for libpq only. Empty where there is none.
  const std::string& conninfo() const { return conninfo_; }
  const TargetInfo& info() const { return info_; }
  /// A pooler that was noticed before it.
  const std::optional<GivenPooler>& pooler() const { return pooler_; }
  ReplicaFacts facts() const;
  /// Whether it can still be reached. A second request to stop ends the question.
  ServerEnd end(const StopFlag& stop);
  /// Stops and removes an embedded one; before its primary, which waits for it.
  Status close(const StopFlag& stop);

 private:
  Replica() = default;

  std::optional<EmbeddedServer> server_;
  std::string conninfo_;
  TargetInfo info_;
  std::optional<GivenPooler> pooler_;
};

}  // namespace poolgauge::app
