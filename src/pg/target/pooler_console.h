// PgBouncer's admin console: what it is and what its counters say.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pg/session/control_connection.h"
#include "poolgauge/measurement.h"
#include "poolgauge/result.h"

namespace poolgauge {

/// What SHOW VERSION, SHOW CONFIG and SHOW DATABASES tell of one database.
struct PoolerInfo {
  std::string kind = "pgbouncer";  ///< or unknown
  std::string version;             ///< "1.18.0"
  std::string pool_mode;
  std::int64_t pool_size = 0;  ///< 0: no limit, or unknown
  std::int64_t reserve_pool_size = 0;
  std::int64_t max_client_conn = 0;  ///< 0: unknown
  std::int64_t clients = 0;          ///< connected at this moment, our own not counted
  std::int64_t max_prepared_statements = 0;
  bool renames_prepared = false;  ///< seen in use: it keeps the clients' statements apart
  std::vector<std::pair<std::string, std::string>> config;
  /// Whether it keeps track of the clients' prepared statements.
  bool tracks_prepared() const { return max_prepared_statements > 0 || renames_prepared; }
  /// Whether a client keeps its server connection from one transaction to the next.
  bool keeps_sessions() const { return pool_mode == "session"; }
};

/// The sums of SHOW STATS since PgBouncer started; times in microseconds.
struct PoolerTotals {
  std::uint64_t transactions = 0, queries = 0;
  std::uint64_t wait_us = 0, transaction_us = 0, query_us = 0;
};

class PoolerConsole {
 public:
  /// `conninfo`: of the console. `stop` must outlive it.
  static Result<PoolerConsole> open(const std::string& conninfo, const StopFlag& stop);

  Result<PoolerInfo> info(const std::string& database);
  /// SHOW POOLS, summed over the pools of one database; t_s is left alone.
  Result<PoolerSample> pools(const std::string& database);
  Result<PoolerTotals> totals(const std::string& database);

 private:
  explicit PoolerConsole(ControlConnection connection) : connection_(std::move(connection)) {}
  ControlReply show(const char* what) { return connection_.run(std::string("SHOW ") + what); }
  ControlConnection connection_;
};

/// A line of SHOW CONFIG as a report may have it: without what may hold a password.
std::string shown_setting(const std::string& name, const std::string& value);

/// The console's connection string: the same pooler, database pgbouncer.
std::string console_of(const std::string& conninfo);

}  // namespace poolgauge
