// Making the backends.
#include "pg/pool_backends.h"

namespace poolgauge {

std::string application_name(const std::string& run, const Deployment& deployment,
                             const DeployedPool& pool) {
  return deployment.others.empty() ? run : run + "-" + pool.name;
}

PoolBackends::PoolBackends(EpollTime& time, const Scenario& scenario,
                           const ServerAddresses& servers, const std::string& name,
                           LiveCanceller& canceller) {
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    OutageLog& log = pool.target == PoolTarget::primary ? primary_ : replica_;
    connecting_.push_back(std::make_unique<PgBackend>(time, scenario, pool_conninfo(pool, servers),
                                                      application_name(name, deployment, pool),
                                                      canceller, log));
    by_pool_.push_back(connecting_.back().get());
    const std::string statement = set_role_statement(pool);
    if (statement.empty()) continue;
    auto step = std::make_unique<Step>();
    step->protocol = Protocol::simple;
    step->sql.source = step->sql.text = statement;
    Exchange first;
    first.kind = Exchange::Kind::step;
    first.step = step.get();
    set_role_.push_back(std::move(step));
    with_role_.push_back(
        std::make_unique<FirstExchangeBackend>(*connecting_.back(), first, statement));
    by_pool_.back() = with_role_.back().get();
  }
}

}  // namespace poolgauge
