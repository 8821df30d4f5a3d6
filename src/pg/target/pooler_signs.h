// Detecting a pooler in front of the server by the behavior of connections through it.
#pragma once

#include <string>

#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// What was seen of a pooler without asking it.
struct PoolerSigns {
  /// When a client releases its server connection: session, transaction, or statement.
  std::string pool_mode = "transaction";
  /// False: unknown; transaction mode is then assumed, since what suits it does no harm in session
  /// mode.
  bool mode_seen = false;
  /// It renames the statements that its clients prepare, so that they cannot meet another's.
  bool renames_prepared = false;
};

/// Asks two connections in turn which server process serves them: one that both get, or that
/// changes, is handed from client to client. Then, in a transaction that is rolled back, whether a
/// prepared statement comes to the server under its own name. Nothing is left behind there. The
/// error is that of the first connect (kind target or interrupted).
Result<PoolerSigns> read_pooler_signs(const std::string& conninfo, const StopFlag& stop);

}  // namespace poolgauge
