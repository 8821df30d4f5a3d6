// One question for each name.
#include "pg/target/existing_objects.h"

#include <cstdlib>
#include <string_view>

#include "doctor/checks.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"

namespace poolgauge {
namespace {

ControlReply ask_about(ControlConnection& connection, std::string_view id, const std::string& name,
                       std::size_t columns) {
  const std::string sql = doctor::with_name(doctor::find_query(id)->sql, quoted_literal(name));
  return ask(connection, sql, columns);
}

Error lost_error(const ControlReply& reply) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target, "the scenario's tables were not seen: " + reply.complaint.message,
               ""};
}

bool is_gone(const ControlReply& reply) {
  return reply.ending == ControlReply::Ending::interrupted ||
         reply.ending == ControlReply::Ending::lost;
}

}  // namespace

Result<TablesFound> look_at_tables(const std::string& conninfo, const TablesWanted& wanted,
                                   const StopFlag& stop) {
  TablesFound found;
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop);
  if (!opened) return opened.error();
  ControlConnection& connection = opened.value();
  if (wanted.gently) {
    connection.run(
        "SET default_transaction_read_only = on; SET statement_timeout = '3s'; "
        "SET lock_timeout = '200ms'");
  }
  for (const std::string& name : wanted.named) {
    const ControlReply reply = ask_about(connection, "I5", name, 4);
    if (is_gone(reply)) return lost_error(reply);
    if (!reply.ok() || reply.rows.empty()) continue;
    const std::vector<std::string>& row = reply.rows[0];
    found.tables.push_back({row[0], std::strtod(row[1].c_str(), nullptr),
                            std::strtod(row[2].c_str(), nullptr), row[3] == "t"});
  }
  for (const std::string& name : wanted.truncated) {
    const ControlReply reply = ask_about(connection, "I2", name, 1);
    if (is_gone(reply)) return lost_error(reply);
    if (!reply.ok() || reply.rows.empty() || reply.rows[0][0] != "f") continue;
    found.forbidden.push_back({"TRUNCATE", "permission denied for table " + name});
  }
  if (!wanted.temporary) return found;
  const ControlReply reply = ask_about(connection, "I2b", "", 1);
  if (is_gone(reply)) return lost_error(reply);
  if (reply.ok() && !reply.rows.empty() && reply.rows[0][0] == "f") {
    found.forbidden.push_back({"CREATE TEMPORARY TABLE", "permission denied for this database"});
  }
  return found;
}

}  // namespace poolgauge
