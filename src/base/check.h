// Invariants: a violation aborts the program, in every build.
#pragma once

namespace poolgauge {
/// Prints the reason and where, then aborts.
[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);
}  // namespace poolgauge

/// Checks an invariant that only a bug can violate. `why` is a string literal.
/// (Named so because Catch2 owns CHECK.)
#define POOLGAUGE_CHECK(condition, why) \
  ((condition) ? static_cast<void>(0)   \
               : ::poolgauge::check_failed(#condition, why, __FILE__, __LINE__))
