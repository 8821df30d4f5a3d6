// Canceling statements that nobody waits for any more, away from the measuring threads.
#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include <libpq-fe.h>

#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

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

}  // namespace poolgauge
