// Advice that fits the place: no larger pool than users, server and memory have use or room for.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/diagnosis_rules.h"
#include "base/text.h"

namespace poolgauge::rules {
namespace {

struct Wanted {
  std::int64_t connections = 0;
  std::string why;
};

std::string count(std::int64_t value) {
  return with_thousands(static_cast<std::uint64_t>(std::max<std::int64_t>(0, value)));
}

/// How many connections would have left nobody waiting, and how we know.
Wanted wanted_of(const Figures& f) {
  if (f.open_rate_per_s && f.connection_time_mean_ms > 0) {
    // A queue that grows says nothing about the need; the offered load does.
    const double need = std::ceil(*f.open_rate_per_s * f.connection_time_mean_ms / 1e3 * 1.2);
    return {static_cast<std::int64_t>(need),
            fmt::format("{:.6g} requests/s × {} each, plus a fifth as headroom", *f.open_rate_per_s,
                        ms(f.connection_time_mean_ms))};
  }
  // What earlier bursts left behind adds to the peak, but would not be there with enough of them.
  if (f.burst > f.capacity) return {f.burst, "one per request of a burst"};
  // The peaks of the two need not fall together: their sum would be more than there are users.
  const auto demand = static_cast<std::int64_t>(f.peak_demand);
  if (f.users && demand >= *f.users) return {*f.users, "one per user"};
  const auto in_use = std::min(f.peak_checked_out, f.peak_demand);
  return {demand, fmt::format("{} in use + {} waiting at peak", in_use,
                              with_thousands(f.peak_demand - in_use))};
}

/// The most that there is room for, and whose; nothing: not known.
struct Room {
  std::int64_t connections = 0;
  std::string words;  // "97 slots that the server has free"
};

std::optional<Room> room_of(const Figures& f) {
  if (f.pooler_between) {
    if (f.pooler_max_clients <= 0) return std::nullopt;
    return Room{f.pooler_max_clients,
                fmt::format("the {} clients that the pooler accepts (max_client_conn)",
                            count(f.pooler_max_clients))};
  }
  std::optional<Room> room;
  if (f.server_slots > 0) {
    const std::int64_t free = std::max<std::int64_t>(0, f.server_slots - f.other_connections);
    room = Room{free, fmt::format("the server's {} free slots", count(free))};
  }
  if (f.own_limit >= 0 && (!room || f.own_limit < room->connections)) {
    room = Room{f.own_limit, fmt::format("the {} connections that the CONNECTION LIMIT of the role "
                                         "or the database allows",
                                         count(f.own_limit))};
  }
  // A backend takes 10 MiB and more of its own; half of the memory is for the cache.
  constexpr std::uint64_t kMibPerConnection = 10;
  if (f.server_memory_mib > 0) {
    const auto fit = static_cast<std::int64_t>(f.server_memory_mib / 2 / kMibPerConnection);
    if (!room || fit < room->connections) {
      room = Room{fit, fmt::format("the {} connections that fit into the server's memory ({} MiB, "
                                   "half of it at 10 MiB per connection)",
                                   count(fit), with_thousands(f.server_memory_mib))};
    }
  }
  return room;
}

std::string each_text(const Figures& f, std::int64_t connections) {
  if (f.processes <= 1) return "";
  const std::int64_t each = (connections + f.processes - 1) / f.processes;
  return fmt::format(" in total, {} per process", count(each));
}

}  // namespace

std::string larger_pool(const Figures& f) {
  const Wanted wanted = wanted_of(f);
  if (wanted.connections <= f.capacity) return "";
  const std::optional<Room> room = room_of(f);
  if (!room || wanted.connections <= room->connections) {
    return fmt::format("enlarge the pool to {} connections{} ({})", count(wanted.connections),
                       each_text(f, wanted.connections), wanted.why);
  }
  if (room->connections <= f.capacity) {
    return fmt::format("put a pooler in front of the server, because the pool already uses {}",
                       room->words);
  }
  return fmt::format(
      "enlarge the pool, up to {}; only with {} connections would no request wait ({})",
      room->words, count(wanted.connections), wanted.why);
}

std::string possible_experiment(std::string_view usual, const Figures& f) {
  constexpr std::string_view kDouble = "double the pool";
  constexpr double kLarger = 1.2;  // enough for the change in throughput that is asked for
  const std::optional<Room> room = room_of(f);
  if (!usual.starts_with(kDouble) || f.capacity <= 0 || !room) return std::string(usual);
  std::int64_t free = room->connections;
  for (const Figures::PoolUse& pool : f.other_pools) {
    free -= std::max<std::int64_t>(0, pool.capacity);
  }
  if (2 * f.capacity <= free) return std::string(usual);
  const std::int64_t processes = std::max<std::int64_t>(1, f.processes);
  const std::int64_t largest = free / processes * processes;
  const std::string rest(usual.substr(kDouble.size()));
  if (static_cast<double>(largest) < kLarger * static_cast<double>(f.capacity)) {
    return "raise the limit on connections and double the pool" + rest;
  }
  return fmt::format("enlarge the pool to {} connections{}", count(largest),
                     each_text(f, largest)) +
         rest;
}

}  // namespace poolgauge::rules
