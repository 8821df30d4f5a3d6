// Fleet arithmetic and the sentence that shows it.
#include "pg/target/budget.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/text.h"
#include "poolgauge/pool_flags.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge {
namespace {

constexpr std::int64_t kDefaultMaxConnections = 100;
constexpr std::int64_t kDefaultReserved = 3;
constexpr std::int64_t kSpare = 5;
constexpr std::int64_t kMaxBackends = 262'143;  ///< the server's own upper bound

std::string number(std::int64_t value) {
  return value < 0 ? "−" + number(-value) : with_thousands(static_cast<std::uint64_t>(value));
}

std::optional<std::int64_t> clients_per_process(const Deployment& deployment,
                                                std::optional<std::int64_t> max_clients) {
  if (!max_clients) return std::nullopt;
  const std::int64_t fleet = deployment.fleet();
  return (*max_clients + fleet - 1) / fleet;
}

/// The pool's own limit, whatever its clients do; nothing: it has none.
std::optional<std::int64_t> own_size(const PoolSpec& pool) {
  return pool_limit(pool, std::nullopt);
}

/// "maximumPoolSize": what the pool calls its limit; empty where it is a sum.
std::string size_option(const PoolSpec& pool) {
  std::string version;
  for (const auto& [name, value] : all_options(pool)) {
    if (name == "version") version = std::get<std::string>(value);
  }
  const auto names = sizing_options(pool.kind);
  const bool sum = names && !names->overflow.empty();
  return sum ? "" : meaning_of(PoolFlag::size, pool.kind, version).option;
}

/// What may be opened beside what is there already, and the words for it.
struct Room {
  std::string whose = "the server has only";  ///< so many connections
  std::int64_t free = 0;
  std::string arithmetic;
  std::string cure;  ///< what to raise
};

Room server_room(const TargetInfo& target, const doctor::Slots& slots) {
  Room room;
  room.free = slots.free();
  room.arithmetic = fmt::format("max_connections {} − {} reserved − {} in use = {}",
                                number(target.max_connections), number(target.reserved_connections),
                                number(target.in_use), number(room.free));
  room.cure = "raise max_connections";
  return room;
}

Room own_room(const char* whose, const doctor::Slots& slots) {
  Room room;
  room.whose = fmt::format("the {}'s connection limit leaves only", whose);
  room.free = slots.free();
  room.arithmetic = fmt::format("the {}'s connection limit {} − {} in use = {}", whose,
                                number(slots.limit), number(slots.in_use), number(room.free));
  room.cure = fmt::format("raise the {}'s connection limit", whose);
  return room;
}

Room tightest_room(const TargetInfo& target) {
  const auto [slots, whose] = target.slots().tightest();
  switch (whose) {
    case doctor::SlotsOf::server: return server_room(target, slots);
    case doctor::SlotsOf::role: return own_room("role", slots);
    case doctor::SlotsOf::database: return own_room("database", slots);
  }
  return server_room(target, slots);
}

/// "(20 + 40)", "maximumPoolSize 25", or "25 clients"; a pool that refuses nobody opens more than
/// its own: "(maximumPoolSize 25 + 100 clients)".
std::string pool_arithmetic(const PoolSpec& pool, std::int64_t per_process) {
  const std::optional<std::int64_t> own = own_size(pool);
  if (!own) return counted(per_process, "client");
  const std::string option = size_option(pool);
  const std::string size = option.empty()
                               ? fmt::format("{} + {}", number(pool.integer("pool_size")),
                                             number(pool.integer("max_overflow")))
                               : fmt::format("{} {}", option, number(*own));
  if (per_process > *own)
    return fmt::format("({} + {})", size, counted(per_process - *own, "client"));
  return option.empty() ? "(" + size + ")" : size;
}

/// The pools that may come to connections, and what they come to.
struct Demand {
  const Deployment& deployment;
  const PoolSelection& pools;
  std::optional<std::int64_t> clients;  ///< of each process
};

std::int64_t per_process_of(const Demand& demand, std::uint32_t pool) {
  return pool_capacity(demand.deployment.pool_at(pool), demand.clients).value_or(0);
}

/// "1 instance × 10 processes × (20 + 40) = 600"; several pools stand in a sum, with their names.
std::string fleet_arithmetic(const Demand& demand, std::int64_t capacity) {
  const Deployment& deployment = demand.deployment;
  std::string sum;
  for (const std::uint32_t index : demand.pools) {
    const DeployedPool& pool = deployment.pool_at(index);
    if (!sum.empty()) sum += " + ";
    if (demand.pools.size() > 1) sum += pool.name + " ";
    sum += pool_arithmetic(pool, per_process_of(demand, index));
  }
  if (demand.pools.size() > 1) sum = "(" + sum + ")";
  return fmt::format("{} × {} × {} = {}", counted(deployment.instances, "instance"),
                     counted(deployment.processes, "process", "es"), sum, number(capacity));
}

std::string cure(const Demand& demand, std::int64_t fits, const Room& room) {
  if (fits < 1) {
    return fmt::format(
        "not even one connection per process fits: {}, or close connections of other clients",
        room.cure);
  }
  if (demand.pools.size() > 1) {
    return fmt::format("use at most {} per process for all of its pools together, or {}",
                       counted(fits, "connection"), room.cure);
  }
  const PoolSpec& only = demand.deployment.pool_at(demand.pools.front());
  if (!own_size(only)) {
    return fmt::format("use at most {} per process, or {}", counted(fits, "client"), room.cure);
  }
  if (per_process_of(demand, demand.pools.front()) > *own_size(only)) {
    return fmt::format("use at most {} per process, or {}", counted(fits, "connection"), room.cure);
  }
  const std::string option = size_option(only);
  if (!option.empty()) {
    return fmt::format("use at most {} per process ({} {}), or {}", counted(fits, "connection"),
                       option, number(fits), room.cure);
  }
  // Two thirds kept, one third overflow.
  const std::int64_t overflow = fits / 3;
  return fmt::format(
      "use at most {} per process (for example pool_size {}, max_overflow {}), or {}",
      counted(fits, "connection"), number(fits - overflow), number(overflow), room.cure);
}

}  // namespace

PoolSelection pools_on(const Deployment& deployment, PoolTarget target) {
  PoolSelection pools;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    if (deployment.pool_at(i).target == target) pools.push_back(i);
  }
  return pools;
}

std::optional<std::int64_t> fleet_capacity(const Deployment& deployment,
                                           std::optional<std::int64_t> max_clients,
                                           const PoolSelection& pools) {
  const auto clients = clients_per_process(deployment, max_clients);
  std::int64_t per_process = 0;
  for (const std::uint32_t pool : pools) {
    const auto capacity = pool_capacity(deployment.pool_at(pool), clients);
    if (!capacity) return std::nullopt;
    per_process += *capacity;
  }
  return per_process * deployment.fleet();
}

std::optional<std::int64_t> fleet_capacity(const Deployment& deployment,
                                           std::optional<std::int64_t> max_clients) {
  PoolSelection all(deployment.pool_count());
  std::iota(all.begin(), all.end(), 0U);
  return fleet_capacity(deployment, max_clients, all);
}

Status check_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                    std::int64_t probes, const TargetInfo& target) {
  const PoolSelection pools = pools_on(deployment, PoolTarget::primary);
  return check_budget(deployment, max_clients, probes, target, pools);
}

Status check_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                    std::int64_t probes, const TargetInfo& target, const PoolSelection& pools) {
  const auto capacity = fleet_capacity(deployment, max_clients, pools);
  if (!capacity) return success();
  const Room room = tightest_room(target);
  if (*capacity + probes <= room.free) return success();
  const std::int64_t fleet = deployment.fleet();
  const Demand demand{deployment, pools, clients_per_process(deployment, max_clients)};
  const std::int64_t fits = (room.free - probes) / fleet;
  std::string message = fmt::format(
      "cannot start: the pools may open {}, but {} {} available\n  {}",
      counted(*capacity, "connection"), room.whose, number(std::max<std::int64_t>(room.free, 0)),
      fleet_arithmetic(demand, *capacity));
  if (probes > 0) message += fmt::format(", plus {} to monitor the server", number(probes));
  message += "; " + room.arithmetic;
  return Error{ErrorKind::target, message, cure(demand, fits, room)};
}

Status check_pooler_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                           std::int64_t probes, const TargetInfo& target, const PoolerInfo& pooler,
                           bool started) {
  const PoolSelection pools = pools_on(deployment, PoolTarget::primary);
  const auto capacity = fleet_capacity(deployment, max_clients, pools);
  const std::int64_t places = pooler.max_client_conn - pooler.clients;
  const std::int64_t watching = started ? 0 : probes;  // through one of our own nobody watches
  if (capacity && pooler.max_client_conn > 0 && *capacity + watching > places) {
    const Demand demand{deployment, pools, clients_per_process(deployment, max_clients)};
    return Error{
        ErrorKind::target,
        fmt::format("cannot start: the pools may open {}, but PgBouncer accepts only {}\n  {}{}; "
                    "max_client_conn {} − {} connected = {}",
                    counted(*capacity, "connection"), number(std::max<std::int64_t>(places, 0)),
                    fleet_arithmetic(demand, *capacity),
                    watching > 0 ? fmt::format(", plus {} to monitor it", watching) : "",
                    number(pooler.max_client_conn), number(pooler.clients), number(places)),
        fmt::format("raise PgBouncer's max_client_conn to {}, or use smaller pools",
                    number(*capacity + watching + pooler.clients))};
  }
  const std::int64_t servers = pooler.pool_size + pooler.reserve_pool_size;
  const Room room = tightest_room(target);
  if (!started || servers + probes <= room.free) return success();
  return Error{ErrorKind::target,
               fmt::format("cannot start: PgBouncer may open {}, but {} {} available\n  pool "
                           "size {} + reserve {} = {}{}; {}",
                           counted(servers, "connection"), room.whose,
                           number(std::max<std::int64_t>(room.free, 0)), number(pooler.pool_size),
                           number(pooler.reserve_pool_size), number(servers),
                           probes > 0 ? fmt::format(", plus {} to monitor the server", probes) : "",
                           room.arithmetic),
               fmt::format("lower default_pool_size to at most {}, or {}",
                           number(std::max<std::int64_t>(room.free - probes, 1)), room.cure)};
}

std::int64_t embedded_max_connections(const Deployment& deployment,
                                      std::optional<std::int64_t> max_clients) {
  std::int64_t capacity = 0;
  for (const PoolTarget target : {PoolTarget::primary, PoolTarget::replica}) {
    const auto there = fleet_capacity(deployment, max_clients, pools_on(deployment, target));
    capacity = std::max(capacity, there.value_or(0));
  }
  if (deployment.pooler) capacity = pool_capacity(deployment.pooler->spec, capacity).value_or(0);
  return std::clamp(capacity + kDefaultReserved + kSpare, kDefaultMaxConnections, kMaxBackends);
}

}  // namespace poolgauge
