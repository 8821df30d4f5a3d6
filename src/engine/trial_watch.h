// Watching a trial while it runs, and holding its requests back.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "poolgauge/measurement.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

class TrialWatch {
 public:
  virtual ~TrialWatch() = default;
  /// Called by the trial's own thread at the end of each second of the window. Requests in progress
  /// count as in flight, with their ages.
  virtual void look(Measurement so_far) = 0;
  /// Whether it wants to be called: the copy is not made for nothing.
  virtual bool looks() const { return true; }
  /// Asked ten times a second, by the same thread.
  virtual bool ended() const = 0;
  /// Whether it ended in a hurry: statements under way are canceled then, not waited for.
  virtual bool hurries() const { return false; }
};

// What one worker thread publishes while it runs: a few numbers, written ten times a second.

/// Written by one thread, read by another; each number on its own, none depends on another.
struct alignas(64) ProgressBoard {
  std::atomic<std::uint64_t> completed{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> pool_timeouts{0};
  std::atomic<std::uint64_t> lacks_resources{0};  ///< failures of SQLSTATE class 53
  std::atomic<std::uint32_t> checked_out{0};
  std::atomic<std::uint32_t> waiting{0};
  std::atomic<double> recent_per_s{0};   ///< of the last finished second
  std::atomic<double> recent_p95_ms{0};  ///< of the last finished second
};

// New requests that are held back from outside: by a guard, or by hand.

/// Written by one thread, read by every worker before each request.
class HoldBack {
 public:
  bool holding() const { return holding_.load(std::memory_order_relaxed); }
  void set(bool holding) { holding_.store(holding, std::memory_order_relaxed); }
  /// An arrival of an open load was due meanwhile, and does not begin.
  void withhold() { withheld_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t withheld() const { return withheld_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> holding_{false};
  std::atomic<std::uint64_t> withheld_{0};
};

// How many requests can be in progress at a time.

/// The most requests of an open load that one process has in flight; further ones are dropped.
inline constexpr std::uint32_t kMostInFlight = 100000;

/// The most requests that the load can have in flight in the whole deployment: its users; for an
/// open load, the arrivals within one deadline (at the mean rate) or, without one, within the whole
/// run. Never 0.
std::int64_t most_in_flight(const Scenario& scenario);

/// The most connections that one process's pool may hold under this load, counting those that are
/// being opened and broken off: its share of what the budget check announces.
std::optional<std::int64_t> most_connections(const Scenario& scenario, std::uint32_t pool);

}  // namespace poolgauge
