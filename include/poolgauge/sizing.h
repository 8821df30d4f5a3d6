// `size`: the sizing formulas, instantly, from what is known about a deployment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/recommendation.h"
#include "poolgauge/result.h"
#include "poolgauge/terminal_style.h"

namespace poolgauge {

/// What the formulas call a pool's options where no kind of pool is named.
inline SizingOptions usual_names() {
  SizingOptions names;
  names.kept = "pool_size";
  names.overflow = "max_overflow";
  names.wait = "pool_timeout";
  names.age = "pool_recycle";
  names.ping = "pre-ping";
  names.closes_at_return = true;
  return names;
}

/// What sets all connections of a pool: "maximumPoolSize", "pool_size + max_overflow".
inline std::string total_name(const SizingOptions& names) {
  if (!names.overflow.empty()) return names.kept + " + " + names.overflow;
  return names.most.empty() ? names.kept : names.most;
}

/// What the user said; what is not set is assumed, and said so. Memory in MiB, times in seconds.
struct SizeInputs {
  std::string profile = "production";
  std::string kind;                     ///< of the pool; empty: none was named
  SizingOptions names = usual_names();  ///< that kind's: sizing_options
  std::int64_t instances = 1;
  std::int64_t processes = 1;           ///< of each instance
  std::int64_t pools = 1;               ///< of each process, all alike (one for each role, say)
  std::optional<std::int64_t> threads;  ///< requests a process works on at once
  std::int64_t connections_per_request = 1;
  std::optional<std::int64_t> cores, app_cores;      ///< of the database, of one instance
  std::optional<double> memory_mib, app_memory_mib;  ///< the same
  std::optional<std::int64_t> spindles;
  bool ssd = false;
  std::optional<std::int64_t> max_connections, reserved, other_clients;
  std::optional<double> work_mem_mib, shared_buffers_mib, hash_mem_multiplier;
  bool huge_pages = false;
  std::optional<double> connection_mib;   ///< what one more connection takes, as it was measured
  std::optional<double> connect_s;        ///< how long a connect took, as it was measured
  std::string from;                       ///< the report that these came from
  std::optional<double> surge, headroom;  ///< fractions
  std::optional<double> headroom_load;    ///< growth to size for; nullopt: the profile's
  std::optional<double> hold_s, sql_s;    ///< of a request: connection checked out, in the database
  std::optional<double> rate_per_s;       ///< of the whole fleet
  std::optional<double> deadline_s;
  std::optional<double> idle_limit_s;  ///< the shortest idle limit on the way to the server
  /// A setting to judge.
  std::optional<std::int64_t> pool_size, max_overflow;
  std::optional<double> pool_timeout_s, statement_timeout_s;
  /// PgBouncer between.
  bool pgbouncer = false;
  std::int64_t pgbouncer_processes = 1;
  std::int64_t pgbouncer_pairs = 1;       ///< (database, user) pairs
  std::string pool_mode = "transaction";  ///< "session": a client keeps its server connection
  /// Of each PgBouncer process; the two pool sizes of each pair. To judge.
  std::optional<std::int64_t> default_pool_size, reserve_pool_size, max_client_conn;
  /// A second server for reads, with pools of its own in each process.
  std::optional<std::int64_t> replica_pool_size, replica_max_overflow, replica_max_connections;
};

/// One place where connections are counted: the server, a replica, a pooler's clients.
struct Hop {
  std::string name;
  std::string arithmetic;  ///< "2 instances × 4 processes × (6 + 2) = 64"
  ConnectionBudget budget;
};

/// Why the requested setting (or, without one, any pool at all) cannot work.
struct SizeProblem {
  /// "server", "pooler_clients", "pooler_server", "replica", "memory" or "deadlock".
  std::string id;
  std::string text;  ///< one sentence with its arithmetic
  bool deadlocks() const { return id == "deadlock"; }
  /// "does not fit: ..." or "can deadlock: ...".
  std::string sentence() const {
    return (deadlocks() ? "can deadlock: " : "does not fit: ") + text;
  }
  /// The same as one of several warnings: what does not fit shows that itself.
  std::string warning() const { return deadlocks() ? sentence() : text; }
};

/// The setting to be judged.
struct JudgedSetting {
  std::int64_t pool_size = 0;
  std::int64_t max_overflow = 0;
  std::int64_t needed = 0;        ///< by the whole fleet
  std::int64_t available = 0;     ///< on the server, or as clients of the pooler
  std::int64_t largest_pool = 0;  ///< pool_size + max_overflow that fits, headroom kept
  std::int64_t largest_without_headroom = 0;
  std::string arithmetic;
  PoolForecast forecast;
  bool fits() const { return needed <= available; }
};

/// What a threshold of utilization means at the recommended size.
struct AlertLine {
  std::string name;
  double utilization = 0;
  double wait_probability = 0;
  std::string meaning;
};

/// Sizes in MiB.
struct MemoryBound {
  double shared_buffers = 0, backends = 0, work = 0, page_tables = 0, total = 0;
  std::optional<double> ram;
  /// The most connections of the fleet with which nine tenths of `ram` suffice; nullopt: unknown.
  std::optional<std::int64_t> connections;
  std::string arithmetic;
};

struct Sizing {
  SizeInputs inputs;
  std::vector<std::string> assumed;  ///< what was not said and is taken instead
  double growth = 0;                 ///< of the load, in every figure that says so
  double headroom = 0;               ///< share of the server's connections kept free
  bool asked = false;  ///< a setting was given; otherwise the problems are those of any pool
  /// Empty: the setting fits and cannot deadlock. The first one is the worst.
  std::vector<SizeProblem> problems;
  /// The recommended sizes fit and cannot deadlock; otherwise there are none to recommend.
  bool recommendable = true;
  Recommendation recommendation;
  std::optional<JudgedSetting> judged;
  std::vector<Hop> hops;
  std::vector<AlertLine> alerts;
  MemoryBound memory;
  std::vector<std::string> timeouts;  ///< the chain of timeouts, each with its reason
};

/// The names a profile may have, in the order of the documentation.
const std::vector<std::string>& size_profiles();

/// The ids of all snippets.
const std::vector<std::string>& snippet_names();

/// Pure and quick. The error: a budget in which nothing is left for the fleet.
Result<Sizing> size_pools(const SizeInputs& inputs);

/// What only the caller knows.
struct SizeFacts {
  std::string tool_version, command_line, started_at;
};
struct SizeScreen {
  std::string snippet = "sqlalchemy";  ///< an id, "all" or "none" (or empty)
  bool rules = false;                  ///< every rule of thumb whole, alerts and timeouts
  bool check = false;                  ///< the first screen, and only `snippet` and `rules` besides
};
/// "check passed: ..." or "does not fit: ..." or "can deadlock: ...": one line.
std::string check_line(const Sizing& sizing);
/// The first screen, at most 24 lines of 80 columns: the answer, its reason and the fit. Below it
/// the snippet and the rules of thumb as a table.
std::string to_terminal(const Sizing& sizing, const TerminalStyle& style, const SizeScreen& screen);
/// The answer and the fit once more, to stand below an answer that is longer than the screen.
std::string size_closing(const Sizing& sizing, const TerminalStyle& style);
std::string to_markdown(const Sizing& sizing);
/// scenarios/size.schema.json.
std::string to_json(const Sizing& sizing, const SizeFacts& facts);

}  // namespace poolgauge
