// Fleet arithmetic and the sentence that shows it.
#include "pg/budget.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/text.h"

namespace poolgauge {
namespace {

constexpr std::int64_t kDefaultMaxConnections = 100;
constexpr std::int64_t kDefaultReserved = 3;
constexpr std::int64_t kSpare = 5;
constexpr std::int64_t kMaxBackends = 262'143;  ///< the server's own upper bound

std::string number(std::int64_t value) {
  return value < 0 ? "-" + number(-value) : with_thousands(static_cast<std::uint64_t>(value));
}

std::string counted(std::int64_t count, const std::string& singular, const char* plural_end) {
  return number(count) + " " + singular + (count == 1 ? "" : plural_end);
}

std::optional<std::int64_t> clients_per_process(const Deployment& deployment,
                                                std::optional<std::int64_t> max_clients) {
  if (!max_clients) return std::nullopt;
  const std::int64_t fleet = deployment.fleet();
  return (*max_clients + fleet - 1) / fleet;
}

bool has_overflow(const PoolSpec& pool) {
  const KindInfo* kind = find_kind(pool.kind);
  if (kind == nullptr) return false;
  const auto has = [kind](const char* name) {
    return std::any_of(kind->options.begin(), kind->options.end(),
                       [name](const OptionInfo& option) { return option.name == name; });
  };
  return has("pool_size") && has("max_overflow");
}

/// A pool whose size is the number of its clients, because it has no size of its own.
bool follows_clients(const PoolSpec& pool, std::int64_t per_process) {
  if (!has_overflow(pool) || pool.integer("max_overflow") < 0) return true;
  return pool.integer("pool_size") + pool.integer("max_overflow") != per_process;
}

/// What may be opened beside what is there already, and the words for it.
struct Room {
  std::int64_t free = 0;
  std::string arithmetic;
  std::string cure;  ///< what to raise
};

Room server_room(const TargetInfo& target) {
  Room room;
  room.free = target.max_connections - target.reserved_connections - target.in_use;
  room.arithmetic = fmt::format("max_connections {} − {} reserved − {} in use = {}",
                                number(target.max_connections), number(target.reserved_connections),
                                number(target.in_use), number(room.free));
  room.cure = "raise max_connections";
  return room;
}

Room own_limit(const char* whose, std::int64_t limit, std::int64_t in_use) {
  Room room;
  room.free = limit - in_use;
  room.arithmetic = fmt::format("the {}'s connection limit {} − {} in use = {}", whose,
                                number(limit), number(in_use), number(room.free));
  room.cure = fmt::format("raise the {}'s connection limit", whose);
  return room;
}

Room tightest_room(const TargetInfo& target) {
  std::vector<Room> rooms = {server_room(target)};
  if (!target.superuser && target.role_limit >= 0) {
    rooms.push_back(own_limit("role", target.role_limit, target.role_in_use));
  }
  if (!target.superuser && target.database_limit >= 0) {
    rooms.push_back(own_limit("database", target.database_limit, target.database_in_use));
  }
  return *std::min_element(rooms.begin(), rooms.end(),
                           [](const Room& a, const Room& b) { return a.free < b.free; });
}

/// "1 instance × 10 processes × (20 + 40) = 600".
std::string fleet_arithmetic(const Deployment& deployment, std::int64_t per_process,
                             std::int64_t capacity) {
  std::string pool;
  if (follows_clients(deployment.pool, per_process)) {
    pool = counted(per_process, "client", "s");
  } else {
    pool = fmt::format("({} + {})", number(deployment.pool.integer("pool_size")),
                       number(deployment.pool.integer("max_overflow")));
  }
  return fmt::format("{} × {} × {} = {}", counted(deployment.instances, "instance", "s"),
                     counted(deployment.processes, "process", "es"), pool, number(capacity));
}

std::string cure(const Deployment& deployment, std::int64_t per_process, std::int64_t fits,
                 const Room& room) {
  if (fits < 1) {
    return fmt::format("not even one connection per process fits: {}, or close other clients",
                       room.cure);
  }
  if (follows_clients(deployment.pool, per_process)) {
    return fmt::format("largest that fits: {} per process; or {}", counted(fits, "client", "s"),
                       room.cure);
  }
  // Two thirds kept, one third overflow.
  const std::int64_t overflow = fits / 3;
  return fmt::format(
      "largest that fits: {} per process (for example pool_size {}, max_overflow "
      "{}); or {}",
      number(fits), number(fits - overflow), number(overflow), room.cure);
}

}  // namespace

std::optional<std::int64_t> fleet_capacity(const Deployment& deployment,
                                           std::optional<std::int64_t> max_clients) {
  const auto per_process =
      pool_capacity(deployment.pool, clients_per_process(deployment, max_clients));
  if (!per_process) return std::nullopt;
  return *per_process * deployment.fleet();
}

Status check_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                    std::int64_t probes, const TargetInfo& target) {
  const auto capacity = fleet_capacity(deployment, max_clients);
  if (!capacity) return success();
  const Room room = tightest_room(target);
  if (*capacity + probes <= room.free) return success();
  const std::int64_t fleet = deployment.fleet();
  const std::int64_t per_process = *capacity / fleet;
  const std::int64_t fits = (room.free - probes) / fleet;
  std::string message = fmt::format(
      "cannot start: the pools may open {}, the server has {} free\n  {}",
      counted(*capacity, "connection", "s"), number(std::max<std::int64_t>(room.free, 0)),
      fleet_arithmetic(deployment, per_process, *capacity));
  if (probes > 0) message += fmt::format(", and {} more to watch the server", number(probes));
  message += "; " + room.arithmetic;
  return Error{ErrorKind::target, message, cure(deployment, per_process, fits, room)};
}

Status check_pooler_budget(const Deployment& deployment, std::optional<std::int64_t> max_clients,
                           std::int64_t probes, const TargetInfo& target, const PoolerInfo& pooler,
                           bool started) {
  const auto capacity = fleet_capacity(deployment, max_clients);
  const std::int64_t places = pooler.max_client_conn - pooler.clients;
  if (capacity && *capacity > places) {
    return Error{
        ErrorKind::target,
        fmt::format("cannot start: the pools may open {}, PgBouncer has room for {}\n  {}; "
                    "max_client_conn {} − {} connected = {}",
                    counted(*capacity, "connection", "s"),
                    number(std::max<std::int64_t>(places, 0)),
                    fleet_arithmetic(deployment, *capacity / deployment.fleet(), *capacity),
                    number(pooler.max_client_conn), number(pooler.clients), number(places)),
        fmt::format("raise PgBouncer's max_client_conn to {}, or use smaller pools",
                    number(*capacity + pooler.clients))};
  }
  const std::int64_t servers = pooler.pool_size + pooler.reserve_pool_size;
  const Room room = tightest_room(target);
  if (!started || servers + probes <= room.free) return success();
  return Error{
      ErrorKind::target,
      fmt::format("cannot start: PgBouncer may open {}, the server has {} free\n  pool "
                  "size {} + reserve {} = {}{}; {}",
                  counted(servers, "connection", "s"), number(std::max<std::int64_t>(room.free, 0)),
                  number(pooler.pool_size), number(pooler.reserve_pool_size), number(servers),
                  probes > 0 ? fmt::format(", and {} more to watch the server", probes) : "",
                  room.arithmetic),
      fmt::format("lower default_pool_size to at most {}, or {}",
                  number(std::max<std::int64_t>(room.free - probes, 1)), room.cure)};
}

std::int64_t embedded_max_connections(const Deployment& deployment,
                                      std::optional<std::int64_t> max_clients) {
  auto fleet = fleet_capacity(deployment, max_clients);
  if (deployment.pooler) fleet = pool_capacity(deployment.pooler->spec, fleet);
  const std::int64_t capacity = fleet.value_or(0);
  return std::clamp(capacity + kDefaultReserved + kSpare, kDefaultMaxConnections, kMaxBackends);
}

}  // namespace poolgauge
