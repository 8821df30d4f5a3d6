// Signal handlers: all they do is count in the stop flag.
#include "cli/shell/signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "poolgauge/exit_status.h"

namespace poolgauge::cli {

namespace {

std::atomic<StopFlag*> flag_of_handler{nullptr};
static_assert(std::atomic<StopFlag*>::is_always_lock_free, "used in a signal handler");

std::atomic<bool> status_wanted{false};
std::atomic<bool> paused{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

constexpr unsigned kLastRequest = 3;
constexpr unsigned kLastPatience_s = 3;  // for the report, and for ending our own servers

extern "C" void request_stop(int /*signal*/) {
  StopFlag* flag = flag_of_handler.load(std::memory_order_relaxed);
  if (flag == nullptr) return;
  flag->request();
  if (flag->requests() == kLastRequest) ::alarm(kLastPatience_s);
}

// Whatever it is that does not end: a report was written before the teardown, whole files only, and
// the next start removes a server that is left.
extern "C" void leave(int /*signal*/) {
  ::_exit(kExitInterrupted);
}

extern "C" void want_status(int /*signal*/) {
  status_wanted.store(true, std::memory_order_relaxed);
}

extern "C" void pause_or_resume(int /*signal*/) {
  paused.store(!paused.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

void install(int signal_number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  // Reads and writes go on; poll and epoll_wait return early whatever is set here.
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, nullptr);
}

bool is_ignored(int signal_number) {
  struct sigaction current {};
  return sigaction(signal_number, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

}  // namespace

void stop_on_signals(StopFlag& stop) {
  flag_of_handler.store(&stop);
  install(SIGINT, request_stop);
  install(SIGTERM, request_stop);
  if (!is_ignored(SIGHUP)) install(SIGHUP, request_stop);
  install(SIGALRM, leave);
  install(SIGUSR1, want_status);
  install(SIGUSR2, pause_or_resume);
  install(SIGPIPE, SIG_IGN);
}

bool take_status_request() {
  return status_wanted.exchange(false, std::memory_order_relaxed);
}

const std::atomic<bool>& pause_request() {
  return paused;
}

}  // namespace poolgauge::cli
