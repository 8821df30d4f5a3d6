// What to set, and why: the answer of `size`, `advise`, and `observe`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/pool_sizing.h"

namespace poolgauge {

/// How far a recommendation can be trusted.
enum class Confidence : std::uint8_t { formula, simulated, measured };

/// The server's connection slots, and how many the fleet needs at most.
struct ConnectionBudget {
  std::int64_t max_connections = 0;
  std::int64_t reserved = 0;
  std::int64_t other_clients = 0;
  std::int64_t available = 0;  ///< max_connections - reserved - other_clients
  std::int64_t needed = 0;
  std::int64_t headroom() const { return available - needed; }
  bool fits() const { return needed <= available; }
};

/// One limit on connections on the way from the pools to the server. The server's max_connections,
/// the role's and the database's own limits, a pooler's and the memory are different things: each
/// has its own, and each is changed in its own way.
struct ConnectionLimit {
  std::string of;  ///< server, role, database, pooler or memory
  /// The role's or the database's; of a pooler that is no PgBouncer "unknown"; else empty.
  std::string name;
  std::string setting;  ///< max_connections, CONNECTION LIMIT, max_client_conn, ...
  /// Its present value; nullopt for a throwaway server, or if it is unknown (a pooler's).
  std::optional<std::int64_t> present;
  std::int64_t reserved = 0;
  std::int64_t others = 0;       ///< used by other clients
  std::int64_t needed = 0;       ///< by the fleet, with the recommended size
  std::int64_t recommended = 0;  ///< never less than `present`

  std::optional<std::int64_t> available() const {
    if (!present) return std::nullopt;
    return *present - reserved - others;
  }
  bool fits() const { return !present || needed <= *available(); }
  bool must_change() const { return present && recommended > *present; }
};

/// A rule of thumb and its answer.
struct FormulaAnswer {
  std::string id;
  std::string name;  ///< "workers × 2"
  std::string source;
  std::string assumes;
  std::string misleads;  ///< when
  std::vector<std::pair<std::string, double>> inputs;
  /// The rule's answer, for one process or pool unless it is meant for all together.
  std::optional<std::int64_t> pool_size, max_overflow, max_connections;
  std::optional<std::int64_t> fleet;  ///< what all processes then open together
  std::optional<bool> fits;           ///< whether the server has slots for `fleet`
  std::string note;                   ///< what to know about this answer, or why there is none
  /// From `advise`: what the model expects of this answer, and whether the goals would be met.
  std::optional<double> latency_p95_ms;
  std::optional<bool> meets_goals;
};

/// An alternative to the recommended pool, and its effect.
struct Alternative {
  std::string change;
  std::optional<std::int64_t> pool_size, max_overflow;
  std::optional<std::int64_t> needed;  ///< server connections of the whole fleet
  std::string effect;
  bool first = false;  ///< to be done before any size is set
};

/// A ready-made configuration.
struct Snippet {
  std::string id;  ///< "sqlalchemy", "pgbouncer.ini", ...
  std::string title;
  std::string language;  ///< of a Markdown code block
  std::string text;
};

/// Figures of a pool, predicted or measured; nullopt: unknown.
struct PoolForecast {
  std::optional<double> latency_p95_ms, pool_timeout_rate, wait_probability, pool_wait_p95_ms,
      utilization;
};

/// One run of a search.
struct SearchRun {
  std::int64_t pool_size = 0, max_overflow = 0;
  std::string purpose;  ///< calibrate, verify, neighbour, confirm
  double seconds = 0;   ///< measured, without the warm-up
  bool usable = true;
  bool met = false;  ///< all goals
  std::string note;  ///< why it is not usable
  double throughput_per_s = 0;
  PoolForecast predicted, measured;
  /// The figure of the goal that decides (SearchRecord::decides): expected, and in this run.
  std::optional<double> goal_predicted, goal_measured;
};

/// How `advise` reached its answer.
struct SearchRecord {
  std::string outcome;    ///< confirmed, unconfirmed, impossible, inconclusive, interrupted
  std::string certainty;  ///< "confirmed", "likely" or "not confirmed"; empty in older reports
  /// Usable runs of full length of the recommended size, those that met all goals, and how many
  /// fresh ones in a row confirm it.
  int runs_of = 0, runs_met = 0, runs_needed = 0;
  /// Of the goal that decides, as shares of its limit: how far its mean lies within, and how much
  /// one run differs from the next. nullopt: no run of that size.
  std::optional<double> headroom, spread;
  std::string decides;       ///< that goal, its whole text
  std::string decides_unit;  ///< of its figures: "s", "fraction" or "1/s"
  std::string sentence;      ///< the same for people
  std::string
      binds;  ///< what prevents the goals from being met, or smaller pools from meeting them
  std::vector<std::string> neighbours;  ///< what one connection fewer or more would do
  std::vector<SearchRun> runs;
  double seconds = 0;  ///< of the whole search
};

struct PoolerSizes {
  std::int64_t default_pool_size = 0;
  std::int64_t reserve_pool_size = 0;
  std::int64_t max_client_conn = 0;
  std::int64_t max_db_connections = 0;
  double query_wait_timeout_s = 0;
  std::string pool_mode = "transaction";
};

/// The answer of `advise` for a pool other than the one it searched; simulated only.
struct OtherPool {
  std::string name;
  std::string target;                     ///< primary or replica
  std::optional<std::int64_t> pool_size;  ///< of each process; nullopt: no size meets the goals
  std::optional<std::int64_t> now;        ///< what the scenario has; nullopt: no limit
  std::int64_t most = 0;                  ///< that its server has slots for, in each process
  std::int64_t needed = 0;                ///< slots where it connects: of the fleet
  std::optional<std::int64_t> available;  ///< for the fleet; nullopt: unknown
};

struct Recommendation {
  std::int64_t pool_size = 0;
  std::int64_t max_overflow = 0;
  double pool_timeout_s = 0;
  double pool_recycle_s = 0;
  bool pre_ping = true;
  double connect_timeout_s = 0;
  double statement_timeout_s = 0;
  double idle_in_transaction_timeout_s = 0;
  /// Of the server: never less than it has. 0: of no concern, since a pooler is in front of it.
  std::int64_t max_connections = 0;
  /// What the server has, where that was said or seen.
  std::optional<std::int64_t> present_max_connections;
  std::vector<ConnectionLimit> limits;  ///< from `advise`: every limit on connections
  /// What would meet the goals once the limits are raised; nullopt if no limit prevents it.
  std::optional<std::int64_t> beyond_limits;
  double growth = 0;  ///< share by which the load of the runs exceeds the scenario's
  std::optional<PoolerSizes> pooler;
  std::vector<OtherPool> other_pools;
  std::int64_t capacity = 0;  ///< of the whole fleet
  ConnectionBudget budget;
  Confidence confidence = Confidence::formula;
  bool confirmed = false;
  std::vector<FormulaAnswer> formulas;
  PoolForecast predicted;
  std::optional<PoolForecast> measured;
  std::vector<Alternative> alternatives;
  std::vector<std::string> why;
  std::vector<std::string> warnings;
  std::vector<Snippet> snippets;
  std::string kind;                    ///< of the pool in use; empty where none is known
  NamedOptions options;                ///< the same settings under that kind's own names
  std::string own_snippet;             ///< the snippet that fits the pool in use: its id
  std::optional<SearchRecord> search;  ///< from `advise`

  std::int64_t total() const { return pool_size + max_overflow; }
  /// Whether the server, and every other limit on the way, has slots for the fleet.
  bool fits() const {
    return budget.fits() && std::all_of(limits.begin(), limits.end(),
                                        [](const ConnectionLimit& one) { return one.fits(); });
  }
  /// Whether the server's max_connections must be set: it is too small, or unknown.
  bool sets_server() const { return max_connections > present_max_connections.value_or(0); }
  const ConnectionLimit* limit(std::string_view of) const {
    const auto found = std::find_if(limits.begin(), limits.end(),
                                    [of](const ConnectionLimit& one) { return one.of == of; });
    return found == limits.end() ? nullptr : &*found;
  }
};

}  // namespace poolgauge
