// A backend that injects faults by a seeded plan: wraps the real one and the modeled one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "engine/backend.h"

namespace poolgauge {

/// A time without a server: at its start every connection dies, until its end every connect is
/// refused.
struct DownWindow {
  TimePoint from{};
  TimePoint until{};
};

/// The probability of each fault, 0 to 1.
struct FaultPlan {
  double connect_refused = 0;  ///< of connects: refused at once
  double connect_slow = 0;     ///< of connects: delayed by slow_connect
  Duration slow_connect = std::chrono::seconds(1);
  double broken = 0;             ///< of exchanges: the connection is lost instead of the answer
  double sql_error = 0;          ///< of steps: the server answers with an error
  std::vector<DownWindow> down;  ///< by time; they do not overlap
};

class FaultySession;

/// The same seed and the same calls give the same faults. `inner` must outlive it, and it must
/// outlive its sessions.
class FaultyBackend final : public Backend {
 public:
  FaultyBackend(Backend& inner, const FaultPlan& plan, std::uint64_t seed);
  ~FaultyBackend() override;
  Task<Connected> connect(ConnId conn, Patience& patience) override;

  /// The faults injected so far.
  struct Struck {
    std::uint64_t refused = 0, slow = 0, broken = 0, sql_errors = 0, killed = 0;
  };
  const Struck& struck() const { return struck_; }

 private:
  friend class FaultySession;
  bool strikes(double probability) { return probability > 0 && rng_.uniform() < probability; }
  Task<Connected> try_to_connect(ConnId conn, Patience& patience);
  bool down(TimePoint now) const;
  void await_fall(Loop& loop);
  void fall();

  struct FallTimer : Timer {
    FallTimer(Fire fire, FaultyBackend& b) : Timer(fire), backend(b) {}
    FaultyBackend& backend;
  };
  static void at_fall(Timer& timer) { static_cast<FallTimer&>(timer).backend.fall(); }

  Backend& inner_;
  FaultPlan plan_;
  Rng rng_;
  Struck struck_;
  std::vector<FaultySession*> sessions_;  // all that live
  std::size_t falls_ = 0;                 // down windows that began
  Loop* loop_ = nullptr;                  // known from the first connect
  FallTimer fall_timer_{at_fall, *this};
};

}  // namespace poolgauge
