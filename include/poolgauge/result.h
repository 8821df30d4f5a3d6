// Expected trouble as a value: Result<T> is a T or an Error that helps.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace poolgauge {

/// What went wrong, in the classes that decide the exit status.
enum class ErrorKind {
  usage,        ///< bad command line, environment or file: exit 2
  target,       ///< the database cannot be reached, refuses, or does not permit: exit 3
  guard,        ///< a safety rule stopped the run: exit 13
  interrupted,  ///< the user stopped the program: exit 130
  internal,     ///< our own mistake: exit 1
};

/// One error as a person reads it: what happened (with the place and what was found), then the
/// cure. Neither text ever holds a password. `hint` may be empty; either may span lines.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string hint;
};

/// A T, or the Error that prevented it. Check ok() before value().
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success or an Error, where there is nothing to return.
struct Nothing {};
using Status = Result<Nothing>;
inline Status success() {
  return Nothing{};
}

}  // namespace poolgauge
