// libpq's asynchronous calls with poll, so that a stop request is never kept waiting.
#include "pg/session/control_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/core.h>

#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/connect_failure.h"
#include "pg/session/epoll_time.h"
#include "pg/session/host_names.h"
#include "pg/session/live_canceller.h"

namespace poolgauge {
namespace {

constexpr int kTickMs = 20;
constexpr int kConnectTimeout_s = 10;
constexpr Duration kCancelPatience = std::chrono::seconds(3);  // for a cancelled statement's end
constexpr int kWholeExchange = 6;  // silences that one may take that drips in

/// True when a tick passed (or a signal came) with nothing to do on the socket.
bool tick(int socket, short events) {
  pollfd entry{socket, events, 0};
  return ::poll(&entry, 1, kTickMs) <= 0;
}

/// The user's connect_timeout (s), for each of the hosts that will be tried.
Duration connect_patience(const std::string& conninfo) {
  long each_s = kConnectTimeout_s;
  long hosts = 1;
  for (const ConninfoOption& option : effective_options(conninfo)) {
    if (option.name == "connect_timeout") {
      const long seconds = std::strtol(option.value.c_str(), nullptr, 10);
      if (seconds > 0) each_s = std::clamp(seconds, 2L, 3600L);
    }
    if (option.name == "host") {
      hosts += std::count(option.value.begin(), option.value.end(), ',');
    }
  }
  return std::chrono::seconds(each_s * std::min(hosts, 16L));
}

/// In the string, its service, or PGDATABASE.
bool names_database(const std::string& conninfo) {
  const auto own = parse_conninfo(conninfo).value_or(std::vector<ConninfoOption>{});
  for (const ConninfoOption& option : own) {
    if (option.name == "dbname" && !option.value.empty()) return true;
  }
  if (std::getenv("PGDATABASE") != nullptr) return true;
  std::string database;
  std::string user;
  for (const ConninfoOption& option : effective_options(conninfo)) {
    if (option.name == "dbname") database = option.value;
    if (option.name == "user") user = option.value;
  }
  return database != user;
}

Error cannot_connect(ConnectTrouble trouble, const std::string& conninfo) {
  trouble.text = shortened(scrub(trouble.text, conninfo));
  Error error = connect_error(trouble, scrub(describe(conninfo), conninfo));
  if (trouble.failure == ConnectFailure::missing_database && !names_database(conninfo)) {
    error.hint =
        "the connection string has no database, so libpq used the name of the role; " + error.hint;
  }
  return error;
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

Result<ControlConnection> ControlConnection::open(const std::string& conninfo, const StopFlag& stop,
                                                  const ControlLimits& limits, bool* silent) {
  if (!parse_conninfo(conninfo)) {
    return Error{
        ErrorKind::usage, "cannot read the connection string",
        "use keywords (host=... port=... dbname=..., values with spaces in single quotes) or a URI "
        "(postgresql://user@host:port/database, special characters percent-encoded)"};
  }
  const Duration patience = limits.connect.value_or(connect_patience(conninfo));
  const TimePoint until = monotonic_now() + patience;
  HostNames names(conninfo);
  ConnectTrouble trouble;
  switch (names.look_up(stop, until, trouble)) {
    case HostNames::Found::yes: break;
    case HostNames::Found::no: return cannot_connect(trouble, conninfo);
    case HostNames::Found::interrupted: return interrupted_error();
  }
  ConnectionHandle connection(start_connect(conninfo, *names.places(), "poolgauge"));
  if (!connection) return Error{ErrorKind::internal, "out of memory", ""};
  switch (wait_connected(connection.get(), stop, until)) {
    case Waited::answered: break;
    case Waited::interrupted: return interrupted_error();
    case Waited::silent:
      trouble.failure = ConnectFailure::unreachable;
      trouble.text = fmt::format("no answer within {:g} s", to_s(patience));
      if (silent != nullptr) *silent = true;
      return cannot_connect(trouble, conninfo);
  }
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    trouble = classify_connect_failure(PQerrorMessage(connection.get()));
    // A local socket whose line of connects is full refuses at once: nobody there has answered.
    if (silent != nullptr) *silent = trouble.failure == ConnectFailure::backlog_full;
    return cannot_connect(trouble, conninfo);
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  PQsetnonblocking(connection.get(), 1);
  return ControlConnection(std::move(connection), conninfo, stop, limits);
}

/// Answered: it stands, or failed.
ControlConnection::Waited ControlConnection::wait_connected(PGconn* connection,
                                                            const StopFlag& stop, TimePoint until) {
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(connection, ignore_notice, nullptr);
  PostgresPollingStatusType state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    if (stop.requested()) return Waited::interrupted;
    if (monotonic_now() >= until) return Waited::silent;
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!tick(PQsocket(connection), events)) state = PQconnectPoll(connection);
  }
  return Waited::answered;
}

ControlReply ControlConnection::run(const std::string& sql) {
  if (!given_up_.empty() || PQsendQuery(raw(), sql.c_str()) == 0) return lost();
  return collect();
}

ControlReply ControlConnection::prepare(const std::string& sql, const std::string& name) {
  const bool sent =
      given_up_.empty() && PQsendPrepare(raw(), name.c_str(), sql.c_str(), 0, nullptr) != 0;
  return sent ? collect() : lost();
}

ControlReply ControlConnection::lost() const {
  ControlReply reply;
  reply.ending = ControlReply::Ending::lost;
  reply.complaint.message = given_up_;
  if (given_up_.empty()) {
    reply.complaint.message = first_line(scrub(PQerrorMessage(raw()), conninfo_));
  }
  return reply;
}

ControlReply ControlConnection::collect() {
  ControlReply reply;
  Exchange exchange;
  exchange.began = exchange.heard = monotonic_now();
  while (true) {
    const Waited waited = wait_for_result(exchange);
    if (waited != Waited::answered) {
      given_up_ = waited == Waited::interrupted ? "interrupted" : silence_text(exchange);
      reply = lost();
      reply.silent = waited == Waited::silent;
      if (reply.silent) cancel();
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
  if (exchange.overdue && reply.ending == ControlReply::Ending::failed) {
    reply.complaint.message = silence_text(exchange) + ", and was canceled";
  }
  if (exchange.cancelled && !exchange.overdue) {
    reply.ending = ControlReply::Ending::interrupted;
  } else if (!reply.ok() && PQstatus(raw()) == CONNECTION_BAD) {
    reply.ending = ControlReply::Ending::lost;
  }
  return reply;
}

std::string ControlConnection::silence_text(const Exchange& exchange) const {
  if (takes_too_long(exchange))
    return fmt::format("did not finish within {:g} s", to_s(*limits_.whole));
  return fmt::format("no answer within {:g} s{}", to_s(limits_.answer),
                     limits_.long_statements ? ", and no answer to a new connection" : "");
}

bool ControlConnection::takes_too_long(const Exchange& exchange) const {
  return limits_.whole && monotonic_now() - exchange.began >= *limits_.whole;
}

ControlConnection::Waited ControlConnection::wait_for_result(Exchange& exchange) {
  int unsent = PQflush(raw());
  while (unsent > 0 || PQisBusy(raw()) != 0) {
    if (const auto given_up = gives_up(exchange)) return *given_up;
    if (tick(PQsocket(raw()), unsent > 0 ? POLLIN | POLLOUT : POLLIN)) continue;
    exchange.heard = monotonic_now();
    // After a failure the next PQgetResult has the reason, without waiting.
    if (PQconsumeInput(raw()) == 0) break;
    if (unsent > 0) unsent = PQflush(raw());
  }
  return Waited::answered;
}

/// Nothing while there is reason to wait.
std::optional<ControlConnection::Waited> ControlConnection::gives_up(Exchange& exchange) {
  const TimePoint now = monotonic_now();
  if (stop_->requested() && !exchange.cancelled) {
    exchange.cancelled = now;
    cancel();
  }
  if (takes_too_long(exchange) && !exchange.cancelled) {
    exchange.cancelled = now;
    exchange.overdue = true;
    cancel();
  }
  if (exchange.cancelled) {
    const bool ended = stop_->requests() > 1 || now - *exchange.cancelled >= kCancelPatience;
    if (!ended) return std::nullopt;
    return exchange.overdue ? Waited::silent : Waited::interrupted;
  }
  const bool quiet = now - exchange.heard >= limits_.answer;
  if (limits_.long_statements) {
    if (!quiet) return std::nullopt;
    if (!server_answers(conninfo_, *stop_, limits_.pulse)) return Waited::silent;
    exchange.heard = monotonic_now();
    return std::nullopt;
  }
  const bool drips = now - exchange.began >= kWholeExchange * limits_.answer;
  return quiet || drips ? std::optional(Waited::silent) : std::nullopt;
}

void ControlConnection::cancel() const {
  cancel_elsewhere(PQgetCancel(raw()));
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

bool is_pooler_console(const ControlConnection& connection) {
  const char* const version = PQparameterStatus(connection.raw(), "server_version");
  return version != nullptr && std::string_view(version).ends_with("/bouncer");
}

bool rest_until(TimePoint until, const StopFlag& stop) {
  while (!stop.requested()) {
    const double left_ms = to_ms(until - monotonic_now());
    if (left_ms <= 0) return true;
    wait_ms(static_cast<int>(std::clamp(left_ms, 1.0, static_cast<double>(kTickMs))));
  }
  return false;
}

bool server_answers(const std::string& conninfo, const StopFlag& stop, Duration limit) {
  const TimePoint until = monotonic_now() + limit;
  ControlLimits limits;
  limits.connect = limits.answer = limit;
  while (!stop.requested()) {
    bool silent = false;
    Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, limits, &silent);
    if (opened) return !opened.value().run("SELECT 1").silent;
    if (!silent) return true;
    if (monotonic_now() >= until) return false;
    tick(-1, 0);
  }
  return true;
}

}  // namespace poolgauge
