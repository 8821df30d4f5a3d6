// One short conversation.
#include "pg/doctor/doctor_read.h"

#include <cstdlib>

#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr Duration kHealthLimit = std::chrono::seconds(3);

/// Behind a pooler nothing may be set for the session, so the limit is ours alone.
void count_sessions(ControlConnection& connection, const std::string& application,
                    doctor::HealthFacts& facts) {
  const ControlReply reply =
      ask(connection,
          "SELECT count(*), count(*) FILTER (WHERE state <> 'idle'), "
          "count(*) FILTER (WHERE state IS NULL) FROM pg_catalog.pg_stat_activity "
          "WHERE datid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid() "
          "AND application_name = " +
              quoted_literal(application),
          3, 1);
  if (!reply.ok()) return;
  const auto count = [&reply](std::size_t column) {
    return std::strtoll(reply.rows[0][column].c_str(), nullptr, 10);
  };
  facts.sessions = count(0);
  facts.busy = count(1);
  facts.sees_states = count(2) == 0;
}

}  // namespace

Result<doctor::HealthFacts> look_at_health(const std::string& conninfo,
                                           const std::string& application, const StopFlag& stop) {
  doctor::HealthFacts facts;
  facts.address = scrub(describe(conninfo), conninfo);
  const TimePoint began = monotonic_now();
  const ControlLimits limits{kHealthLimit, kHealthLimit, false, kHealthLimit};
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, limits);
  if (stop.requested()) return interrupted_error();
  if (!opened) {
    facts.trouble = shortened(opened.error().message);
    return facts;
  }
  ControlConnection& connection = opened.value();
  facts.connect_ms = to_ms(monotonic_now() - began);
  const TimePoint asked = monotonic_now();
  const ControlReply reply = connection.run("");
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  if (!reply.ok()) {
    facts.trouble = shortened(reply.complaint.message);
    return facts;
  }
  facts.round_trip_ms = to_ms(monotonic_now() - asked);
  facts.connected = true;
  const char* const database = PQdb(connection.raw());
  if (database != nullptr) facts.database = database;
  const char* const version = PQparameterStatus(connection.raw(), "server_version");
  const std::string text = version != nullptr ? version : "";
  facts.server_version = shortened(text.substr(0, text.find(' ')));
  if (!application.empty()) count_sessions(connection, application, facts);
  return facts;
}

}  // namespace poolgauge
