// Scope: owns root tasks until they end.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>

#include "base/check.h"
#include "loop/frame_pool.h"
#include "loop/loop.h"
#include "loop/task.h"

namespace poolgauge {

/// Starts tasks that nobody awaits. Must not be destroyed while one of them runs: a stop request
/// ends every wait, so all tasks run to their end.
class Scope {
 public:
  explicit Scope(Loop& loop) : loop_(loop) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() { POOLGAUGE_CHECK(live_ == 0, "a scope ended before its tasks"); }

  /// The task's first step runs in the next turn of the loop.
  void spawn(Task<> task) {
    ++live_;
    const Root root = run_root(*this, std::move(task));
    loop_.post(root.handle);
  }
  const std::size_t& live() const { return live_; }
  Loop& loop() { return loop_; }

 private:
  struct Root {
    struct promise_type {
      Loop* loop;
      promise_type(Scope& scope, Task<>&) : loop(&scope.loop_) {}
      Root get_return_object() noexcept {
        return Root{std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
      static void* operator new(std::size_t size) { return frame_allocate(size); }
      static void operator delete(void* memory, std::size_t size) { frame_free(memory, size); }
    };
    std::coroutine_handle<> handle;
  };
  static Root run_root(Scope& scope, Task<> task) {
    co_await task;
    --scope.live_;
  }

  Loop& loop_;
  std::size_t live_ = 0;
};

}  // namespace poolgauge
