// One blocking connection for work before and after the load; a stop request ends its waits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "pg/session/connect_failure.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// How long a ControlConnection waits for its server; whatever the limits, a stop request ends it.
struct ControlLimits {
  /// For the whole connect; nullopt: `connect_timeout` of the string or PGCONNECT_TIMEOUT for each
  /// host, 10 s where neither is set.
  std::optional<Duration> connect;
  /// Silence during an exchange; one exchange as a whole may take six times as long.
  Duration answer = std::chrono::seconds(10);
  /// Statements may last as long as they need, if after each such silence the server answers a new
  /// connection within `pulse`.
  bool long_statements = false;
  Duration pulse = std::chrono::seconds(3);
  /// For one exchange as a whole, however alive the server is; it is canceled then. Stands in for
  /// statement_timeout where a session of the server is not ours to change.
  std::optional<Duration> whole = {};
};

/// The server's (or libpq's) error for a failed statement; passwords removed.
struct ServerComplaint {
  std::string sqlstate;  ///< empty when it came from libpq
  std::string message;
  std::string detail;
  std::string hint;
  std::size_t position = 0;  ///< 1-based, in characters of the statement; 0: none
};

struct ControlReply {
  enum class Ending : std::uint8_t { done, failed, lost, interrupted };
  Ending ending = Ending::done;
  bool silent = false;                         ///< for lost: no answer came within the limits
  ServerComplaint complaint;                   ///< for failed and lost
  std::vector<std::string> columns;            ///< names, of the last result with rows
  std::vector<std::vector<std::string>> rows;  ///< of the last result; NULL is an empty text
  bool ok() const { return ending == Ending::done; }
};

/// Not for the measured path: one statement at a time, the caller waits. Every wait has a limit and
/// looks at the stop flag each 20 ms. The flag must outlive the connection.
class ControlConnection {
 public:
  /// `conninfo` may be a bare database name, as with psql. `silent`, where given, is set to whether
  /// it failed because there was no answer.
  static Result<ControlConnection> open(const std::string& conninfo, const StopFlag& stop,
                                        const ControlLimits& limits = {}, bool* silent = nullptr);

  /// Runs one statement (simple protocol). A stop request cancels it on the server; a second one
  /// does not wait for what happens to that. After an exchange that did not end all others are
  /// lost.
  ControlReply run(const std::string& sql);
  /// Parses `sql` as a prepared statement of that name, or the unnamed one: nothing is executed.
  ControlReply prepare(const std::string& sql, const std::string& name = "");

  /// False once it was lost, or an exchange on it did not end.
  bool usable() const { return given_up_.empty() && PQstatus(raw()) == CONNECTION_OK; }
  PGconn* raw() const { return connection_.get(); }
  const std::string& conninfo() const { return conninfo_; }

 private:
  /// The exchange in progress, and how long it has been waited for.
  struct Exchange {
    TimePoint began{}, heard{};
    std::optional<TimePoint> cancelled;
    bool overdue = false;  // that is why it was canceled
  };
  enum class Waited : std::uint8_t { answered, interrupted, silent };
  ControlConnection(ConnectionHandle connection, std::string conninfo, const StopFlag& stop,
                    const ControlLimits& limits)
      : connection_(std::move(connection)),
        conninfo_(std::move(conninfo)),
        stop_(&stop),
        limits_(limits) {}
  static Waited wait_connected(PGconn* connection, const StopFlag& stop, TimePoint until);
  ControlReply collect();
  Waited wait_for_result(Exchange& exchange);
  std::optional<Waited> gives_up(Exchange& exchange);
  bool takes_too_long(const Exchange& exchange) const;
  std::string silence_text(const Exchange& exchange) const;
  void take(const PGresult* result, ControlReply& reply) const;
  ControlReply lost() const;
  void cancel() const;

  ConnectionHandle connection_;
  std::string conninfo_;
  const StopFlag* stop_;
  ControlLimits limits_;
  std::string given_up_;  // why, once an exchange did not end
};

/// Whether the connection is to PgBouncer's console, or to a server.
bool is_pooler_console(const ControlConnection& connection);

/// Whether the server, or the pooler before it, gives a new connection any answer within the
/// limit: also a refusal is one. True when `stop` ended the attempt: then it is unknown.
bool server_answers(const std::string& conninfo, const StopFlag& stop, Duration limit);

/// Waits between two looks at a server. False once a stop was requested.
bool rest_until(TimePoint until, const StopFlag& stop);

/// The Error for a stop request.
Error interrupted_error();

}  // namespace poolgauge
