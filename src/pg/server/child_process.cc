// fork, become the other user, exec; report a failure of any of these through a pipe.
#include "pg/server/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "pg/session/epoll_time.h"

namespace poolgauge {
namespace {

constexpr int kEndTickMs = 5;
constexpr int kHurriedMs = 500;

/// What the child says when it cannot become what it should.
struct StartFailure {
  int stage = 0;  ///< index into kStages
  int error = 0;
};
constexpr std::array<const char*, 4> kStages = {"switch to the user", "change to its directory",
                                                "monitor its parent process", "run the program"};

void reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void redirect(int output_fd) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, 0);
  ::dup2(output_fd >= 0 ? output_fd : null, 1);
  ::dup2(output_fd >= 0 ? output_fd : null, 2);
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
}

bool become(const ChildOptions& options) {
  if (!options.user) return true;
  const gid_t gid = options.user->gid;
  return ::setgroups(1, &gid) == 0 && ::setgid(gid) == 0 && ::setuid(options.user->uid) == 0;
}

/// Runs in the child: only calls that are safe after fork. Returns the stage that failed.
int become_program(const ChildOptions& options, char** arguments, pid_t parent) {
  ::setsid();
  reset_signals();
  redirect(options.output_fd);
  ::umask(077);
  if (!become(options)) return 0;
  if (::chdir(options.directory.c_str()) != 0) return 1;
  // Changing the user clears the death signal, so it comes after; the parent may be gone already.
  if (options.death_signal != 0 && ::prctl(PR_SET_PDEATHSIG, options.death_signal) != 0) return 2;
  if (::getppid() != parent) ::_exit(1);
  ::execv(arguments[0], arguments);
  return 3;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const ChildOptions& options) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return Error{ErrorKind::internal, fmt::format("cannot open a pipe: {}", std::strerror(errno)),
                 ""};
  }
  std::vector<std::string> arguments = options.arguments;
  const std::vector<char*> argv = pointers(arguments);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    StartFailure failure;
    failure.stage = become_program(options, const_cast<char**>(argv.data()), parent);
    failure.error = errno;
    const ssize_t written = ::write(pipe[1], &failure, sizeof failure);
    ::_exit(written > 0 ? 126 : 127);
  }
  const int fork_error = errno;
  ::close(pipe[1]);
  StartFailure failure;
  ssize_t got = 0;
  if (pid > 0) {
    do {
      got = ::read(pipe[0], &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
  }
  ::close(pipe[0]);
  if (pid < 0) {
    return Error{ErrorKind::target,
                 fmt::format("cannot start {}: {}", arguments[0], std::strerror(fork_error)), ""};
  }
  ChildProcess child(pid);
  if (got <= 0) return child;
  child.stop({});
  return Error{ErrorKind::target,
               fmt::format("cannot start {}: it could not {}{}: {}", arguments[0],
                           kStages.at(static_cast<std::size_t>(failure.stage)),
                           options.user ? fmt::format(" (as {})", options.user->name) : "",
                           std::strerror(failure.error)),
               ""};
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), wait_status_(other.wait_status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    stop({});
    pid_ = std::exchange(other.pid_, -1);
    wait_status_ = other.wait_status_;
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  stop({});
}

bool ChildProcess::running() {
  if (pid_ < 0) return false;
  int status = 0;
  const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
  if (reaped == 0 || (reaped < 0 && errno == EINTR)) return true;
  // Where SIGCHLD is ignored there is no status to collect: ECHILD means it has ended.
  wait_status_ = reaped == pid_ ? status : 0;
  pid_ = -1;
  return false;
}

bool ChildProcess::wait_ended(int bound_ms, const StopFlag* hurry) {
  for (int waited = 0; running(); waited += kEndTickMs) {
    const unsigned asked = hurry != nullptr ? hurry->requests() : 0;
    const bool hurried = asked > 2 || (asked == 2 && waited >= kHurriedMs);
    if (waited >= bound_ms || hurried) return false;
    wait_ms(kEndTickMs);
  }
  return true;
}

void ChildProcess::stop(const std::vector<Plea>& pleas, const StopFlag* hurry) {
  if (!running()) return;
  ::kill(-pid_, SIGCONT);
  ::kill(pid_, SIGCONT);
  for (const Plea& plea : pleas) {
    ::kill(pid_, plea.signal);
    if (wait_ended(plea.wait_ms, hurry)) return;
  }
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // it may not have reached its own group yet
  wait_ended(10'000);
}

}  // namespace poolgauge
