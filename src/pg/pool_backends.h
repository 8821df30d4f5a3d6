// One worker thread's way to the servers: a backend for each pool of a process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/first_exchange_backend.h"
#include "engine/user.h"
#include "pg/pg_backend.h"
#include "pg/pool_places.h"

namespace poolgauge {

/// The application name of a pool's connections: the run's own, and the pool's where there are
/// several, so that the server's view tells them apart.
std::string application_name(const std::string& run, const Deployment& deployment,
                             const DeployedPool& pool);

class PoolBackends {
 public:
  PoolBackends(EpollTime& time, const Scenario& scenario, const ServerAddresses& servers,
               const std::string& name, LiveCanceller& canceller);
  const Backends& by_pool() const { return by_pool_; }

 private:
  OutageLog primary_;
  OutageLog replica_;
  std::vector<std::unique_ptr<PgBackend>> connecting_;
  std::vector<std::unique_ptr<Step>> set_role_;
  std::vector<std::unique_ptr<FirstExchangeBackend>> with_role_;
  Backends by_pool_;
};

}  // namespace poolgauge
