// Profiles, assumptions and the arithmetic shared by the parts of a sizing.
#include "advise/size_case.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "advise/rules.h"
#include "advise/settings.h"
#include "base/text.h"

namespace poolgauge {

namespace {

constexpr std::int64_t kDefaultMaxConnections = 100;
constexpr std::int64_t kDefaultReserved = 3;
constexpr std::int64_t kOtherClients = 5;  // monitoring, migrations, a person with psql
constexpr std::int64_t kAssumedCores = 4;

// growth, headroom, surge, wait goal, deadline, one instance lost; then the field reports' sizes.
const std::array<SizeProfile, 5> kProfiles = {{
    {"dev", 0, 0.5, 0, 0.2, 30, false, {10, 20}, "no growth, half of the server kept free"},
    {"staging", kDefaultHeadroomLoad, 0.1, 0, 0.05, 10, false, {15, 30}, "growth"},
    {"production",
     kDefaultHeadroomLoad,
     0.1,
     0,
     0.05,
     10,
     true,
     {20, 40},
     "growth, one instance may fail"},
    {"high-traffic",
     1,
     0.1,
     0,
     0.01,
     5,
     true,
     {30, 60},
     "twice the load, one instance may fail, 1 % may wait"},
    {"container",
     kDefaultHeadroomLoad,
     0.1,
     0.25,
     0.05,
     10,
     true,
     {5, 10},
     "growth, a rolling deployment with a quarter more instances"},
}};

template <typename T>
T taken(const std::optional<T>& said, T otherwise, std::vector<std::string>& assumed,
        const std::string& words) {
  if (!said) assumed.push_back(words);
  return said.value_or(otherwise);
}

ServerSlots slots_of(const SizeInputs& in, const SizeProfile& profile,
                     std::vector<std::string>& assumed) {
  ServerSlots slots;
  slots.max_connections = taken(in.max_connections, kDefaultMaxConnections, assumed,
                                "max_connections 100 (PostgreSQL's default; --max-connections)");
  slots.reserved = taken(in.reserved, kDefaultReserved, assumed,
                         "3 reserved (PostgreSQL's default; --reserved)");
  slots.others = taken(in.other_clients, kOtherClients, assumed,
                       "5 other clients: monitoring, migrations, psql (--other-clients)");
  slots.headroom = in.headroom.value_or(profile.headroom);
  return slots;
}

double alive_instances(const SizeCase& c) {
  const bool spare = c.profile.one_lost && c.in.instances > 1;
  return static_cast<double>(c.in.instances - (spare ? 1 : 0));
}

}  // namespace

const std::vector<std::string>& size_profiles() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const SizeProfile& profile : kProfiles) all.push_back(profile.name);
    return all;
  }();
  return names;
}

const SizeProfile& profile_named(const std::string& name) {
  const auto found = std::find_if(kProfiles.begin(), kProfiles.end(),
                                  [&name](const SizeProfile& one) { return one.name == name; });
  constexpr std::size_t kProduction = 2;
  return found == kProfiles.end() ? kProfiles.at(kProduction) : *found;
}

SizeCase make_size_case(const SizeInputs& inputs) {
  SizeCase c;
  c.in = inputs;
  c.profile = profile_named(inputs.profile);
  c.profile.growth = inputs.headroom_load.value_or(c.profile.growth);
  c.slots = slots_of(inputs, c.profile, c.assumed);
  c.cores = inputs.cores.value_or(kAssumedCores);
  if (!inputs.cores) {
    c.assumed.push_back(
        fmt::format("{} database cores, used only by the rules of thumb (--cores)", kAssumedCores));
  }
  c.spindles = inputs.spindles.value_or(inputs.ssd ? 1 : 0);
  c.surge = inputs.surge.value_or(c.profile.surge);
  c.peak_instances = surged(inputs.instances, c.surge);
  c.deadline_s =
      taken(inputs.deadline_s, c.profile.deadline_s, c.assumed,
            fmt::format("a request deadline of {:g} s (--deadline)", c.profile.deadline_s));
  c.memory_connections = connections_in_memory(c);
  return c;
}

std::int64_t SizeCase::room(bool keep_headroom) const {
  const std::int64_t slots_left = keep_headroom ? fleet_budget(slots, {}).usable : available();
  return std::max<std::int64_t>(0, std::min(slots_left, memory_connections.value_or(slots_left)));
}

std::int64_t SizeCase::largest(bool keep_headroom) const {
  if (!in.pgbouncer) return room(keep_headroom) / peak_pools();
  std::int64_t most = INT64_MAX;
  if (in.max_client_conn) {
    constexpr double kSpare = 0.9;
    const auto clients = static_cast<double>(*in.max_client_conn * in.pgbouncer_processes);
    most = static_cast<std::int64_t>(clients * (keep_headroom ? kSpare : 1) + 1e-9) / peak_pools();
  }
  // In session mode each connection of the application occupies one of the server.
  if (session()) most = std::min(most, room(keep_headroom) / poolers() * poolers() / peak_pools());
  return most;
}

std::optional<std::int64_t> SizeCase::most_in_use() const {
  if (!in.threads) return std::nullopt;
  return *in.threads * in.connections_per_request;
}

std::int64_t SizeCase::least_safe() const {
  if (in.connections_per_request < 2) return 1;
  if (!in.threads) return in.connections_per_request;
  return rules::deadlock_free(*in.threads, in.connections_per_request);
}

std::int64_t SizeCase::replica_total() const {
  return peak_pools() * (in.replica_pool_size.value_or(0) + in.replica_max_overflow.value_or(0));
}

double SizeCase::pool_rate() const {
  const double pools = alive_instances(*this) * static_cast<double>(in.processes * in.pools);
  return in.rate_per_s.value_or(0) * static_cast<double>(in.connections_per_request) *
         (1 + profile.growth) / pools;
}

double SizeCase::pool_erlangs(double hold_s) const {
  return pool_rate() * hold_s;
}

double SizeCase::fleet_erlangs(double hold_s) const {
  return in.rate_per_s.value_or(0) * static_cast<double>(in.connections_per_request) *
         (1 + profile.growth) * hold_s;
}

std::int64_t fleet_total(const SizeCase& c, const PoolShape& pool) {
  return c.peak_pools() * pool.total();
}

std::string whole_words(std::int64_t value) {
  if (value < 0) return "−" + whole_words(-value);
  return with_thousands(static_cast<std::uint64_t>(value));
}

std::string usable_words(const ServerSlots& slots) {
  return fmt::format("{} − {} reserved = {}, − {} other clients = {}",
                     whole_words(slots.max_connections), whole_words(slots.reserved),
                     whole_words(slots.max_connections - slots.reserved), whole_words(slots.others),
                     whole_words(slots.max_connections - slots.reserved - slots.others));
}

std::string shape_words(const SizeCase& c, const PoolShape& pool) {
  if (!c.counts_overflow()) return whole_words(pool.total());
  return fmt::format("({} + {})", pool.pool_size, pool.max_overflow);
}

std::string fleet_words(const SizeCase& c, const PoolShape& pool) {
  std::string words = counted(c.in.instances, "instance");
  if (c.peak_instances != c.in.instances) {
    words += fmt::format(" (+ {} while deploying)", c.peak_instances - c.in.instances);
  }
  words += " × " + counted(c.in.processes, "process", "es");
  if (c.in.pools > 1) words += " × " + counted(c.in.pools, "pool");
  return words + fmt::format(" × {} = {}", shape_words(c, pool),
                             with_thousands(static_cast<std::uint64_t>(fleet_total(c, pool))));
}

}  // namespace poolgauge
