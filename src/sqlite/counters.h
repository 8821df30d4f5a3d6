// What the connections of a run count together.
#pragma once

#include <atomic>
#include <cstdint>

namespace poolgauge::sqlite {

/// Counted by worker threads, read by another thread; each number on its own.
struct Counters {
  std::atomic<std::uint64_t> lock_waits{0};    ///< statements that had to wait for a lock
  std::atomic<std::uint64_t> lock_wait_ns{0};  ///< how long, together
  /// Statements that found the database locked and could not wait: their transaction had read.
  std::atomic<std::uint64_t> upgrades_refused{0};
  std::atomic<std::uint64_t> checkpoints{0};  ///< begun by a commit, as wal_autocheckpoint says
  std::atomic<std::uint64_t> checkpoint_ns{0};
  /// Of these: not all of the log could be written back, because a reader still needs it.
  std::atomic<std::uint64_t> checkpoints_cut{0};
  std::atomic<std::uint64_t> cache_hits{0};  ///< pages found in a connection's own cache
  std::atomic<std::uint64_t> cache_misses{0};

  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t more) {
    counter.fetch_add(more, std::memory_order_relaxed);
  }
};

/// A copy at one moment.
struct Counted {
  std::uint64_t lock_waits = 0, lock_wait_ns = 0, upgrades_refused = 0;
  std::uint64_t checkpoints = 0, checkpoint_ns = 0, checkpoints_cut = 0;
  std::uint64_t cache_hits = 0, cache_misses = 0;
};
inline Counted read(const Counters& counters) {
  constexpr auto kOrder = std::memory_order_relaxed;
  return {counters.lock_waits.load(kOrder),       counters.lock_wait_ns.load(kOrder),
          counters.upgrades_refused.load(kOrder), counters.checkpoints.load(kOrder),
          counters.checkpoint_ns.load(kOrder),    counters.checkpoints_cut.load(kOrder),
          counters.cache_hits.load(kOrder),       counters.cache_misses.load(kOrder)};
}

}  // namespace poolgauge::sqlite
