// The turn of the loop: what is ready, then what is due, then let time pass.
#include "loop/loop.h"

#include <utility>

namespace poolgauge {

void ReadyQueue::grow() {
  std::vector<Entry> larger(ring_.size() * 2);
  for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
  ring_ = std::move(larger);
  first_ = 0;
}

void Loop::run(const ReadyQueue::Entry& entry) {
  now_is_known_ = false;
  running_ = true;
  entry.run(entry.argument);
  running_ = false;
}

void Loop::run_ready() {
  // Only what is ready now; what these post waits for the next round.
  for (std::size_t left = ready_.size(); left > 0; --left) {
    const ReadyQueue::Entry entry = ready_.pop();
    if (left > 1) ready_.prefetch_first();
    ++resumes_;
    run(entry);
  }
}

// Rounds until nothing is ready, but never so many that sockets and timers are forgotten.
void Loop::take_turn() {
  constexpr int kMostRounds = 256;
  for (int round = 0; round < kMostRounds; ++round) {
    run_ready();
    if (!ready_.empty()) continue;
    if (later_.empty()) return;
    run(later_.pop());
  }
}

void Loop::run(const std::size_t& live) {
  while (live > 0) {
    take_turn();
    if (live == 0) break;
    const bool idle = ready_.empty() && later_.empty();
    driver_.pass(idle ? timers_.next() : TimePoint::min());
    if (timers_.empty()) continue;
    const TimePoint now = driver_.now();
    while (timers_.fire_one(now)) {
    }
  }
}

}  // namespace poolgauge
