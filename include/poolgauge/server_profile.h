// What the modeled server costs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "poolgauge/time.h"

namespace poolgauge {

class Backend;
struct Scenario;

/// What the modeled server costs. Work is CPU time, shared equally by all statements that
/// run while there are more of them than cores; delays pass without using a core.
struct ServerProfile {
  unsigned cores = 2;
  Duration round_trip = std::chrono::microseconds(40);  ///< delay of every exchange
  Duration begin_work = std::chrono::microseconds(15);
  Duration commit_work = std::chrono::microseconds(60);
  Duration begin_delay{0};   ///< of a BEGIN in addition to the round trip
  Duration commit_delay{0};  ///< of a commit: mostly the disk's
  Duration statement_work =
      std::chrono::microseconds(100);  ///< mean, exponential; a literal
                                       ///< pg_sleep(x) in the text is a delay of x
  /// Of every statement without a cost of its own, always so long; nullopt: statement_work.
  std::optional<Duration> statement_cost;
  /// The client's own CPU time for each modeled exchange, where client and server share the
  /// cores, as with the embedded server.
  Duration client_work{0};
  Duration connect_delay = std::chrono::microseconds(500);
  Duration connect_work = std::chrono::microseconds(2000);
  /// How far a standby is behind its primary. Its reads see what was committed so long before, and
  /// take no longer for it; commits wait for it with synchronous_commit = remote_apply.
  Duration replica_lag{0};
  std::int64_t max_connections = 0;  ///< 0: no limit
  /// Slots of these that only superusers get: superuser_reserved_connections, and from PostgreSQL
  /// 16 reserved_connections.
  std::int64_t reserved_connections = 0;
  /// CONNECTION LIMIT of a role or of the database; binds pools that log in as a role of theirs.
  struct Limit {
    std::string name;
    std::int64_t most = -1;  ///< -1: none
  };
  std::vector<Limit> roles;
  Limit database;
  /// A pooler's own CPU time for passing one exchange on: it is one thread.
  Duration pooler_work = std::chrono::microseconds(25);
  Duration pooler_login_work = std::chrono::microseconds(60);
  Duration pooler_delay = std::chrono::microseconds(20);  ///< of its hop, each exchange
  /// Per step (flattened order): mean time in place of statement_work and of pg_sleep; 0: not
  /// known.
  std::vector<Duration> step_work;
  /// Per step, where step_work says something: what passes besides without a core; may be shorter.
  std::vector<Duration> step_delay;

  /// A whole request's exchanges as TransactionSample has them: BEGIN, steps, COMMIT; each as long
  /// as it would take alone, round trip included. 0: it has none.
  struct Transaction {
    std::uint32_t request = 0;
    std::vector<Duration> alone;
  };
  /// Measured ones, drawn again for each request of the run in place of all of the above but the
  /// connects; empty: unknown.
  std::vector<Transaction> transactions;
  Duration ping_alone{0}, reset_alone{0};  ///< used with transactions; 0: unknown
  /// Of each measured exchange, in addition to its time: passes without slowing others down. Below
  /// zero it shortens them.
  Duration exchange_delay{0};
  /// How fast each exchange advances while n of them are in progress, compared with one alone: by n
  /// - 1. More than listed share what the last ones have together. Empty: min(1, cores / n).
  std::vector<double> speed;
  /// What stands in front of the server, such as the locks of a SQLite database; empty: nothing.
  std::function<std::unique_ptr<Backend>(Backend& server, const Scenario& scenario)> in_front;
};

}  // namespace poolgauge
