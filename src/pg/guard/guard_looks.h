// What a guard looks at: a URL, and the server's sessions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "guard/guard.h"
#include "guard/http_url.h"
#include "pg/session/control_connection.h"
#include "poolgauge/guard.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// The status of the answer; 0 where none came within `limit`, the connection failed or what
/// answered speaks no HTTP. The host is looked up on a thread of its own. Redirects are not
/// followed. For a thread that may wait: nothing of the measured path.
int http_status(const guard::HttpUrl& url, const StopFlag& stop, Duration limit);

/// The whole answer, with its body of at most 32 MiB. The error (kind target) says why there is
/// none: the host is unknown, nobody listens, no answer within `limit`, no HTTP. The rest is as
/// above.
Result<guard::HttpAnswer> http_get(const guard::HttpUrl& url, const StopFlag& stop, Duration limit);

// What guards look at on the server, on a connection of their own.

/// What this role can see at all.
struct GuardSight {
  bool others = false;     ///< what other users' sessions do
  bool standbys = false;   ///< at least one standby is connected, and its lag is visible
  std::int64_t slots = 0;  ///< connections of ordinary roles in all
};

/// Asks one question at a time, read-only, canceled by the server after 900 ms.
class GuardReader {
 public:
  /// `load_name`: what the application names of the load begin with, where the connection string
  /// gives none. `stop` ends a look that takes too long; it outlives the reader.
  static Result<GuardReader> open(const std::string& conninfo, const std::string& load_name,
                                  const StopFlag& stop);
  const GuardSight& sight() const { return sight_; }
  /// The gauges that the server shows; those that it does not show are absent.
  Result<GuardLook> look();
  /// Of the last look: for the mean time of others' transactions, without the load's own count.
  const guard::Traffic& traffic() const { return traffic_; }
  /// The first value of the first row; true is 1, NULL and no row are 0. The error quotes the
  /// server.
  Result<double> ask(const std::string& query);
  bool usable() const { return connection_.usable(); }

 private:
  explicit GuardReader(ControlConnection connection) : connection_(std::move(connection)) {}
  Status prepare(const std::string& load_name);

  ControlConnection connection_;
  GuardSight sight_;
  std::string look_;
  guard::Traffic traffic_;
};

}  // namespace poolgauge
