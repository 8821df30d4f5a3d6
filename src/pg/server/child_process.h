// A child process of our own: started in its own session, ended with us, always reaped.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "pg/server/leftovers.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

struct ChildOptions {
  std::vector<std::string> arguments;  ///< [0] is the program's absolute path
  std::string directory;               ///< where it runs
  std::optional<UserIds> user;         ///< the user it runs as
  int output_fd = -1;                  ///< its standard output and error
  int death_signal = 0;  ///< sent to it when the thread that starts it ends: start it from a thread
                         ///< that outlives it
};

/// One running or ended child. Its own session keeps the terminal's Ctrl-C away from it; our end,
/// even by SIGKILL, reaches it as the death signal. No signal dispositions, masks or descriptors
/// of ours are inherited.
class ChildProcess {
 public:
  static Result<ChildProcess> start(const ChildOptions& options);
  ChildProcess() = default;
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Kills it if it still runs.
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  /// False once it has ended (or never started).
  bool running();
  /// After it ended: exited with status 0.
  bool succeeded() const { return wait_status_ == 0; }
  /// Continues it if it was stopped (SIGSTOP), then sends the signals in turn, each followed by
  /// its bounded wait, until it has ended; the last resort is SIGKILL to its whole process group.
  /// After a second request of `hurry` no wait is longer than half a second.
  struct Plea {
    int signal;
    int wait_ms;
  };
  void stop(const std::vector<Plea>& pleas, const StopFlag* hurry = nullptr);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  bool wait_ended(int wait_ms, const StopFlag* hurry = nullptr);
  pid_t pid_ = -1;
  int wait_status_ = 0;
};

}  // namespace poolgauge
