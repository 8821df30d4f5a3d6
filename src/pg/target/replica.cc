// Compares positions in the write-ahead log.
#include "pg/target/target_info.h"

#include <fmt/core.h>

#include "pg/conninfo/conninfo.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr Duration kPatience = std::chrono::seconds(30);
constexpr int kReplicaTickMs = 20;

// A standby may itself be what others follow.
constexpr const char* kPosition =
    "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() "
    "ELSE pg_catalog.pg_current_wal_lsn() END";

std::string behind_query(const std::string& position) {
  return fmt::format(
      "SELECT greatest(pg_catalog.pg_wal_lsn_diff('{}', pg_catalog.pg_last_wal_replay_lsn()), 0)",
      position);
}

Error cannot_ask(const ControlReply& reply, const std::string& conninfo) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target,
               fmt::format("cannot read the replication position at {}\n  {}",
                           scrub(describe(conninfo), conninfo), reply.complaint.message),
               ""};
}

}  // namespace

Status check_is_replica(const TargetInfo& info, const std::string& conninfo) {
  if (info.in_recovery) return success();
  return Error{ErrorKind::target,
               fmt::format("{} is not a replica: pg_is_in_recovery() is false there",
                           scrub(describe(conninfo), conninfo)),
               "give a streaming standby with --replica-target, or set the pool's \"target\": "
               "\"primary\""};
}

Status wait_caught_up(const std::string& primary, const std::string& replica,
                      const StopFlag& stop) {
  Result<ControlConnection> ahead = ControlConnection::open(primary, stop);
  if (!ahead) return ahead.error();
  const ControlReply position = ask(ahead.value(), kPosition, 1, 1);
  if (!position.ok()) return cannot_ask(position, primary);
  Result<ControlConnection> follower = ControlConnection::open(replica, stop);
  if (!follower) return follower.error();
  const std::string query = behind_query(position.rows[0][0]);
  std::string behind;
  const TimePoint until = monotonic_now() + kPatience;
  while (monotonic_now() < until) {
    const ControlReply reply = ask(follower.value(), query, 1, 1);
    if (!reply.ok()) return cannot_ask(reply, replica);
    behind = reply.rows[0][0];
    if (behind == "0") return success();
    wait_ms(kReplicaTickMs);
    if (stop.requested()) return interrupted_error();
  }
  return Error{ErrorKind::target,
               fmt::format("the replica at {} is {} bytes of WAL behind the primary and did not "
                           "catch up within 30 s",
                           scrub(describe(replica), replica), behind.empty() ? "all" : behind),
               "check that it is a replica of this primary and that replication is running "
               "(pg_stat_replication)?"};
}

}  // namespace poolgauge
