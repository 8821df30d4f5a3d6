// Task<T>: a lazy coroutine of one thread. Awaiting runs it at once; it is destroyed only at its
// end.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "loop/frame_pool.h"
#include "loop/loop.h"

namespace poolgauge {

template <typename T = void>
class [[nodiscard]] Task;

namespace detail {

struct PromiseBase {
  Loop* loop = nullptr;
  std::coroutine_handle<> continuation;

  std::suspend_always initial_suspend() noexcept { return {}; }
  // Our code throws nothing; a library's exception that gets here was not caught at its layer.
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
      PromiseBase& promise = self.promise();
      if (promise.continuation) promise.loop->post(promise.continuation);
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }

  static void* operator new(std::size_t size) { return frame_allocate(size); }
  static void operator delete(void* memory, std::size_t size) { frame_free(memory, size); }
};

template <typename T>
struct TaskPromise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <typename U>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
};

template <>
struct TaskPromise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
};

}  // namespace detail

/// Await it exactly once, from a coroutine of the same loop. If it ends without suspending, the
/// caller goes on at once; else the caller is posted to the ready queue at its end. Never symmetric
/// transfer: the stack stays flat in every build (docs/coroutines.md).
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    Handle handle;
    explicit Awaiter(Handle h) : handle(h) {}
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    bool await_suspend(std::coroutine_handle<Promise> caller) noexcept {
      handle.promise().loop = caller.promise().loop;
      handle.resume();
      if (handle.done()) return false;
      handle.promise().continuation = caller;
      return true;
    }
    T await_resume() {
      if constexpr (!std::is_void_v<T>) return std::move(*handle.promise().value);
    }
  };
  Awaiter operator co_await() noexcept { return Awaiter(handle_); }

 private:
  Handle handle_;
};

namespace detail {
template <typename T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
}  // namespace detail

}  // namespace poolgauge
