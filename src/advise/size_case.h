// A sizing question with everything filled in that was not said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advise/fleet.h"
#include "poolgauge/sizing.h"

namespace poolgauge {

/// What a profile means: circumstances, no sizes.
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

  bool knows_demand() const { return in.rate_per_s && in.hold_s; }
  std::int64_t pools() const { return in.instances * in.processes * in.pools; }
  std::int64_t peak_pools() const { return peak_instances * in.processes * in.pools; }
  /// Connections in use at a time in one pool, growth and a lost instance included.
  double pool_erlangs(double hold_s) const;
  double fleet_erlangs(double hold_s) const;
  /// Requests per second of one pool, growth and a lost instance included.
  double pool_rate() const;
};
SizeCase make_size_case(const SizeInputs& inputs);

/// "2 instances × 4 processes × (6 + 2) = 64", the instances of a deployment included.
std::string fleet_words(const SizeCase& c, const PoolShape& pool);
std::int64_t fleet_total(const SizeCase& c, const PoolShape& pool);
/// "1 process", "2 processes".
std::string counted(std::int64_t count, const std::string& singular, const char* plural_end = "s");

/// The parts of a sizing, in the order they are worked out.
Recommendation recommend(const SizeCase& c);
std::optional<JudgedSetting> judge_setting(const SizeCase& c, Recommendation& recommendation);
std::vector<FormulaAnswer> rule_answers(const SizeCase& c);
std::vector<Alternative> alternatives_of(const SizeCase& c, const Recommendation& recommendation);
std::vector<Hop> hops_of(const SizeCase& c, Recommendation& recommendation);
std::vector<AlertLine> alerts_of(const Recommendation& recommendation);
MemoryBound memory_of(const SizeCase& c, Recommendation& recommendation);
/// Sets the recommendation's timeouts and says why.
std::vector<std::string> set_timeouts(const SizeCase& c, Recommendation& recommendation);

/// What a pool of `connections` does under the demand, if that is known.
PoolForecast forecast_of(const SizeCase& c, std::int64_t connections, double timeout_s);
/// How many connections per pool the demand or, without it, the database's cores ask for.
struct Wanted {
  std::int64_t connections = 1;
  std::string why;
};
Wanted wanted_per_pool(const SizeCase& c);
/// Server connections behind one pooler for the whole demand.
std::int64_t wanted_behind_pooler(const SizeCase& c);

}  // namespace poolgauge
