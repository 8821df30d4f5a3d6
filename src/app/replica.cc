// Opening and closing the replica of a run.
#include "app/replica.h"

#include <utility>

#include "pg/conninfo/conninfo.h"
#include "pg/target/target_info.h"

namespace poolgauge::app {

namespace {

std::string name_of_first(const Scenario& scenario) {
  for (std::uint32_t i = 0; i < scenario.deployment.pool_count(); ++i) {
    const DeployedPool& pool = scenario.deployment.pool_at(i);
    if (pool.target == PoolTarget::replica) return pool.name;
  }
  return "";
}

}  // namespace

Result<std::optional<std::string>> chosen_replica(const TargetOptions& options,
                                                  const Environment& environment,
                                                  const std::optional<std::string>& target,
                                                  const Scenario& scenario) {
  const bool needed = scenario.deployment.uses(PoolTarget::replica);
  std::optional<std::string> named = options.replica;
  std::string source = "--replica-target";
  if (!named && target && needed) {
    source = "POOLGAUGE_REPLICA_TARGET";
    named = environment(source);
  }
  if (named && !target) {
    return usage_error("--replica-target needs --target",
                       "without --target, a throwaway PostgreSQL with its own replica is started");
  }
  if (named && !needed) {
    return usage_error(
        "--replica-target: no pool of the scenario uses a replica",
        "add a pool to deployment.pools: \"replica\": { \"target\": \"replica\", ... }");
  }
  if (target && needed && !named) {
    return usage_error(
        "pool \"" + name_of_first(scenario) + "\" uses a replica, but no replica is given",
        "give it with --replica-target CONNINFO or POOLGAUGE_REPLICA_TARGET");
  }
  if (named && named->empty()) {
    return usage_error(source + " is empty", "give the connection string of a streaming standby");
  }
  if (named) {
    if (const Status good = check_conninfo(*named, source); !good.ok()) return good.error();
  }
  return named;
}

Result<Replica> Replica::open(const std::optional<std::string>& named, const Scenario& scenario,
                              const Database& primary, const StopFlag& stop,
                              ProgressSink& progress) {
  Replica replica;
  if (!scenario.deployment.uses(PoolTarget::replica)) return replica;
  if (named) {
    progress.phase("connecting to the replica " + describe(*named));
    replica.conninfo_ = *named;
  } else {
    progress.phase("starting a streaming replica");
    Result<EmbeddedServer> server =
        EmbeddedServer::start_replica(*primary.embedded(), embedded_options(scenario), stop);
    if (!server.ok()) return server.error();
    replica.server_ = std::move(server).value();
    replica.conninfo_ = replica.server_->conninfo();
  }
  Result<TargetInfo> info = read_target_info(replica.conninfo_, stop);
  if (!info.ok()) return info.error();
  replica.info_ = std::move(info).value();
  const Status is_one = check_is_replica(replica.info_, replica.conninfo_);
  if (!is_one.ok()) return is_one.error();
  if (!named || !replica.info_.through_pooler) return replica;
  Result<GivenPooler> met = notice_pooler(replica.conninfo_, stop);
  if (!met.ok()) return met.error();
  replica.pooler_ = std::move(met).value();
  const Status works = check_pooler_mode(scenario, replica.pooler_->info, PoolTarget::replica);
  if (!works.ok()) return works.error();
  return replica;
}

ReplicaFacts Replica::facts() const {
  ReplicaFacts facts;
  facts.address = server_ ? "embedded" : describe(conninfo_);
  facts.server_version = info_.server_version;
  facts.max_connections = info_.max_connections;
  facts.reserved_connections = info_.reserved_connections;
  return facts;
}

ServerEnd Replica::end(const StopFlag& stop) {
  return used() ? end_of(server_, conninfo_, stop) : ServerEnd{};
}

Status Replica::close(const StopFlag& stop) {
  return server_ ? server_->stop(&stop) : success();
}

}  // namespace poolgauge::app
