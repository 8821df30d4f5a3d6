// Cancelling statements that nobody waits for any more, away from the measuring threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <libpq-fe.h>

namespace poolgauge {

/// PQcancel opens a connection of its own and waits for it, so it runs on a thread of its own. Used
/// only where a deadline or the end of the run cuts a statement off.
class LiveCanceller {
 public:
  LiveCanceller() = default;
  /// Sends what is left, then ends.
  ~LiveCanceller();
  LiveCanceller(const LiveCanceller&) = delete;
  LiveCanceller& operator=(const LiveCanceller&) = delete;

  /// Takes the handle over; nullptr is ignored. From any thread.
  void cancel(PGcancel* statement);

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable something_;
  std::deque<PGcancel*> queue_;
  bool ending_ = false;
  std::thread thread_;  // started by the first cancel
};

}  // namespace poolgauge
