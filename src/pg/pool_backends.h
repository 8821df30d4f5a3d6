// The backends of one worker thread: one for each pool of a process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/limited_backend.h"
#include "engine/user.h"
#include "pg/session/pg_backend.h"
#include "pg/target/pool_places.h"

namespace poolgauge {

/// The application name of a pool's connections: the run's own, and the pool's where there are
/// several, so that the server's view tells them apart.
std::string application_name(const std::string& run, const Deployment& deployment,
                             const DeployedPool& pool);

/// What the hosts' names mean; nullptr: not looked up.
struct ServerNames {
  const HostNames* primary = nullptr;
  const HostNames* replica = nullptr;
};

class PoolBackends {
 public:
  /// `session_options`: by pool, what libpq's `options` are to be; none, or empty: as they are.
  PoolBackends(EpollTime& time, const Scenario& scenario, const ServerAddresses& servers,
               const std::string& name, LiveCanceller& canceller, const ServerNames& names = {},
               const std::vector<std::string>& session_options = {});
  const Backends& by_pool() const { return by_pool_; }
  /// When this thread heard nothing of a server; up to now.
  std::vector<Gap> gaps(PoolTarget target, TimePoint now) const;

 private:
  OutageLog primary_;
  OutageLog replica_;
  std::vector<std::unique_ptr<PgBackend>> connecting_;
  std::vector<PoolTarget> targets_;  // of each
  std::vector<std::unique_ptr<Step>> set_role_;
  std::vector<std::unique_ptr<FirstExchangeBackend>> with_role_;
  Backends by_pool_;
};

}  // namespace poolgauge
