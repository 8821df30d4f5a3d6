// A throwaway PostgreSQL from the installed binaries: Unix socket only, temporary directory.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "pg/server/child_process.h"
#include "pg/server/leftovers.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

struct EmbeddedOptions {
  /// Server settings, given on its command line; they override our defaults. Listen address and
  /// authentication cannot be overridden: such settings are an error.
  std::vector<std::pair<std::string, std::string>> settings;
  std::string base_directory;  ///< where its directory is made; empty: $TMPDIR or /tmp
  BinarySearch search = BinarySearch::from_environment();
};

/// A running server and its directory BASE/poolgauge-XXXXXX; both end with this object. As root the
/// server runs as an unprivileged user. PostgreSQL's own defaults hold (fsync is on: commits cost
/// what they cost); only what `settings` says differs. Start it from a thread that outlives it: the
/// kernel ends the server with that thread, so that even SIGKILL leaves no process behind.
class EmbeddedServer {
 public:
  /// Cleans up after dead owners, makes the directory, starts, waits until it answers.
  static Result<EmbeddedServer> start(const EmbeddedOptions& options, const StopFlag& stop);
  /// A streaming replica of a running one, in a directory of its own: copied by pg_basebackup,
  /// started with the same settings, answering queries. End it before its primary, which would
  /// wait for it.
  static Result<EmbeddedServer> start_replica(const EmbeddedServer& primary,
                                              const EmbeddedOptions& options, const StopFlag& stop);
  EmbeddedServer(EmbeddedServer&& other) noexcept;
  EmbeddedServer& operator=(EmbeddedServer&& other) noexcept;
  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;
  ~EmbeddedServer();

  /// Ends the server within about 12 s at the very most (usually at once; within about 1 s once
  /// `hurry` was asked twice), also a frozen one, and removes the directory. Again: does nothing.
  /// The error names what could not be removed.
  Status stop(const StopFlag* hurry = nullptr);

  /// libpq keywords of a superuser connection to database postgres.
  std::string conninfo() const;
  const std::string& directory() const { return directory_; }
  /// Whom it runs as; nullopt: as we do. Owns the directory.
  const std::optional<UserIds>& user() const { return user_; }
  pid_t pid() const { return server_.pid(); }
  bool running() { return server_.running(); }
  /// The last lines of the server's log.
  std::string log_tail(std::size_t lines) const;

 private:
  EmbeddedServer() = default;
  Status make_directory(const std::string& base);
  Status hand_over(const std::optional<UserIds>& user);
  /// Makes the data directory: of a new server, or as a copy of the primary's.
  static Result<EmbeddedServer> launch(const EmbeddedServer* primary,
                                       const EmbeddedOptions& options, const StopFlag& stop);
  Status run_initdb(const PostgresBinaries& binaries, const StopFlag& stop);
  Status copy_from(const EmbeddedServer& primary, const PostgresBinaries& binaries,
                   const StopFlag& stop);
  Status run_to_end(const std::vector<std::string>& command, const StopFlag& stop);
  Status start_server(const PostgresBinaries& binaries, const EmbeddedOptions& options);
  Status wait_ready(const StopFlag& stop);
  Error early_end() const;
  void end_processes(const StopFlag* hurry);

  std::string directory_;  ///< empty: nothing to remove
  int log_fd_ = -1;
  std::optional<UserIds> user_;
  ChildProcess server_;
};

}  // namespace poolgauge
