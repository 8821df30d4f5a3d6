// What to set, and why: the answer of `size`, and of whatever else recommends a pool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/pool_sizing.h"

namespace poolgauge {

/// How far a recommendation can be trusted.
enum class Confidence : std::uint8_t { formula, simulated, measured };

/// Connections of the server, and what the fleet needs of them at worst.
struct ConnectionBudget {
  std::int64_t max_connections = 0;
  std::int64_t reserved = 0;
  std::int64_t other_clients = 0;
  std::int64_t available = 0;  ///< max_connections - reserved - other_clients
  std::int64_t needed = 0;
  std::int64_t headroom() const { return available - needed; }
  bool fits() const { return needed <= available; }
};

/// A published rule and its answer.
struct FormulaAnswer {
  std::string id;
  std::string name;  ///< "workers × 2"
  std::string source;
  std::string assumes;
  std::string misleads;  ///< when
  std::vector<std::pair<std::string, double>> inputs;
  /// What the rule answers, for one process or pool unless it means all together.
  std::optional<std::int64_t> pool_size, max_overflow, max_connections;
  std::optional<std::int64_t> fleet;  ///< what all processes open together when it is followed
  std::optional<bool> fits;           ///< whether the server has room for `fleet`
  std::string note;                   ///< what to know about this answer, or why there is none
  /// From `advise`: what the model expects of this answer, and whether the goals would be met.
  std::optional<double> latency_p95_ms;
  std::optional<bool> meets_goals;
};

/// Something other than the recommended pool, and what it would take or give.
struct Alternative {
  std::string change;
  std::optional<std::int64_t> pool_size, max_overflow;
  std::optional<std::int64_t> needed;  ///< server connections of the whole fleet
  std::string effect;
};

/// A ready-made configuration.
struct Snippet {
  std::string id;  ///< "sqlalchemy", "pgbouncer.ini", ...
  std::string title;
  std::string language;  ///< of a Markdown code block
  std::string text;
};

/// Figures of a pool, predicted or measured; nothing: not known.
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
};

/// How `advise` came to its answer.
struct SearchRecord {
  std::string outcome;   ///< confirmed, unconfirmed, impossible, inconclusive, interrupted
  std::string sentence;  ///< the same for people
  std::string binds;     ///< what keeps the goals from being met, or smaller pools from doing it
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

struct Recommendation {
  std::int64_t pool_size = 0;
  std::int64_t max_overflow = 0;
  double pool_timeout_s = 0;
  double pool_recycle_s = 0;
  bool pre_ping = true;
  double connect_timeout_s = 0;
  double statement_timeout_s = 0;
  double idle_in_transaction_timeout_s = 0;
  std::int64_t max_connections = 0;
  std::optional<PoolerSizes> pooler;
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
};

}  // namespace poolgauge
