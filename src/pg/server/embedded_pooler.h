// A throwaway PgBouncer in front of the embedded server, in the server's own directory.
#pragma once

#include <string>

#include "pg/server/child_process.h"
#include "pg/server/embedded_server.h"
#include "pg/target/pooler_console.h"
#include "poolgauge/policies.h"

namespace poolgauge {

/// Its pgbouncer.ini: Unix socket in `directory` only, without authentication (the
/// directory is closed to others), and of the options those that were set: what was not has the
/// default of the PgBouncer that runs.
std::string pooler_settings(const PoolSpec& spec, const std::string& directory);

/// A running PgBouncer; ends with this object, before the server. Its files are removed with the
/// server's directory, also by the sweep after a tool that was killed. The kernel ends it with the
/// thread that started it.
class EmbeddedPooler {
 public:
  /// Finds the program, starts it and makes sure that it serves.
  static Result<EmbeddedPooler> start(const PoolSpec& spec, const EmbeddedServer& server,
                                      const BinarySearch& search, const StopFlag& stop);
  EmbeddedPooler(EmbeddedPooler&& other) noexcept;
  EmbeddedPooler& operator=(EmbeddedPooler&& other) = delete;
  EmbeddedPooler(const EmbeddedPooler&) = delete;
  EmbeddedPooler& operator=(const EmbeddedPooler&) = delete;
  ~EmbeddedPooler();

  /// To the server's database, through the pooler.
  std::string conninfo() const;
  std::string console() const { return console_of(conninfo()); }
  const PoolerInfo& info() const { return info_; }
  pid_t pid() const { return process_.pid(); }
  bool running() { return process_.running(); }
  /// Also a frozen one. After a second request of `hurry` no wait is longer than half a second.
  void stop(const StopFlag* hurry = nullptr);

 private:
  EmbeddedPooler() = default;
  Status write_files(const PoolSpec& spec, const EmbeddedServer& server);
  Status run(const std::string& program, const EmbeddedServer& server);
  Status wait_ready(const std::string& program, const StopFlag& stop);
  Status look_inside(const StopFlag& stop);
  Error refuses(const std::string& what) const;

  std::string directory_;
  int log_fd_ = -1;
  PoolerInfo info_;
  ChildProcess process_;
};

/// Database and user of the embedded server, by which its pooler counts.
inline constexpr const char* kEmbeddedDatabase = "postgres";

}  // namespace poolgauge
