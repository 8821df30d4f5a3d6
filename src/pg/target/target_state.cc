// One login without blocking, and what its failure says.
#include "pg/target/target_info.h"

#include <poll.h>

#include <algorithm>
#include <memory>

#include <libpq-fe.h>

#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/connect_failure.h"
#include "pg/session/epoll_time.h"
#include "pg/session/host_names.h"

namespace poolgauge {
namespace {

/// False: no answer until then, or nobody waits for it any more.
bool connected_or_refused(PGconn* connection, const StopFlag& stop, TimePoint until) {
  constexpr int kTickMs = 50;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
    if (stop.requested() || monotonic_now() >= until) return false;
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd entry{PQsocket(connection), events, 0};
    if (::poll(&entry, 1, kTickMs) > 0) state = PQconnectPoll(connection);
  }
  return true;
}

bool is_gone(ConnectFailure failure) {
  return failure == ConnectFailure::unreachable || failure == ConnectFailure::starting_up;
}

}  // namespace

TargetState state_of_target(const std::string& conninfo, const StopFlag& stop, Duration limit) {
  const TimePoint until = monotonic_now() + limit;
  TargetState state;
  HostNames names(conninfo);
  ConnectTrouble unknown;
  const HostNames::Found found = names.look_up(stop, until, unknown);
  state.gone = found == HostNames::Found::no;
  if (found != HostNames::Found::yes) return state;
  const ConnectionHandle connection(start_connect(conninfo, *names.places(), "poolgauge"));
  if (connection == nullptr) return state;
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  PQsetNoticeReceiver(connection.get(), ignore_notice, nullptr);
  const bool started = PQstatus(connection.get()) != CONNECTION_BAD;
  if (started && !connected_or_refused(connection.get(), stop, until)) {
    state.gone = !stop.requested();
    return state;
  }
  if (PQstatus(connection.get()) == CONNECTION_OK) return state;
  const ConnectTrouble trouble = classify_connect_failure(PQerrorMessage(connection.get()));
  state.gone = is_gone(trouble.failure);
  if (state.gone) return state;
  state.refusal = scrub(trouble.text.substr(0, trouble.text.find('\n')), conninfo);
  state.refusal = shortened(state.refusal);
  if (!trouble.sqlstate.empty()) state.refusal += " (SQLSTATE " + trouble.sqlstate + ")";
  return state;
}

}  // namespace poolgauge
