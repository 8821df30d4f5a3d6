// A few short transactions on two connections.
#include "pg/target/pool_places.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "pg/session/ask.h"
#include "pg/session/control_connection.h"

namespace poolgauge {
namespace {

constexpr int kRounds = 8;
constexpr const char* kWhoServes = "SELECT pg_catalog.pg_backend_pid()";
const ControlLimits kSignsPatience{{}, std::chrono::seconds(3), false, std::chrono::seconds(3)};

/// Empty: no answer.
std::string server_of(ControlConnection& client) {
  const ControlReply reply = ask(client, kWhoServes, 1, 1);
  return reply.ok() ? reply.rows[0][0] : std::string();
}

/// Sets the mode as far as `transaction`; a pooler that has no second server connection to give
/// while the first client has nothing to do keeps it for that one.
void watch_servers(ControlConnection& one, ControlConnection& other, PoolerSigns& signs) {
  const std::string first = server_of(one);
  const std::string second = server_of(other);
  if (first.empty()) return;
  if (second.empty()) {
    if (server_of(one) != first) return;
    signs.pool_mode = "session";
    signs.mode_seen = true;
    return;
  }
  signs.mode_seen = true;
  for (int round = 0; round < kRounds; ++round) {
    if (first == second || server_of(one) != first || server_of(other) != second) return;
  }
  signs.pool_mode = "session";
}

/// PgBouncer's "transaction blocks not allowed in statement pooling mode", with which it hangs up.
bool refuses_transactions(const ControlReply& begin) {
  return !begin.ok() && begin.complaint.message.find("statement pooling") != std::string::npos;
}

/// Within a transaction: it has one and the same server connection.
bool renames(ControlConnection& client) {
  const std::string name = fmt::format("poolgauge_sign_{}", ::getpid());
  if (!client.prepare("SELECT 1", name).ok()) return false;
  const ControlReply seen = ask(
      client, "SELECT count(*) FROM pg_catalog.pg_prepared_statements WHERE name = '" + name + "'",
      1, 1);
  if (!seen.ok()) return false;
  if (seen.rows[0][0] == "0") return true;
  client.run("DEALLOCATE " + name);
  return false;
}

}  // namespace

Result<PoolerSigns> read_pooler_signs(const std::string& conninfo, const StopFlag& stop) {
  Result<ControlConnection> one = ControlConnection::open(conninfo, stop, kSignsPatience);
  if (!one) return one.error();
  PoolerSigns signs;
  {
    Result<ControlConnection> other = ControlConnection::open(conninfo, stop, kSignsPatience);
    if (other) watch_servers(one.value(), other.value(), signs);
  }
  if (stop.requested()) return interrupted_error();
  if (signs.pool_mode == "session") return signs;
  const ControlReply begin = one.value().run("BEGIN");
  if (refuses_transactions(begin)) signs.pool_mode = "statement";
  if (!begin.ok()) return signs;
  signs.renames_prepared = renames(one.value());
  one.value().run("ROLLBACK");
  return signs;
}

}  // namespace poolgauge
