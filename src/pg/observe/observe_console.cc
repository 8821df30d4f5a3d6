// Tables of the console by their columns' names, which differ between versions.
#include "pg/observe/observe_read.h"

#include <cstdlib>
#include <optional>

#include "pg/session/ask.h"

namespace poolgauge {
namespace {

constexpr double kMicrosecond = 1e-6;
constexpr const char* kOwnDatabase = "pgbouncer";  // the console itself

/// Cells of one row by their columns' names.
class ConsoleRow {
 public:
  ConsoleRow(const ControlReply& reply, std::size_t row) : reply_(reply), row_(row) {}
  std::string text(const char* column) const { return field_of(reply_, reply_.rows[row_], column); }
  double number(const char* column) const { return std::strtod(text(column).c_str(), nullptr); }
  bool has(const char* column) const { return !text(column).empty(); }

 private:
  const ControlReply& reply_;
  std::size_t row_;
};

Error console_error(const ControlReply& reply) {
  return {ErrorKind::target,
          "PgBouncer's console: " +
              (reply.complaint.message.empty() ? "no answer" : reply.complaint.message),
          "list the user in stats_users or admin_users of pgbouncer.ini"};
}

}  // namespace

Result<ObserveConsole> ObserveConsole::open(const std::string& conninfo, const StopFlag& stop,
                                            std::optional<Duration> connect) {
  ControlLimits limits;
  limits.connect = connect;
  limits.answer = limits.whole.emplace(std::chrono::seconds(3));
  Result<ControlConnection> opened = ControlConnection::open(conninfo, stop, limits);
  if (!opened.ok()) {
    Error error = opened.error();
    error.message = "--pgbouncer: " + error.message;
    return error;
  }
  if (!is_pooler_console(opened.value())) {
    return Error{ErrorKind::usage, "--pgbouncer names a database, not PgBouncer's console",
                 "its database is named pgbouncer"};
  }
  ObserveConsole console(std::move(opened).value());
  const ControlReply pools = console.show("POOLS");
  if (!pools.ok()) return console_error(pools);
  return console;
}

Result<ObservePoolerLook> ObserveConsole::look(double t_s, bool stats) {
  ObservePoolerLook look;
  look.t_s = t_s;
  const ControlReply pools = show("POOLS");
  if (!pools.ok()) return console_error(pools);
  for (std::size_t i = 0; i < pools.rows.size(); ++i) {
    const ConsoleRow row(pools, i);
    if (row.text("database") == kOwnDatabase) continue;
    look.pools.push_back({row.text("database"), row.text("user"), row.text("pool_mode"),
                          row.number("cl_waiting"), row.number("sv_active"), row.number("sv_idle"),
                          row.number("maxwait") + row.number("maxwait_us") * kMicrosecond});
  }
  if (stats) {
    const ControlReply totals = show("STATS");
    if (!totals.ok()) return console_error(totals);
    for (std::size_t i = 0; i < totals.rows.size(); ++i) {
      const ConsoleRow row(totals, i);
      if (row.text("database") == kOwnDatabase) continue;
      ObserveStatsRow one{row.text("database"),
                          row.number("total_xact_count"),
                          row.number("total_wait_time") * kMicrosecond,
                          row.number("total_xact_time") * kMicrosecond,
                          {}};
      if (row.has("total_server_assignment_count")) {
        one.assignments = row.number("total_server_assignment_count");
      }
      look.stats.push_back(std::move(one));
    }
  }
  if (knows_sizes_) return look;
  const ControlReply version = show("VERSION");
  if (version.ok() && !version.rows.empty()) look.version = version.rows[0][0];
  const ControlReply databases = show("DATABASES");
  if (!databases.ok()) return look;
  knows_sizes_ = true;
  for (std::size_t i = 0; i < databases.rows.size(); ++i) {
    const ConsoleRow row(databases, i);
    if (!row.has("pool_size") || row.text("name") == kOwnDatabase) continue;
    look.pool_sizes.emplace_back(row.text("name"),
                                 static_cast<std::int64_t>(row.number("pool_size")));
  }
  return look;
}

}  // namespace poolgauge
