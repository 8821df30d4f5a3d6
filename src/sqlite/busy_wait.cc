// sqliteDefaultBusyCallback() in main.c, for systems with usleep().
#include "sqlite/busy_wait.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace poolgauge::sqlite {

namespace {

using std::chrono::milliseconds;

constexpr std::array<std::int64_t, 12> kDelaysMs{1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};

/// What the sleeps before the n-th took.
Duration slept_before(int looks) {
  const auto steps = static_cast<std::size_t>(looks);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < std::min(steps, kDelaysMs.size()); ++i) sum += kDelaysMs[i];
  if (steps > kDelaysMs.size()) {
    sum += kDelaysMs.back() * static_cast<std::int64_t>(steps - kDelaysMs.size());
  }
  return milliseconds(sum);
}

}  // namespace

Duration busy_sleep(int looks, Duration timeout, bool every_ms) {
  const Duration before = every_ms ? Duration(milliseconds(looks)) : slept_before(looks);
  const std::size_t step = std::min(static_cast<std::size_t>(looks), kDelaysMs.size() - 1);
  const Duration next = milliseconds(every_ms ? 1 : kDelaysMs[step]);
  return std::clamp(timeout - before, Duration{0}, next);
}

}  // namespace poolgauge::sqlite
