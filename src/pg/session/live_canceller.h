// Canceling statements, and calls that may never return, away from the measuring threads.
#pragma once

#include <libpq-fe.h>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// Takes the handle over; nullptr is ignored. PQcancel connects and waits for the other side
/// without any limit (docs/decisions/0009), so it runs on a thread that is left to itself.
void cancel_elsewhere(PGcancel* statement);

// Canceling statements that nobody waits for any more, away from the measuring threads.

/// PQcancel opens a connection of its own and waits for it without any limit, so it runs on a
/// thread of its own, which is left behind when it does not come to an end. Used only where a
/// deadline or the end of the run cuts a statement off.
class LiveCanceller {
 public:
  /// `limit`: how long the end waits for one cancellation; 0.3 s after a second request of `hurry`.
  explicit LiveCanceller(Duration limit = std::chrono::seconds(1), const StopFlag* hurry = nullptr);
  /// Sends what is left, as long as the server answers.
  ~LiveCanceller();
  LiveCanceller(const LiveCanceller&) = delete;
  LiveCanceller& operator=(const LiveCanceller&) = delete;

  /// Takes the handle over; nullptr is ignored. From any thread.
  void cancel(PGcancel* statement);

 private:
  struct Shared;
  static void work(std::shared_ptr<Shared> shared);
  bool goes_on(std::unique_lock<std::mutex>& lock) const;
  Duration limit_;
  const StopFlag* hurry_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;  // started by the first cancel
};

// Detached threads for calls that may never return.

/// Starts `work` on a thread of its own and leaves it there; it must own whatever it touches. When
/// it does not return, it ends with the process. False if no thread could be created: then nothing
/// was done.
bool run_aside(std::function<void()> work);

}  // namespace poolgauge
