// The two worlds.
#include "app/world.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <variant>

#include "app/model.h"
#include "engine/trial_watch.h"
#include "pg/target/budget.h"
#include "poolgauge/pool_sizing.h"
#include "scenario/read/resolve.h"

namespace poolgauge::app {

ServerSlots slots_of(const TargetInfo& info, std::int64_t probes) {
  ServerSlots slots{info.max_connections, info.reserved_connections, info.in_use + probes, 0};
  const auto tighten = [&slots, &info, probes](std::int64_t limit, std::int64_t in_use) {
    if (info.superuser || limit < 0) return;
    const std::int64_t free = slots.max_connections - slots.reserved - slots.others;
    if (limit - in_use - probes < free) slots = {limit, 0, in_use + probes, 0};
  };
  tighten(info.role_limit, info.role_in_use);
  tighten(info.database_limit, info.database_in_use);
  return slots;
}

namespace {

std::vector<ConnectionLimit> limits_of(const TargetInfo& info, bool known) {
  std::vector<ConnectionLimit> limits = {
      server_limit({info.max_connections, info.reserved_connections, info.in_use, 0}, known)};
  const auto add = [&limits, &info](const char* of, const std::string& name, std::int64_t limit,
                                    std::int64_t in_use) {
    if (info.superuser || limit < 0) return;
    limits.push_back({of, name, "CONNECTION LIMIT", limit, 0, in_use, 0, limit});
  };
  add("role", info.role, info.role_limit, info.role_in_use);
  add("database", info.database, info.database_limit, info.database_in_use);
  return limits;
}

std::int64_t configured(const PoolerInfo& pooler, std::string_view name) {
  for (const auto& [key, value] : pooler.config) {
    if (key == name) return std::strtoll(value.c_str(), nullptr, 10);
  }
  return 0;
}

/// `present`: 0 where nobody tells it.
ConnectionLimit pooler_limit(const char* setting, std::int64_t present, std::int64_t others) {
  ConnectionLimit limit{"pooler", "", setting, present, 0, others, 0, present};
  if (present <= 0) limit.present.reset();
  return limit;
}

std::vector<ConnectionLimit> limits_of(const PoolerInfo& pooler) {
  std::vector<ConnectionLimit> limits = {
      pooler_limit("max_client_conn", pooler.max_client_conn, pooler.clients)};
  if (pooler.kind != "pgbouncer") {
    limits.front().name = pooler.kind;
    limits.front().setting = "client limit";
  }
  if (pooler.pool_size > 0)
    limits.push_back(pooler_limit("default_pool_size", pooler.pool_size, 0));
  for (const char* setting : {"max_db_connections", "max_user_connections"}) {
    const std::int64_t present = configured(pooler, setting);
    if (present > 0) limits.push_back(pooler_limit(setting, present, 0));
  }
  return limits;
}

class LiveWorld final : public World {
 public:
  LiveWorld(const RunRequest& options, Targets targets, const StopFlag& stop,
            ProgressSink& progress)
      : stays_(targets.primary.has_value()), bench_(options, stop, progress, std::move(targets)) {}
  ~LiveWorld() override { bench_.close(); }

  Status open(const Scenario& widest) override {
    // A throwaway server is like the real one where the scenario says how large that is.
    stays_ = stays_ || max_connections_of(widest) > 0;
    return bench_.open(widest);
  }
  std::vector<ConnectionLimit> server_limits() const override {
    return limits_of(bench_.primary_info(), stays_);
  }
  std::vector<ConnectionLimit> pooler_limits() const override {
    const auto pooler = bench_.pooler_info();
    if (!pooler) return {};
    return limits_of(*pooler);
  }
  std::int64_t probes() const override { return bench_.watchers(); }
  Scenario as_met(const Scenario& scenario) const override { return bench_.as_met(scenario); }
  ServerSlots server_slots() const override {
    return slots_of(bench_.primary_info(), bench_.watchers());
  }
  std::optional<ServerSlots> slots() const override {
    const auto pooler = bench_.pooler_info();
    if (!pooler) return server_slots();
    if (pooler->max_client_conn <= 0) return std::nullopt;
    return ServerSlots{pooler->max_client_conn, 0, pooler->clients + bench_.pooler_watchers(), 0};
  }
  Status prepare(const Scenario& scenario) override { return bench_.prepare(scenario); }
  Result<Measurement> measure(const Scenario& scenario, std::uint64_t seed) override {
    if (const Status enough = check_descriptors_for(scenario); !enough.ok()) return enough.error();
    return bench_.measure(scenario, seed);
  }
  std::vector<std::string> close(const Scenario& scenario) override {
    std::vector<std::string> troubles = bench_.tidy_up(scenario);
    bench_.close();
    return troubles;
  }
  TargetFacts facts() const override { return bench_.facts(); }
  bool died() const override { return bench_.died(); }
  GuardLog guard_log() const override { return bench_.guard_log(); }
  std::string last_words() const override { return bench_.last_words(); }
  bool simulated() const override { return false; }

 private:
  bool stays_;  // the server is there when the measurement is over
  Bench bench_;
};

class SimulatedWorld final : public World {
 public:
  SimulatedWorld(const ServerProfile& profile, const StopFlag& stop,
                 std::optional<SimulationFacts> facts)
      : profile_(profile), stop_(stop), facts_(std::move(facts)) {}

  Status open(const Scenario& widest) override {
    const std::int64_t set = max_connections_of(widest);
    widest_ = widest;
    const auto& pooler = widest.deployment.pooler;
    if (pooler) {
      places_ = pooler->spec.integer("max_client_conn");
      servers_ = pool_permanent_size(pooler->spec);
    }
    stays_ = set > 0 || profile_.max_connections > 0;
    if (profile_.max_connections == 0) {
      profile_.max_connections =
          set > 0 ? set : embedded_max_connections(widest.deployment, most_in_flight(widest));
    }
    return success();
  }
  Scenario as_met(const Scenario& scenario) const override { return scenario; }
  ServerSlots server_slots() const override { return modelled_slots(profile_, widest_); }
  std::optional<ServerSlots> slots() const override {
    return places_ > 0 ? ServerSlots{places_, 0, 0, 0} : server_slots();
  }
  std::vector<ConnectionLimit> server_limits() const override {
    return {server_limit(server_slots(), stays_)};
  }
  std::vector<ConnectionLimit> pooler_limits() const override {
    if (places_ == 0) return {};
    return {pooler_limit("max_client_conn", places_, 0),
            pooler_limit("default_pool_size", servers_, 0)};
  }
  Status prepare(const Scenario&) override { return success(); }
  Result<Measurement> measure(const Scenario& scenario, std::uint64_t seed) override {
    const Status room = check_modelled_room(scenario, profile_);
    if (!room.ok()) return room.error();
    Measurement measured = simulate(scenario, profile_, seed, stop_);
    if (facts_) measured.unsimulated_locks = facts_->locks;
    return measured;
  }
  std::vector<std::string> close(const Scenario&) override { return {}; }
  TargetFacts facts() const override {
    TargetFacts facts;
    facts.kind = "simulated";
    facts.address = "simulated";
    facts.max_connections = profile_.max_connections;
    facts.reserved_connections = profile_.reserved_connections;
    facts.simulation = facts_;
    return facts;
  }
  bool died() const override { return false; }
  bool simulated() const override { return true; }
  const ServerProfile* model() const override { return &profile_; }

 private:
  ServerProfile profile_;
  const StopFlag& stop_;
  std::optional<SimulationFacts> facts_;
  Scenario widest_;
  std::int64_t places_ = 0;  // the pooler's; 0: there is none
  std::int64_t servers_ = 0;
  bool stays_ = false;
};

}  // namespace

std::vector<ConnectionLimit> World::server_limits() const {
  return {server_limit(server_slots(), true)};
}

std::unique_ptr<World> live_world(const RunRequest& options, Targets targets, const StopFlag& stop,
                                  ProgressSink& progress) {
  return std::make_unique<LiveWorld>(options, std::move(targets), stop, progress);
}

std::unique_ptr<World> simulated_world(const ServerProfile& profile, const StopFlag& stop,
                                       std::optional<SimulationFacts> facts) {
  return std::make_unique<SimulatedWorld>(profile, stop, std::move(facts));
}

std::int64_t max_connections_of(const Scenario& scenario) {
  for (const auto& [name, value] : scenario.server_settings) {
    if (name == "max_connections") return std::strtoll(value.c_str(), nullptr, 10);
  }
  return 0;
}

Scenario with_pool(const Scenario& scenario, std::int64_t kept, std::int64_t total) {
  Scenario changed = scenario;
  static_cast<PoolSpec&>(changed.deployment.pool) = with_size(changed.deployment.pool, kept, total);
  changed.resolved_json = resolved(changed);
  return changed;
}

Scenario with_pool_at(const Scenario& scenario, std::uint32_t pool, std::int64_t kept,
                      std::int64_t total) {
  if (pool == 0) return with_pool(scenario, kept, total);
  Scenario changed = scenario;
  DeployedPool& other = changed.deployment.others[pool - 1];
  static_cast<PoolSpec&>(other) = with_size(other, kept, total);
  changed.resolved_json = resolved(changed);
  return changed;
}

Scenario with_users(const Scenario& scenario, std::uint32_t users) {
  Scenario changed = scenario;
  ClosedLoad load;
  if (const auto* closed = std::get_if<ClosedLoad>(&scenario.load)) load = *closed;
  load.users = users;
  changed.load = load;
  changed.resolved_json = resolved(changed);
  return changed;
}

Scenario with_rate(const Scenario& scenario, double per_s) {
  Scenario changed = scenario;
  OpenLoad load;
  if (const auto* open = std::get_if<OpenLoad>(&scenario.load)) load = *open;
  load.rate_per_s = per_s;
  changed.load = load;
  changed.resolved_json = resolved(changed);
  return changed;
}

}  // namespace poolgauge::app
