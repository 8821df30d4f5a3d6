// Check I4 of doctor's list, asked before a load.
#include "pg/target/existing_objects.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "doctor/checks.h"
#include "pg/session/ask.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

// A vanished client's statement runs on until its result cannot be sent, unless the server looks
// (14 and later, on systems that can); a vanished host is noticed by keep-alives.
constexpr const char* kKeepAlives =
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";
constexpr const char* kCheck = " -c client_connection_check_interval=5s";

// Sessions of other parts of this run: waiting, and before they have joined.
constexpr const char* kOfParts =
    "(usename = current_user AND (application_name = 'poolgauge' OR application_name LIKE "
    "'poolgauge-%'))";

std::string sql_of(std::string_view id) {
  return std::string(doctor::find_query(id)->sql);
}

std::string others_query(bool in_parts) {
  return in_parts ? fmt::format("{} AND NOT {}", sql_of("I4"), kOfParts) : sql_of("I4");
}

bool has_parts(ControlConnection& connection) {
  const ControlReply reply =
      ask(connection,
          fmt::format("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE {} AND pid <> "
                      "pg_catalog.pg_backend_pid()",
                      kOfParts),
          1, 1);
  return !reply.ok() || reply.rows[0][0] != "0";
}

double count_in(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

std::optional<double> transactions(ControlConnection& connection) {
  const ControlReply reply = ask(connection, sql_of("I4b"), 1, 1);
  if (!reply.ok()) return std::nullopt;
  return count_in(reply.rows[0][0]);
}

/// Our own questions are among them: one before, one after.
double foreign_rate(ControlConnection& connection, const StopFlag& stop) {
  constexpr double kOwn = 2;
  const TimePoint began = monotonic_now();
  const std::optional<double> before = transactions(connection);
  if (!before || !rest_until(monotonic_now() + std::chrono::seconds(1), stop)) return 0;
  const std::optional<double> after = transactions(connection);
  const double passed_s = to_s(monotonic_now() - began);
  if (!after || *after < *before || passed_s <= 0) return 0;
  return std::max(0.0, *after - *before - kOwn) / passed_s;
}

std::string words_of(const char* text) {
  return text != nullptr ? text : "";
}

void take_names(PGconn* raw, OtherUsers& seen) {
  seen.host = words_of(PQhost(raw));
  seen.database = words_of(PQdb(raw));
  seen.options = words_of(PQoptions(raw));
}

}  // namespace

Result<OtherUsers> look_for_others(const std::string& conninfo, bool through_pooler,
                                   const StopFlag& stop, bool in_parts) {
  const std::string query = others_query(in_parts);
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop);
  if (!opened) return opened.error();
  ControlConnection& connection = opened.value();
  OtherUsers seen;
  take_names(connection.raw(), seen);
  const ControlReply others = ask(connection, query, 4, 1);
  if (others.ending == ControlReply::Ending::interrupted) return interrupted_error();
  if (others.ending == ControlReply::Ending::lost) {
    return Error{ErrorKind::target,
                 fmt::format("the server {} while its other users were counted\n  {}",
                             others.silent ? "did not answer" : "ended the connection",
                             others.complaint.message),
                 ""};
  }
  if (!others.ok()) return seen;
  const std::vector<std::string>& row = others.rows[0];
  seen.others = static_cast<std::int64_t>(count_in(row[0]));
  seen.busy_others = static_cast<std::int64_t>(count_in(row[1]));
  seen.sessions = static_cast<std::int64_t>(count_in(row[2]));
  seen.sees_all = row[3] == "t";
  const bool apart = !in_parts || !has_parts(connection);
  if (seen.sessions > 0 && apart) seen.foreign_per_s = foreign_rate(connection, stop);
  // Who has left meanwhile reported its last transactions while leaving.
  const ControlReply later = ask(connection, query, 4, 1);
  if (later.ok() && count_in(later.rows[0][2]) <= 0) seen.foreign_per_s = 0;
  if (stop.requested()) return interrupted_error();
  if (through_pooler) return seen;
  seen.leave_nothing = kKeepAlives;
  const ControlReply checks = connection.run("SET client_connection_check_interval = '5s'");
  if (checks.ok()) seen.leave_nothing += kCheck;
  return seen;
}

}  // namespace poolgauge
