// Four statements.
#include "pg/target/part_session.h"

#include <cstdlib>

#include <fmt/format.h>

#include "pg/session/ask.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {

namespace {

/// Of our locks among all advisory ones: "pogg".
constexpr std::int32_t kLockClass = 0x706f6767;
constexpr int kReadings = 15;

constexpr const char* kNeedNotMeet = "use --start-at, with which the parts need not meet";

constexpr const char* kClock =
    "SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint";

// Who has a lock is seen by everybody, and so is a session's application name.
constexpr const char* kNames = R"sql(
SELECT a.application_name, l.pid = pg_catalog.pg_backend_pid()
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {} AND l.objsubid = 2
  AND l.database = (SELECT oid FROM pg_catalog.pg_database
                    WHERE datname = pg_catalog.current_database())
ORDER BY 2 DESC, 1
)sql";

}  // namespace

Error PartSession::failed(const ControlReply& reply, const std::string& doing) const {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{
      ErrorKind::target,
      fmt::format("the parts of the run could not meet: the server {} {}: {}",
                  reply.ending == ControlReply::Ending::failed ? "refused to" : "did not answer to",
                  doing, reply.complaint.message),
      kNeedNotMeet};
}

Result<PartSession> PartSession::open(const std::string& conninfo, const StopFlag& stop) {
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop);
  if (!opened) return opened.error();
  PartSession session(std::move(opened).value());
  // It is idle while others set up; servers before 14 have no such limit.
  session.connection_.run("SET idle_session_timeout = 0");
  return session;
}

Result<bool> PartSession::take(std::uint32_t number) {
  const ControlReply reply =
      ask(connection_,
          fmt::format("SELECT pg_catalog.pg_try_advisory_lock({}, {})", kLockClass, number), 1, 1);
  if (!reply.ok()) return failed(reply, "give an advisory lock");
  return reply.rows[0][0] == "t";
}

Status PartSession::show(const std::string& name) {
  const ControlReply reply = connection_.run("SET application_name = " + quoted_literal(name));
  if (!reply.ok()) return failed(reply, "take an application name");
  return success();
}

Result<std::vector<std::string>> PartSession::names() {
  const ControlReply reply = ask(connection_, fmt::format(kNames, kLockClass), 2);
  if (!reply.ok()) return failed(reply, "show its advisory locks");
  if (reply.rows.empty() || reply.rows[0][1] != "t") {
    return Error{ErrorKind::target,
                 "the parts of the run could not meet: their sessions do not keep advisory locks, "
                 "as behind a pooler in transaction mode",
                 kNeedNotMeet};
  }
  std::vector<std::string> names;
  for (const std::vector<std::string>& row : reply.rows) names.push_back(row[0]);
  return names;
}

Result<ClockReading> PartSession::clock() {
  ClockReading best;
  best.error = Duration::max();
  for (int i = 0; i < kReadings; ++i) {
    const TimePoint asked = monotonic_now();
    const std::int64_t local_us = time_of_day_us();
    const ControlReply reply = ask(connection_, kClock, 1, 1);
    const Duration half = (monotonic_now() - asked) / 2;
    if (!reply.ok()) return failed(reply, "tell its clock");
    if (half >= best.error) continue;
    best.server_us = std::strtoll(reply.rows[0][0].c_str(), nullptr, 10);
    best.local_us = local_us + half / std::chrono::microseconds(1);
    best.monotonic = asked + half;
    best.error = half;
  }
  return best;
}

}  // namespace poolgauge
