// Connecting without blocking the loop.
#include "pg/session/pg_backend.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/connect_failure.h"
#include "pg/session/pg_session.h"

namespace poolgauge {

namespace {

// Without a limit of the user's own, a server that does not answer would hold a place for ever.
constexpr Duration kConnectTimeout = std::chrono::seconds(60);

Duration connect_timeout_of(const std::string& conninfo) {
  std::string value;
  if (const char* environment = std::getenv("PGCONNECT_TIMEOUT")) value = environment;
  if (const auto options = parse_conninfo(conninfo)) {
    for (const ConninfoOption& option : *options) {
      if (option.name == "connect_timeout") value = option.value;
    }
  }
  const long seconds = std::strtol(value.c_str(), nullptr, 10);
  return seconds > 0 ? Duration(std::chrono::seconds(seconds)) : kConnectTimeout;
}

FailureClass class_of(const ConnectTrouble& trouble) {
  switch (trouble.failure) {
    case ConnectFailure::unreachable: return FailureClass::connection_refused;
    case ConnectFailure::backlog_full: return FailureClass::backlog_full;
    case ConnectFailure::tls: return FailureClass::tls;
    case ConnectFailure::pooler: return FailureClass::pooler_refused;
    case ConnectFailure::authentication:
    case ConnectFailure::missing_role:
    case ConnectFailure::not_permitted: return FailureClass::authentication;
    case ConnectFailure::full: return FailureClass::too_many_connections;
    case ConnectFailure::starting_up: return FailureClass::server_starting;
    case ConnectFailure::missing_database:
    case ConnectFailure::misconfigured:
    case ConnectFailure::refused: break;
  }
  return FailureClass::connect_error;
}

Connected failed(PGconn* connection, const std::string& conninfo) {
  Connected connected;
  const std::string message = connection != nullptr ? PQerrorMessage(connection) : "out of memory";
  const ConnectTrouble trouble = classify_connect_failure(message);
  connected.outcome.failure = class_of(trouble);
  std::copy_n(trouble.sqlstate.begin(), std::min<std::size_t>(trouble.sqlstate.size(), 5),
              connected.outcome.sqlstate.begin());
  connected.error = shortened(scrub(trouble.text, conninfo));
  return connected;
}

/// Which part of connecting the time belongs to that was spent while libpq said this.
Duration ConnectTimes::*part_of(ConnStatusType status) {
  switch (status) {
    case CONNECTION_SSL_STARTUP:
    case CONNECTION_GSS_STARTUP: return &ConnectTimes::tls;
    case CONNECTION_AWAITING_RESPONSE: return &ConnectTimes::authentication;
    case CONNECTION_AUTH_OK:
    case CONNECTION_SETENV:
    case CONNECTION_CHECK_WRITABLE:
    case CONNECTION_CONSUME:
    case CONNECTION_CHECK_TARGET:
    case CONNECTION_CHECK_STANDBY:
    case CONNECTION_OK: return &ConnectTimes::ready;
    case CONNECTION_NEEDED:
    case CONNECTION_STARTED:
    case CONNECTION_MADE:
    case CONNECTION_BAD: break;
  }
  return &ConnectTimes::tcp;
}

/// Where the server declined to encrypt, what that took belongs to the talk before the session.
void count_declined_encryption(ConnectTimes& times, PGconn* connection) {
  if (PQsslInUse(connection) != 0 || PQgssEncInUse(connection) != 0) return;
  times.authentication += std::exchange(times.tls, Duration{0});
}

/// Of somebody there, whatever it was.
bool is_answer(FailureClass failure) {
  return failure != FailureClass::connect_timeout && failure != FailureClass::stopped &&
         failure != FailureClass::deadline && failure != FailureClass::backlog_full;
}

// libpq would print them.
Connected gave_up(WakeReason why) {
  Connected connected;
  const bool timeout = why == WakeReason::deadline;
  connected.outcome.failure = timeout ? FailureClass::connect_timeout : FailureClass::stopped;
  if (timeout) connected.error = "the server did not answer in time";
  return connected;
}

}  // namespace

PgBackend::PgBackend(EpollTime& time, const Scenario& scenario, std::string conninfo,
                     std::string name, LiveCanceller& canceller, OutageLog& log,
                     const HostNames* names)
    : time_(time),
      conninfo_(std::move(conninfo)),
      name_(std::move(name)),
      connect_timeout_(connect_timeout_of(conninfo_)),
      canceller_(canceller),
      log_(log),
      silences_(time.now()),
      names_(names) {
  for (std::size_t i = 0; i < scenario.step_count(); ++i) {
    statement_names_.push_back("p" + std::to_string(i + 1));
  }
}

// A connect that its request or its pool cut short says nothing of the server: it may be slow to
// let somebody in and serve everybody else. Only the target's own connect_timeout does.
Task<Connected> PgBackend::connect(ConnId, Patience& patience) {
  const TimePoint silent = patience.loop().now() + connect_timeout_;
  silences_.asked(patience.loop().now());
  Connected connected = co_await try_to_connect(patience);
  const TimePoint now = patience.loop().now();
  is_answer(connected.outcome.failure) ? silences_.answered(now) : silences_.gave_up(now);
  if (connected.session != nullptr) {
    outages().succeeded(now);
  } else if (connected.outcome.failure != FailureClass::connect_timeout || now >= silent) {
    outages().connect_failed(now, connected.outcome.failure);
  }
  co_return connected;
}

Task<Connected> PgBackend::try_to_connect(Patience& patience) {
  ConnectTimes times;
  TimePoint booked = time_.now();
  const auto places = names_ != nullptr ? names_->places() : nullptr;
  ConnectionHandle connection(
      start_connect(conninfo_, places ? *places : ConnectPlaces{}, name_.c_str()));
  if (connection == nullptr || PQstatus(connection.get()) == CONNECTION_BAD) {
    co_return failed(connection.get(), conninfo_);
  }
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);  // carries the SQLSTATE
  PQsetNoticeReceiver(connection.get(), ignore_notice, nullptr);
  const TimePoint until = patience.loop().now() + connect_timeout_;
  patience.set_deadline(std::min(patience.deadline(), until));
  Watch watch;
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
    // libpq may have moved on to another socket, even to one of the same number.
    time_.forget(watch);
    const auto interest =
        next == PGRES_POLLING_WRITING ? EpollTime::Interest::read_write : EpollTime::Interest::read;
    time_.watch(watch, PQsocket(connection.get()), interest);
    Wait wait(patience.loop());
    watch.set_waiter(&wait);
    const WakeReason why = co_await patience.on_statement(wait);
    watch.set_waiter(nullptr);
    if (why != WakeReason::done) {
      time_.forget(watch);
      co_return gave_up(why);
    }
    Duration ConnectTimes::*part = part_of(PQstatus(connection.get()));
    next = PQconnectPoll(connection.get());
    const TimePoint polled = time_.now();
    times.*part += polled - booked;
    booked = polled;
  }
  time_.forget(watch);
  if (next != PGRES_POLLING_OK) co_return failed(connection.get(), conninfo_);
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  PQsetnonblocking(connection.get(), 1);
  count_declined_encryption(times, connection.get());
  Connected connected;
  connected.times = times;
  connected.session = std::make_unique<PgSession>(*this, std::move(connection));
  co_return connected;
}

}  // namespace poolgauge
