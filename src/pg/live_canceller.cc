// The canceller's thread.
#include "pg/live_canceller.h"

#include <array>

namespace poolgauge {

LiveCanceller::~LiveCanceller() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  something_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LiveCanceller::cancel(PGcancel* statement) {
  if (statement == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(statement);
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  }
  something_.notify_all();
}

void LiveCanceller::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    something_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    PGcancel* statement = queue_.front();
    queue_.pop_front();
    lock.unlock();
    std::array<char, 256> error{};
    PQcancel(statement, error.data(), static_cast<int>(error.size()));
    PQfreeCancel(statement);
    lock.lock();
  }
}

}  // namespace poolgauge
