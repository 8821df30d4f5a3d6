// One connection for what is done before and after the load: it waits, but a stop request ends it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// What the server (or libpq) said about a statement that failed; passwords removed.
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
  ServerComplaint complaint;                   ///< for failed and lost
  std::vector<std::string> columns;            ///< names, of the last result with rows
  std::vector<std::vector<std::string>> rows;  ///< of the last result; NULL is an empty text
  bool ok() const { return ending == Ending::done; }
};

/// Not for the measured path: one statement at a time, the caller waits. Every wait looks at the
/// stop flag each 20 ms. The flag must outlive the connection.
class ControlConnection {
 public:
  /// `connect_timeout` is 10 s unless the string or PGCONNECT_TIMEOUT says otherwise. `conninfo`
  /// may be a bare database name, as with psql.
  static Result<ControlConnection> open(const std::string& conninfo, const StopFlag& stop);

  /// Runs one statement (simple protocol). A stop request cancels it on the server.
  ControlReply run(const std::string& sql);
  /// Parses `sql` as the unnamed prepared statement: nothing is executed.
  ControlReply prepare(const std::string& sql);

  PGconn* raw() const { return connection_.get(); }
  const std::string& conninfo() const { return conninfo_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  using Handle = std::unique_ptr<PGconn, Finish>;
  ControlConnection(Handle connection, std::string conninfo, const StopFlag& stop)
      : connection_(std::move(connection)), conninfo_(std::move(conninfo)), stop_(&stop) {}
  static Status wait_connected(PGconn* connection, const std::string& conninfo,
                               const StopFlag& stop);
  ControlReply collect();
  bool wait_for_result(bool& cancelled);
  void take(const PGresult* result, ControlReply& reply) const;
  ControlReply lost() const;

  Handle connection_;
  std::string conninfo_;
  const StopFlag* stop_;
};

/// The Error for a stop request.
Error interrupted_error();

}  // namespace poolgauge
