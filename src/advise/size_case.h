// The input of a sizing, with defaults for everything that was not given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advise/fleet.h"
#include "poolgauge/sizing.h"

namespace poolgauge {

/// PostgreSQL's own limit of max_connections.
inline constexpr std::int64_t kMostConnections = 262'143;

/// A profile: circumstances, not sizes.
struct SizeProfile {
  std::string name;
  double growth = 0;        ///< of the rate
  double headroom = 0;      ///< of the server's connections
  double surge = 0;         ///< of a deployment
  double wait_goal = 0.05;  ///< at most this share of the checkouts may wait
  double deadline_s = 10;   ///< of a request
  bool one_lost = false;    ///< the others carry the load when one of several instances is down
  PoolShape field_report;   ///< what the field reports set for it
  std::string words;
};
const SizeProfile& profile_named(const std::string& name);

struct SizeCase {
  SizeInputs in;
  SizeProfile profile;
  std::vector<std::string> assumed;
  std::int64_t cores = 0;
  std::int64_t spindles = 0;
  ServerSlots slots;
  double deadline_s = 0;
  double surge = 0;
  std::int64_t peak_instances = 0;  ///< old and new ones of a deployment

  /// The fleet's connections for which the server's memory is enough, where it is known.
  std::optional<std::int64_t> memory_connections;

  std::int64_t available() const { return slots.max_connections - slots.reserved - slots.others; }
  /// Connections of the server that the fleet may open: slots and memory. Never negative.
  std::int64_t room(bool keep_headroom) const;
  /// The largest size that fits for every pool; 0: none does. INT64_MAX: no limit.
  std::int64_t largest(bool keep_headroom) const;
  /// Connections that one pool can have in use at once: threads × connections of a request.
  std::optional<std::int64_t> most_in_use() const;
  /// The smallest pool in which the requests of one process cannot wait for each other forever.
  /// Without --threads: what a single request needs.
  std::int64_t least_safe() const;
  std::int64_t replica_total() const;  ///< connections of all pools to the replica
  bool session() const { return in.pgbouncer && in.pool_mode == "session"; }
  /// Pools of the pooler: one for each of its processes and each (database, user) pair.
  std::int64_t poolers() const { return in.pgbouncer_processes * in.pgbouncer_pairs; }
  /// A load or the database's cores were given.
  bool knows_something() const { return knows_demand() || in.cores; }
  bool knows_demand() const { return in.rate_per_s && in.hold_s; }
  bool counts_overflow() const { return !in.names.overflow.empty(); }
  std::int64_t pools() const { return in.instances * in.processes * in.pools; }
  std::int64_t peak_pools() const { return peak_instances * in.processes * in.pools; }
  /// Connections in use at a time in one pool, all of a request; growth and a lost instance
  /// included.
  double pool_erlangs(double hold_s) const;
  double fleet_erlangs(double hold_s) const;
  /// Checkouts per second of one pool, growth and a lost instance included.
  double pool_rate() const;
};
SizeCase make_size_case(const SizeInputs& inputs);

/// "2 instances × 4 processes × (6 + 2) = 64", the instances of a deployment included.
std::string fleet_words(const SizeCase& c, const PoolShape& pool);
/// "(6 + 2)", "8" where the pool's library counts no overflow.
std::string shape_words(const SizeCase& c, const PoolShape& pool);
std::int64_t fleet_total(const SizeCase& c, const PoolShape& pool);
/// "1,234", "-5".
std::string whole_words(std::int64_t value);
/// "100 − 3 reserved = 97, − 5 other clients = 92".
std::string usable_words(const ServerSlots& slots);

/// The parts of a sizing, in the order they are worked out.
Recommendation recommend(const SizeCase& c);
std::optional<JudgedSetting> judge_setting(const SizeCase& c, const Recommendation& recommendation);
std::vector<FormulaAnswer> rule_answers(const SizeCase& c);
std::vector<Alternative> alternatives_of(const SizeCase& c, const Recommendation& recommendation);
std::vector<Hop> hops_of(const SizeCase& c, Recommendation& recommendation);
std::vector<AlertLine> alerts_of(const SizeCase& c, const Recommendation& recommendation);
MemoryBound memory_of(const SizeCase& c, Recommendation& recommendation);
/// The fleet's connections with which nine tenths of the server's memory suffice.
std::optional<std::int64_t> connections_in_memory(const SizeCase& c);
/// Sets the recommendation's timeouts and says why.
std::vector<std::string> set_timeouts(const SizeCase& c, Recommendation& recommendation);

/// Whether a setting was given that can be judged.
bool asks_for_judgement(const SizeInputs& in);
/// Why the requested sizes cannot work, the worst reason first; without any, why no pool can.
std::vector<SizeProblem> problems_of(const SizeCase& c, const Sizing& sizing);
/// The same of the recommended sizes.
std::vector<SizeProblem> own_problems(const SizeCase& c, const Sizing& sizing);
/// Changes that would make it work.
std::vector<Alternative> ways_out(const SizeCase& c, const Sizing& sizing);
/// Warnings if the primary could not take over the replica's connections.
std::vector<std::string> failover_warnings(const SizeCase& c, const Sizing& sizing);

/// The pooler's sizes, and the place where its server connections are counted.
PoolerSizes pooler_sizes(const SizeCase& c, const Recommendation& recommendation);
std::vector<Hop> pooler_hops(const SizeCase& c, Recommendation& recommendation);
/// Server connections that the pooler may open, with the pools that are asked about.
std::int64_t pooler_server_connections(const SizeCase& c, const Sizing& sizing);
std::vector<SizeProblem> pooler_problems(const SizeCase& c, const Sizing& sizing);
std::vector<Alternative> pooler_ways_out(const SizeCase& c, const Sizing& sizing);

/// What a pool of `connections` does under the demand, if that is known.
PoolForecast forecast_of(const SizeCase& c, std::int64_t connections, double timeout_s);
/// How many connections per pool the demand or, without it, the database's cores ask for.
struct Wanted {
  std::int64_t connections = 1;
  std::string why;
};
Wanted wanted_per_pool(const SizeCase& c);
/// Server connections that each of the pooler's pools should have, and why.
Wanted wanted_per_pooler(const SizeCase& c);

}  // namespace poolgauge
