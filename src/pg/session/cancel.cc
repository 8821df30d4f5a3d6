// A thread for each: they are rare, and one that hangs must not hold up the next.
#include "pg/session/cancel.h"

#include <array>

#include "pg/session/aside.h"

namespace poolgauge {

void cancel_elsewhere(PGcancel* statement) {
  if (statement == nullptr) return;
  const bool started = run_aside([statement] {
    std::array<char, 256> error{};
    PQcancel(statement, error.data(), static_cast<int>(error.size()));
    PQfreeCancel(statement);
  });
  if (!started) PQfreeCancel(statement);  // the connection's end must do
}

}  // namespace poolgauge
