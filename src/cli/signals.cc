// Signal handlers: all they do is count in the stop flag.
#include "cli/signals.h"

#include <atomic>
#include <csignal>

namespace poolgauge::cli {

namespace {

std::atomic<StopFlag*> flag_of_handler{nullptr};
static_assert(std::atomic<StopFlag*>::is_always_lock_free, "used in a signal handler");

extern "C" void request_stop(int /*signal*/) {
  if (StopFlag* flag = flag_of_handler.load(std::memory_order_relaxed)) flag->request();
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
  install(SIGPIPE, SIG_IGN);
}

}  // namespace poolgauge::cli
