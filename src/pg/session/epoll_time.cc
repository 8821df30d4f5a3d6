// Sleeping in the kernel. The only file that reads a clock.
#include "pg/session/epoll_time.h"

#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>

namespace poolgauge {

namespace {

// More replies than this at once, and the server's processes are likely to wait for our core.
constexpr int kManyReplies = 3;
// With less time than this until a timer, nothing may come between.
constexpr Duration kAmpleTime = std::chrono::milliseconds(1);
constexpr std::uint32_t kEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

Duration read_clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return Duration{static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec};
}

}  // namespace

TimePoint monotonic_now() {
  return TimePoint{read_clock(CLOCK_MONOTONIC)};
}

std::int64_t time_of_day_us() {
  return read_clock(CLOCK_REALTIME) / std::chrono::microseconds(1);
}

void wait_ms(int ms) {
  ::poll(nullptr, 0, ms);
}

EpollTime::EpollTime()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!ok()) return;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;  // the timer
  epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &event);
}

EpollTime::~EpollTime() {
  if (timer_ >= 0) close(timer_);
  if (epoll_ >= 0) close(epoll_);
}

TimePoint EpollTime::now() {
  return monotonic_now();
}

Duration EpollTime::processor_time() {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

// The kernel's scheduling statistics: processor time, time in the run queue, number of turns.
Duration EpollTime::run_queue_time() {
  std::FILE* file = std::fopen("/proc/thread-self/schedstat", "re");
  if (file == nullptr) return Duration{0};
  long long running = 0;
  long long waiting = 0;
  const int read = std::fscanf(file, "%lld %lld", &running, &waiting);
  std::fclose(file);
  return Duration{read == 2 ? waiting : 0};
}

// A timer that is armed earlier than needed is left: waking once for nothing costs less than
// setting it anew for every wait.
void EpollTime::arm_timer(TimePoint until) {
  if (until == kNever) return;
  if (armed_ != kNever && armed_ <= until) return;
  armed_ = until;
  const std::int64_t ns = until.time_since_epoch().count();
  itimerspec spec{};
  spec.it_value.tv_sec = static_cast<time_t>(ns / 1'000'000'000);
  spec.it_value.tv_nsec = static_cast<long>(ns % 1'000'000'000);
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

// Where replies come in crowds, the others on this core go first: more replies are there then, and
// waking up for each of them costs more than handling it (docs/decisions/0006).
void EpollTime::pass(TimePoint until) {
  const TimePoint at = now();
  const bool wait = until > at;  // until may be TimePoint::min(): no difference is taken then
  if (wait) arm_timer(until);
  if (crowded_ && wait && until - at > kAmpleTime) sched_yield();
  std::array<epoll_event, 256> events;
  const int count =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait ? -1 : 0);
  crowded_ = count > kManyReplies;
  constexpr std::size_t kAhead = 4;  // of a crowd's sessions the next ones are fetched meanwhile
  const std::size_t came = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (std::size_t i = 0; i < came; ++i) {
    if (i + kAhead < came) __builtin_prefetch(events[i + kAhead].data.ptr);
    auto* watch = static_cast<Watch*>(events[i].data.ptr);
    if (watch == nullptr) {
      armed_ = kNever;  // edge-triggered: not read, the next setting clears it
      continue;
    }
    watch->ready_ = true;
    if ((events[i].events & kEnded) != 0) watch->ended_ = true;
    if (watch->waiter_ != nullptr) {
      watch->waiter_->wake();
    } else if (watch->unawaited_ != nullptr) {
      watch->unawaited_(watch->argument_);
    }
  }
}

void EpollTime::watch(Watch& watch, int fd, Interest interest) {
  const std::uint32_t wanted =
      EPOLLIN | EPOLLRDHUP | EPOLLET | (interest == Interest::read_write ? EPOLLOUT : 0U);
  if (watch.fd_ == fd && watch.events_ == wanted) return;
  if (watch.fd_ >= 0 && watch.fd_ != fd) forget(watch);
  epoll_event event{};
  event.events = wanted;
  event.data.ptr = &watch;
  // libpq may have closed its socket and got the same number again, which the kernel has forgotten.
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0) {
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  watch.fd_ = fd;
  watch.events_ = wanted;
}

void EpollTime::forget(Watch& watch) {
  if (watch.fd_ < 0) return;
  epoll_event event{};
  epoll_ctl(epoll_, EPOLL_CTL_DEL, watch.fd_, &event);
  closed(watch);
}

void EpollTime::closed(Watch& watch) {
  watch.fd_ = -1;
  watch.ended_ = false;
  watch.events_ = 0;
}

}  // namespace poolgauge
