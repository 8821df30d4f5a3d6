// Profiles, assumptions and the arithmetic shared by the parts of a sizing.
#include "advise/size_case.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

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
    {"staging", 0.25, 0.1, 0, 0.05, 10, false, {15, 30}, "25 % growth"},
    {"production", 0.25, 0.1, 0, 0.05, 10, true, {20, 40}, "25 % growth, an instance may be lost"},
    {"high-traffic",
     1,
     0.1,
     0,
     0.01,
     5,
     true,
     {30, 60},
     "twice the load, an instance may be lost, 1 % may wait"},
    {"container",
     0.25,
     0.1,
     0.25,
     0.05,
     10,
     true,
     {5, 10},
     "25 % growth, a rolling deployment that starts a quarter anew"},
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
  c.slots = slots_of(inputs, c.profile, c.assumed);
  c.cores = inputs.cores.value_or(kAssumedCores);
  if (!inputs.cores) {
    c.assumed.push_back(fmt::format("{} database cores in the rules (--cores)", kAssumedCores));
  }
  c.spindles = inputs.spindles.value_or(inputs.ssd ? 1 : 0);
  c.surge = inputs.surge.value_or(c.profile.surge);
  c.peak_instances = surged(inputs.instances, c.surge);
  c.deadline_s =
      taken(inputs.deadline_s, c.profile.deadline_s, c.assumed,
            fmt::format("a deadline of {:g} s for a request (--deadline)", c.profile.deadline_s));
  return c;
}

double SizeCase::pool_rate() const {
  const double pools = alive_instances(*this) * static_cast<double>(in.processes * in.pools);
  return in.rate_per_s.value_or(0) * (1 + profile.growth) / pools;
}

double SizeCase::pool_erlangs(double hold_s) const {
  return pool_rate() * hold_s;
}

double SizeCase::fleet_erlangs(double hold_s) const {
  return in.rate_per_s.value_or(0) * (1 + profile.growth) * hold_s;
}

std::string counted(std::int64_t count, const std::string& singular, const char* plural_end) {
  const std::string number = with_thousands(static_cast<std::uint64_t>(count));
  return number + " " + singular + (count == 1 ? "" : plural_end);
}

std::int64_t fleet_total(const SizeCase& c, const PoolShape& pool) {
  return c.peak_pools() * pool.total();
}

std::string fleet_words(const SizeCase& c, const PoolShape& pool) {
  std::string words = counted(c.in.instances, "instance");
  if (c.peak_instances != c.in.instances) {
    words += fmt::format(" (+ {} while deploying)", c.peak_instances - c.in.instances);
  }
  words += " × " + counted(c.in.processes, "process", "es");
  if (c.in.pools > 1) words += " × " + counted(c.in.pools, "pool");
  return words + fmt::format(" × ({} + {}) = {}", pool.pool_size, pool.max_overflow,
                             with_thousands(static_cast<std::uint64_t>(fleet_total(c, pool))));
}

}  // namespace poolgauge
