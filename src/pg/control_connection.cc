// libpq's asynchronous calls with poll, so that a stop request is never kept waiting.
#include "pg/control_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/core.h>

#include "base/shorten.h"
#include "pg/connect_failure.h"
#include "pg/conninfo.h"

namespace poolgauge {
namespace {

constexpr int kTickMs = 20;
constexpr int kConnectTimeoutMs = 10'000;
constexpr int kCancelPatienceMs = 5'000;  ///< how long a cancelled statement may take to end

void ignore_notice(void*, const PGresult*) {}

/// True when a tick passed (or a signal came) with nothing to do on the socket.
bool tick(int socket, short events) {
  pollfd entry{socket, events, 0};
  return ::poll(&entry, 1, kTickMs) <= 0;
}

/// The user's connect_timeout (s), for each of the hosts that will be tried.
int connect_patience_ms(PGconn* connection) {
  PQconninfoOption* options = PQconninfo(connection);
  int each_ms = kConnectTimeoutMs;
  int hosts = 1;
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr;
       ++option) {
    const std::string_view value = option->val != nullptr ? option->val : "";
    if (std::string_view(option->keyword) == "connect_timeout" && !value.empty()) {
      const long seconds = std::strtol(option->val, nullptr, 10);
      if (seconds > 0) each_ms = static_cast<int>(std::clamp(seconds, 2L, 3600L)) * 1000;
    }
    if (std::string_view(option->keyword) == "host") {
      hosts += static_cast<int>(std::count(value.begin(), value.end(), ','));
    }
  }
  PQconninfoFree(options);
  return each_ms * std::min(hosts, 16);
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

std::string first_line(const std::string& text) {
  return shortened(text.substr(0, text.find('\n')));
}

}  // namespace

Error interrupted_error() {
  return Error{ErrorKind::interrupted, "interrupted", ""};
}

Result<ControlConnection> ControlConnection::open(const std::string& conninfo,
                                                  const StopFlag& stop) {
  if (!parse_conninfo(conninfo)) {
    return Error{ErrorKind::usage, "cannot read the connection string",
                 "write keywords (host=... port=... dbname=..., values with spaces in single "
                 "quotes) or a URI (postgresql://user@host:port/database, special characters "
                 "percent-encoded)"};
  }
  const std::array<const char*, 3> keywords = {"dbname", "fallback_application_name", nullptr};
  const std::array<const char*, 3> values = {conninfo.c_str(), "poolgauge", nullptr};
  Handle connection(PQconnectStartParams(keywords.data(), values.data(), 1));
  if (!connection) return Error{ErrorKind::internal, "out of memory", ""};
  const Status connected = wait_connected(connection.get(), conninfo, stop);
  if (!connected) return connected.error();
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  return ControlConnection(std::move(connection), conninfo, stop);
}

Status ControlConnection::wait_connected(PGconn* connection, const std::string& conninfo,
                                         const StopFlag& stop) {
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(connection, ignore_notice, nullptr);
  const int patience_ms = connect_patience_ms(connection);
  int waited_ms = 0;
  PostgresPollingStatusType state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (stop.requested()) return interrupted_error();
    if (state == PGRES_POLLING_FAILED || waited_ms >= patience_ms) break;
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (tick(PQsocket(connection), events)) {
      waited_ms += kTickMs;
    } else {
      state = PQconnectPoll(connection);
    }
  }
  if (state == PGRES_POLLING_OK) return success();
  ConnectTrouble trouble;
  if (state == PGRES_POLLING_FAILED) {
    trouble = classify_connect_failure(PQerrorMessage(connection));
  } else {
    trouble.failure = ConnectFailure::unreachable;
    trouble.text = fmt::format("no answer within {} s", patience_ms / 1000);
  }
  trouble.text = shortened(scrub(trouble.text, conninfo));
  return connect_error(trouble, scrub(describe(conninfo), conninfo));
}

ControlReply ControlConnection::run(const std::string& sql) {
  if (PQsendQuery(raw(), sql.c_str()) == 0) return lost();
  return collect();
}

ControlReply ControlConnection::prepare(const std::string& sql) {
  if (PQsendPrepare(raw(), "", sql.c_str(), 0, nullptr) == 0) return lost();
  return collect();
}

ControlReply ControlConnection::lost() const {
  ControlReply reply;
  reply.ending = ControlReply::Ending::lost;
  reply.complaint.message = first_line(scrub(PQerrorMessage(raw()), conninfo_));
  return reply;
}

ControlReply ControlConnection::collect() {
  ControlReply reply;
  bool cancelled = false;
  while (true) {
    if (!wait_for_result(cancelled)) {
      reply = lost();
      break;
    }
    PGresult* result = PQgetResult(raw());
    if (result == nullptr) break;
    take(result, reply);
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status == PGRES_COPY_IN) PQputCopyEnd(raw(), "the statement came without its data");
    // Rows to standard output have no place to go: give the connection up.
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) break;
  }
  if (cancelled) {
    reply.ending = ControlReply::Ending::interrupted;
  } else if (!reply.ok() && PQstatus(raw()) == CONNECTION_BAD) {
    reply.ending = ControlReply::Ending::lost;
  }
  return reply;
}

/// False when a cancelled statement did not end in time.
bool ControlConnection::wait_for_result(bool& cancelled) {
  int waited_ms = 0;
  while (PQisBusy(raw()) != 0) {
    if (stop_->requested() && !cancelled) {
      cancelled = true;
      std::array<char, 256> error{};
      if (PGcancel* cancel = PQgetCancel(raw())) {
        PQcancel(cancel, error.data(), static_cast<int>(error.size()));
        PQfreeCancel(cancel);
      }
    }
    if (tick(PQsocket(raw()), POLLIN)) {
      if (cancelled) waited_ms += kTickMs;
      if (waited_ms >= kCancelPatienceMs) return false;
    } else if (PQconsumeInput(raw()) == 0) {
      return true;  // the next PQgetResult has the reason, without waiting
    }
  }
  return true;
}

void ControlConnection::take(const PGresult* result, ControlReply& reply) const {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK) {
    reply.columns.clear();
    for (int column = 0; column < PQnfields(result); ++column) {
      reply.columns.emplace_back(PQfname(result, column));
    }
    reply.rows.assign(static_cast<std::size_t>(PQntuples(result)), {});
    for (int row = 0; row < PQntuples(result); ++row) {
      for (int column = 0; column < PQnfields(result); ++column) {
        reply.rows[static_cast<std::size_t>(row)].emplace_back(PQgetvalue(result, row, column));
      }
    }
    return;
  }
  if (status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY || !reply.ok()) return;
  reply.ending = ControlReply::Ending::failed;
  ServerComplaint& complaint = reply.complaint;
  if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
    complaint.message = "COPY from or to the client is not supported here";
    return;
  }
  complaint.sqlstate = field(result, PG_DIAG_SQLSTATE);
  complaint.message = shortened(scrub(field(result, PG_DIAG_MESSAGE_PRIMARY), conninfo_));
  complaint.detail = shortened(scrub(field(result, PG_DIAG_MESSAGE_DETAIL), conninfo_));
  complaint.hint = shortened(scrub(field(result, PG_DIAG_MESSAGE_HINT), conninfo_));
  const std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
  complaint.position = std::strtoul(position.c_str(), nullptr, 10);
  if (complaint.message.empty()) {
    complaint.message = first_line(scrub(PQresultErrorMessage(result), conninfo_));
  }
}

}  // namespace poolgauge
