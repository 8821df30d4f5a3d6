// Canceling statements.
#include "pg/session/live_canceller.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

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

struct LiveCanceller::Shared {
  std::mutex mutex;
  std::condition_variable bell;
  std::deque<PGcancel*> queue;
  std::uint64_t ended = 0;  // cancellations
  bool ending = false;
  bool done = false;  // the thread has nothing left to do
  ~Shared() {
    for (PGcancel* statement : queue) PQfreeCancel(statement);
  }
};

LiveCanceller::LiveCanceller(Duration limit, const StopFlag* hurry)
    : limit_(limit), hurry_(hurry), shared_(std::make_shared<Shared>()) {}

LiveCanceller::~LiveCanceller() {
  std::unique_lock lock(shared_->mutex);
  shared_->ending = true;
  shared_->bell.notify_all();
  while (thread_.joinable() && !shared_->done) {
    if (goes_on(lock)) continue;
    // The one that hangs does so on its own; those behind it would hang, too.
    std::deque<PGcancel*> rest = std::exchange(shared_->queue, {});
    for (PGcancel* statement : rest) PQfreeCancel(statement);
    thread_.detach();
    return;
  }
  lock.unlock();
  if (thread_.joinable()) thread_.join();
}

/// False when a cancellation does not come to its end within the limit.
bool LiveCanceller::goes_on(std::unique_lock<std::mutex>& lock) const {
  constexpr Duration kTick = std::chrono::milliseconds(20);
  constexpr Duration kHurried = std::chrono::milliseconds(300);
  const std::uint64_t before = shared_->ended;
  const auto moved = [&] { return shared_->done || shared_->ended != before; };
  for (Duration waited{0}; waited < limit_; waited += kTick) {
    if (hurry_ != nullptr && hurry_->requests() > 1 && waited >= kHurried) return false;
    if (shared_->bell.wait_for(lock, std::min(kTick, limit_ - waited), moved)) return true;
  }
  return false;
}

void LiveCanceller::cancel(PGcancel* statement) {
  if (statement == nullptr) return;
  const std::lock_guard lock(shared_->mutex);
  shared_->queue.push_back(statement);
  if (!thread_.joinable()) thread_ = std::thread(work, shared_);
  shared_->bell.notify_all();
}

void LiveCanceller::work(std::shared_ptr<Shared> shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->bell.wait(lock, [&] { return shared->ending || !shared->queue.empty(); });
    if (shared->queue.empty()) break;
    PGcancel* statement = shared->queue.front();
    shared->queue.pop_front();
    lock.unlock();
    std::array<char, 256> error{};
    PQcancel(statement, error.data(), static_cast<int>(error.size()));
    PQfreeCancel(statement);
    lock.lock();
    ++shared->ended;
    shared->bell.notify_all();
  }
  shared->done = true;
  shared->bell.notify_all();
}

}  // namespace poolgauge
