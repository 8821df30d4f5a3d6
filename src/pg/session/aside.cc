// A detached thread.
#include "pg/session/live_canceller.h"

#include <system_error>
#include <thread>
#include <utility>

namespace poolgauge {

bool run_aside(std::function<void()> work) {
  try {
    std::thread(std::move(work)).detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace poolgauge
