// Guards of a run: what is looked at during the load, what must hold, and what came of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace poolgauge {

/// What a guard looks at. Sessions of "others" are those of neither the load nor its
/// monitoring.
enum class Gauge : std::uint8_t {
  free_slots,        ///< connections that ordinary roles may still open
  others_active,     ///< statements of others that run
  others_blocked,    ///< sessions of others that wait for a lock of the load's
  others_blocked_s,  ///< the longest of these waits, in seconds
  replay_lag_s,      ///< of the slowest standby, in seconds
  errors_53,         ///< failures of class 53 (insufficient resources) that the load saw meanwhile
  others_slowdown,   ///< mean transaction time of others, as a multiple of that before the load
  query,             ///< what --guard-query returns
  http,              ///< the status that --guard-http gets
  stop_file,         ///< 1: the file is there
};
inline constexpr std::size_t kGauges = 10;

enum class GuardAction : std::uint8_t { hold, stop };

/// What must hold; where it does not, new requests are held back or the run ends.
struct GuardRule {
  enum class Op : std::uint8_t { less, at_most, more, at_least, equal };
  Gauge gauge = Gauge::free_slots;
  Op op = Op::at_least;
  double limit = 0;
  GuardAction action = GuardAction::hold;
  std::string text;         ///< as it was typed, or as it would be
  bool by_default = false;  ///< not asked for: omitted where its gauge cannot be seen

  bool holds(double value) const {
    switch (op) {
      case Op::less: return value < limit;
      case Op::at_most: return value <= limit;
      case Op::more: return value > limit;
      case Op::at_least: return value >= limit;
      case Op::equal: return value == limit;
    }
    return true;
  }
};

/// The gauges at one instant, by Gauge; nothing where one was not seen.
using GuardLook = std::array<std::optional<double>, kGauges>;

/// Everything that watches a run.
struct GuardOrders {
  std::vector<GuardRule> rules;
  std::string conninfo;   ///< of the server itself, where it can be reached; may hold a password
  std::string query;      ///< --guard-query; empty: none
  std::string http;       ///< --guard-http; empty: none
  std::string stop_file;  ///< --stop-file; empty: none
  double usual_ms = 0;    ///< mean transaction time of others before the load; 0: not known
  double own_per_request = 1;  ///< transactions that a request of the load makes
  bool any() const { return !rules.empty(); }
};

/// A time in which requests were held back, or the moment at which the run was ended.
struct GuardEvent {
  std::string guard;            ///< its text; "SIGUSR2" for a pause by hand
  std::string action = "hold";  ///< "hold", "stop" or "pause"
  double start_s = 0;           ///< from the window's begin; negative: in the warm-up
  std::optional<double> end_s;  ///< of "hold" and "pause"; nothing: it lasted to the end
  std::string seen;             ///< "others_active was 7"
};

/// What the guards of a run did.
struct GuardLog {
  std::vector<GuardRule> rules;
  std::vector<GuardEvent> events;  ///< by start; at most 100
  std::uint64_t events_left_out = 0;
  std::uint64_t withheld = 0;  ///< arrivals of an open load that did not begin meanwhile
  std::uint32_t looks = 0;
  double look_ms = 0;      ///< mean time of a look
  std::string stopped_by;  ///< a phrase: which guard ended the run, when, and what it saw

  bool empty() const { return rules.empty() && events.empty(); }
};

}  // namespace poolgauge
