// Whether a standby remains one: what its probe sees of its recovery, and what that means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/session/control_connection.h"

namespace poolgauge {

/// What a server says of its recovery at one moment.
struct StandbySample {
  bool in_recovery = false;
  bool paused = false;        ///< replay is paused
  bool receiving = false;     ///< a WAL receiver is streaming from a primary
  std::int64_t behind = 0;    ///< bytes of log received and not replayed
  std::int64_t replayed = 0;  ///< position in the log
};

/// Asks the server; nothing when it does not say.
std::optional<StandbySample> look_at_standby(ControlConnection& connection);

/// Follows one server through the window. A server that was never in recovery has nothing to tell.
class StandbyWatch {
 public:
  /// `t_s`: into the window, never decreasing.
  void add(double t_s, const StandbySample& sample);
  /// Whole sentences about a promotion, pauses, a replay that stood still for two seconds or more
  /// with log to replay, and a primary that sent no more.
  std::vector<std::string> findings() const;

 private:
  /// Of something that lasts: when it began and when it was last seen.
  struct Spell {
    double from_s = 0;
    double to_s = 0;
    bool over = false;
  };
  static void follow(std::vector<Spell>& spells, bool now, double from_s, double t_s);
  static std::string times(const std::vector<Spell>& spells);

  bool standby_ = false;
  bool received_ = false;
  std::optional<double> promoted_s_;
  std::vector<Spell> paused_, stuck_, cut_off_;
  std::int64_t replayed_ = 0;
  double moved_s_ = 0;  // when the replay was last seen to move, or to have nothing to do
};

}  // namespace poolgauge
