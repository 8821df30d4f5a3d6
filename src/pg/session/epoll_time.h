// Real time: sleeps in epoll until a socket is ready or a timerfd fires.
#pragma once

#include <cstdint>

#include "loop/time_driver.h"
#include "loop/wait.h"

namespace poolgauge {

/// One socket's readiness. Edge-triggered: an event is remembered until somebody asks, and the end
/// forever: where it comes together with an answer no other event will follow.
class Watch {
 public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  /// True once for every event since the last call; always when the other side has ended it.
  bool take_ready() {
    const bool was = ready_ || ended_;
    ready_ = false;
    return was;
  }
  /// Who is woken by the next event; nullptr: nobody.
  void set_waiter(Wait* waiter) { waiter_ = waiter; }
  /// Called from within pass() for an event that nobody waits for. Must not end any watch.
  using Call = void (*)(void*);
  void set_unawaited(Call call, void* argument) {
    unawaited_ = call;
    argument_ = argument;
  }

 private:
  friend class EpollTime;
  bool ready_ = false;
  bool ended_ = false;
  Wait* waiter_ = nullptr;
  Call unawaited_ = nullptr;
  void* argument_ = nullptr;
  int fd_ = -1;
  std::uint32_t events_ = 0;
};

/// CLOCK_MONOTONIC in nanoseconds; the TimeDriver of live runs. One per thread.
class EpollTime final : public TimeDriver {
 public:
  EpollTime();
  ~EpollTime() override;
  EpollTime(const EpollTime&) = delete;
  EpollTime& operator=(const EpollTime&) = delete;
  /// False when the kernel gave no descriptors for it.
  bool ok() const { return epoll_ >= 0 && timer_ >= 0; }

  TimePoint now() override;
  void pass(TimePoint until) override;
  Duration processor_time() override;
  Duration run_queue_time() override;
  bool is_real() const override { return true; }

  enum class Interest { read, read_write };
  /// Starts or changes watching. A new descriptor for the same watch replaces the old one.
  void watch(Watch& watch, int fd, Interest interest);
  void forget(Watch& watch);
  /// The descriptor was closed by its owner, who may have got its number again for another one.
  void closed(Watch& watch);

 private:
  void arm_timer(TimePoint until);
  int epoll_;
  int timer_;
  TimePoint armed_ = kNever;
  bool crowded_ = false;  // many replies came at once the last time
};

/// The monotonic clock, for code outside any loop (the progress display).
TimePoint monotonic_now();

/// The time of day, in microseconds since 1970: only to be compared with that of a server.
std::int64_t time_of_day_us();

/// Lets `ms` milliseconds pass; a signal ends it early.
void wait_ms(int ms);

}  // namespace poolgauge
