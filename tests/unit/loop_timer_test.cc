// The heap of timers against a sorted list, and the ring of what is ready.
#include "loop/timer_heap.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "manual_time.h"

namespace poolgauge {
namespace {

using test::at;
using namespace std::chrono_literals;

struct NamedTimer : Timer {
  explicit NamedTimer(std::vector<std::size_t>& log, std::size_t n)
      : Timer(fire), fired(log), name(n) {}
  static void fire(Timer& timer) {
    auto& self = static_cast<NamedTimer&>(timer);
    self.fired.push_back(self.name);
  }
  std::vector<std::size_t>& fired;
  std::size_t name;
};

/// What the heap must do, done the slow way.
class SortedReference {
 public:
  void arm(std::size_t name, TimePoint when) {
    cancel(name);
    entries_.push_back({when, ++order_, name});
  }
  void cancel(std::size_t name) {
    std::erase_if(entries_, [&](const Entry& e) { return e.name == name; });
  }
  bool armed(std::size_t name) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& e) { return e.name == name; });
  }
  TimePoint next() const { return entries_.empty() ? kNever : first()->when; }
  std::vector<std::size_t> fire(TimePoint now) {
    std::vector<std::size_t> fired;
    while (!entries_.empty() && first()->when <= now) {
      fired.push_back(first()->name);
      cancel(first()->name);
    }
    return fired;
  }

 private:
  struct Entry {
    TimePoint when;
    std::size_t order;
    std::size_t name;
  };
  std::vector<Entry>::const_iterator first() const {
    return std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return a.when != b.when ? a.when < b.when : a.order < b.order;
    });
  }
  std::vector<Entry> entries_;
  std::size_t order_ = 0;
};

TEST_CASE("a timer heap agrees with a sorted list", "[loop]") {
  constexpr std::size_t kTimers = 60;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Rng rng(seed);
    TimerHeap heap;
    SortedReference reference;
    std::vector<std::size_t> fired;
    std::vector<std::unique_ptr<NamedTimer>> timers;
    for (std::size_t i = 0; i < kTimers; ++i) {
      timers.push_back(std::make_unique<NamedTimer>(fired, i));
    }
    Duration now{0};
    for (int step = 0; step < 600; ++step) {
      const auto name = static_cast<std::size_t>(rng.uniform_int(0, kTimers - 1));
      const double what = rng.uniform();
      if (what < 0.6) {
        // Few distinct times, so that many are equal.
        const TimePoint when = at(now + Duration{rng.uniform_int(-2, 12)});
        heap.arm(*timers[name], when);
        reference.arm(name, when);
      } else if (what < 0.8) {
        heap.cancel(*timers[name]);
        reference.cancel(name);
      } else {
        now += Duration{rng.uniform_int(0, 4)};
        fired.clear();
        while (heap.fire_one(at(now))) {
        }
        REQUIRE(fired == reference.fire(at(now)));
      }
      REQUIRE(heap.next() == reference.next());
      REQUIRE(timers[name]->armed() == reference.armed(name));
    }
    for (const auto& timer : timers) heap.cancel(*timer);
    REQUIRE(heap.empty());
  }
}

TEST_CASE("timers of equal time fire in the order of arming; moving one puts it last", "[loop]") {
  TimerHeap heap;
  std::vector<std::size_t> fired;
  NamedTimer a(fired, 1);
  NamedTimer b(fired, 2);
  NamedTimer c(fired, 3);
  heap.arm(a, at(5ns));
  heap.arm(b, at(5ns));
  heap.arm(c, at(5ns));
  heap.arm(a, at(5ns));
  CHECK_FALSE(heap.fire_one(at(4ns)));
  while (heap.fire_one(at(5ns))) {
  }
  CHECK(fired == std::vector<std::size_t>{2, 3, 1});
  CHECK(heap.next() == kNever);
  heap.cancel(a);  // not armed: nothing
  CHECK(a.at() == at(5ns));
}

struct Rearming : Timer {
  explicit Rearming(TimerHeap& h) : Timer(fire), heap(h) {}
  static void fire(Timer& timer) {
    auto& self = static_cast<Rearming&>(timer);
    if (++self.times < 3) self.heap.arm(self, self.at() + 1ns);
  }
  TimerHeap& heap;
  int times = 0;
};

TEST_CASE("a timer may arm itself again while it fires", "[loop]") {
  TimerHeap heap;
  Rearming timer(heap);
  heap.arm(timer, at(1ns));
  while (heap.fire_one(at(10ns))) {
  }
  CHECK(timer.times == 3);
  CHECK_FALSE(timer.armed());
}

TEST_CASE("the ready queue keeps its order while it wraps and grows", "[loop]") {
  ReadyQueue queue;
  std::vector<int> places(5000);
  std::size_t pushed = 0;
  std::size_t popped = 0;
  Rng rng(3);
  while (popped < places.size()) {
    for (auto n = rng.uniform_int(0, 700); n > 0 && pushed < places.size(); --n) {
      queue.push({nullptr, &places[pushed++]});
    }
    for (auto n = rng.uniform_int(0, 500); n > 0 && !queue.empty(); --n) {
      REQUIRE(queue.size() == pushed - popped);
      REQUIRE(queue.pop().argument == &places[popped++]);
    }
  }
  CHECK(queue.empty());
}

}  // namespace
}  // namespace poolgauge
