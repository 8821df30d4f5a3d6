// One login without blocking, and what its failure says.
#include "pg/target_state.h"

#include <poll.h>

#include <algorithm>
#include <memory>

#include <libpq-fe.h>

#include "base/shorten.h"
#include "pg/connect_failure.h"
#include "pg/conninfo.h"
#include "pg/epoll_time.h"

namespace poolgauge {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;

void ignore_notice(void*, const PGresult*) {}

/// False: no answer within the limit.
bool connected_or_refused(PGconn* connection, TimePoint until) {
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - monotonic_now()).count();
    if (left <= 0) return false;
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd entry{PQsocket(connection), events, 0};
    if (::poll(&entry, 1, static_cast<int>(left)) > 0) state = PQconnectPoll(connection);
  }
  return true;
}

bool is_gone(ConnectFailure failure) {
  return failure == ConnectFailure::unreachable || failure == ConnectFailure::starting_up;
}

}  // namespace

TargetState state_of_target(const std::string& conninfo, Duration limit) {
  const char* keywords[] = {"dbname", "fallback_application_name", nullptr};
  const char* values[] = {conninfo.c_str(), "poolgauge", nullptr};
  const Handle connection(PQconnectStartParams(keywords, values, 1));
  TargetState state;
  if (connection == nullptr) return state;
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  PQsetNoticeReceiver(connection.get(), ignore_notice, nullptr);
  const bool started = PQstatus(connection.get()) != CONNECTION_BAD;
  if (started && !connected_or_refused(connection.get(), monotonic_now() + limit)) {
    state.gone = true;
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
