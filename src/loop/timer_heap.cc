// The heap of pending timers.
#include "loop/timer_heap.h"

#include <algorithm>

namespace poolgauge {

namespace {
constexpr std::size_t kArity = 4;
}

// Three stores of a word each: read back as a whole soon after, they would be waited for.
inline void TimerHeap::place(std::size_t index, const Entry& entry) {
  Entry& there = heap_[index];
  there.at = entry.at;
  there.order = entry.order;
  there.timer = entry.timer;
  entry.timer->index_ = index;
}

inline void TimerHeap::sift_up(std::size_t index, const Entry& entry) {
  while (index > 0) {
    const std::size_t parent = (index - 1) / kArity;
    if (!entry.before(heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

inline void TimerHeap::sift_down(std::size_t index, const Entry& entry) {
  for (;;) {
    const std::size_t first = index * kArity + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = std::min(first + kArity, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(entry)) break;
    place(index, heap_[least]);
    index = least;
  }
  place(index, entry);
}

// Puts an entry where another was, or further up or down.
inline void TimerHeap::move(std::size_t index, const Entry& entry) {
  if (index > 0 && entry.before(heap_[(index - 1) / kArity])) {
    sift_up(index, entry);
  } else {
    sift_down(index, entry);
  }
}

void TimerHeap::arm(Timer& timer, TimePoint at) {
  const Entry entry{at, ++armed_count_, &timer};
  const std::size_t index = timer.index_;
  timer.at_ = at;
  if (index == Timer::kIdle) {
    heap_.emplace_back();
    return sift_up(heap_.size() - 1, entry);
  }
  move(index, entry);
}

void TimerHeap::cancel(Timer& timer) {
  if (!timer.armed()) return;
  remove_at(timer.index_);
}

void TimerHeap::remove_at(std::size_t index) {
  heap_[index].timer->index_ = Timer::kIdle;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  move(index, last);
}

bool TimerHeap::fire_one(TimePoint now) {
  if (heap_.empty() || heap_.front().at > now) return false;
  Timer& timer = *heap_.front().timer;
  remove_at(0);
  timer.fire_(timer);
  return true;
}

}  // namespace poolgauge
