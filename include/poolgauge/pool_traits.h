// What others need to know about a kind of pool: each kind states it in its own folder of
// src/policy, so nobody else has to compare names of kinds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "poolgauge/policies.h"

namespace poolgauge {

struct PoolTraits {
  /// Who may acquire a returned connection before the waiter that was woken for it: "thread" or
  /// "task"; empty: waiters are served in order.
  std::string overtaker;
  bool connects_each_time = false;  ///< it opens a connection at each checkout
  /// False: it has as many connections as clients, which is no limit of the pool.
  bool limits_connections = true;
  bool postgresql_only = false;      ///< its driver connects to PostgreSQL alone
  bool last_returned_first = false;  ///< the connection returned last is handed out first
  std::string
      driver_name;      ///< what its driver calls itself to the server; empty: nothing of its own
  std::string snippet;  ///< id of the configuration that it is recommended in
  /// Which library's metrics show this kind: the id of a form in src/observe/metrics_forms.cc.
  std::string metrics;
  std::string
      former_size_option;  ///< an older name of the option with its size, used instead of it
};

/// The defaults for a kind that is unknown.
const PoolTraits& pool_traits(std::string_view kind);

/// "minimumIdle 10": what keeps `connections` of one pool open.
std::string keep_open_option(std::string_view kind, std::int64_t connections);
/// The same as an instruction, given how the pool is configured.
std::string keep_open_cure(const PoolSpec& pool, std::int64_t connections);

/// Mean CPU times of what an application's event loop runs for a request, each until its next wait.
struct LoopCosts {
  Duration granted{0};     ///< has a connection, sends the first exchange
  Duration begun{0};       ///< BEGIN answered, sends a statement
  Duration stepped{0};     ///< a statement answered
  Duration committed{0};   ///< COMMIT answered, closing begins
  Duration reset{0};       ///< the reset on return answered, the connection is returned
  Duration refused{0};     ///< got no connection
  Duration timer{0};       ///< a timer has expired, continues
  Duration closing{0};     ///< the closing task
  Duration closed{0};      ///< the caller after it; acquires again if it loops
  Duration connecting{0};  ///< one step of setting up a connection
  Duration read{0};        ///< callback: bytes have arrived
  Duration callback{0};    ///< callback that passes something on; a look at the queue
};
/// All zero: the library has no event loop, or it is switched off.
LoopCosts loop_costs(const PoolSpec& pool);

}  // namespace poolgauge
