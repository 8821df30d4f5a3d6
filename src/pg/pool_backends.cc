// Making the backends.
#include "pg/pool_backends.h"

#include <utility>

#include "pg/conninfo/conninfo.h"

namespace poolgauge {

std::string application_name(const std::string& run, const Deployment& deployment,
                             const DeployedPool& pool) {
  return deployment.others.empty() ? run : run + "-" + pool.name;
}

PoolBackends::PoolBackends(EpollTime& time, const Scenario& scenario,
                           const ServerAddresses& servers, const std::string& name,
                           LiveCanceller& canceller, const ServerNames& names,
                           const std::vector<std::string>& session_options) {
  const Deployment& deployment = scenario.deployment;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    const DeployedPool& pool = deployment.pool_at(i);
    const bool on_primary = pool.target == PoolTarget::primary;
    OutageLog& log = on_primary ? primary_ : replica_;
    std::string conninfo = pool_conninfo(pool, servers);
    if (i < session_options.size() && !session_options[i].empty()) {
      conninfo = with_option(conninfo, "options", session_options[i]);
    }
    connecting_.push_back(std::make_unique<PgBackend>(
        time, scenario, std::move(conninfo), application_name(name, deployment, pool), canceller,
        log, on_primary ? names.primary : names.replica));
    targets_.push_back(pool.target);
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

std::vector<Gap> PoolBackends::gaps(PoolTarget target, TimePoint now) const {
  std::vector<Gap> common;
  bool first = true;
  for (std::size_t i = 0; i < connecting_.size(); ++i) {
    if (targets_[i] != target) continue;
    const std::vector<Gap> own = connecting_[i]->silences().gaps(now);
    common = std::exchange(first, false) ? own : common_gaps(common, own);
  }
  return common;
}

}  // namespace poolgauge
