// Who is there of a run's parts, and what follows from it: decisions only, no connection, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "poolgauge/part.h"
#include "poolgauge/result.h"
#include "poolgauge/time.h"

namespace poolgauge::app {

/// What all parts of one run have in common, as short hashes.
struct RunPrint {
  std::uint32_t scenario = 0;  ///< the file, and what the flags made of it
  std::uint16_t seed = 0, version = 0;
  bool operator==(const RunPrint&) const = default;
};
RunPrint print_of(const std::string& scenario_sha256, const std::string& resolved_json,
                  std::uint64_t seed, const std::string& version);

enum class PartStage : std::uint8_t {
  here,     ///< joined
  ready,    ///< the leading part has set up, another has checked its statements
  start,    ///< only the leading part: the start is decided
  stopped,  ///< a guard ended its load
  done      ///< its load has ended
};

/// One part as all others see it: its session's application name.
struct PartSeen {
  RunPart part;
  RunPrint print;
  PartStage stage = PartStage::here;
  std::int64_t start_us = 0;  ///< of stage start: since 1970, on the server's clock
};
/// "poolgauge-part 2/4 1a2b3c4d-5e6f-7a8b ready": at most 63 characters, PostgreSQL's limit.
std::string part_name(const PartSeen& seen);
/// Back; nothing for any other name.
std::optional<PartSeen> part_seen(const std::string& name);

/// What a part does after a look at the others.
struct PartTurn {
  enum class What : std::uint8_t { wait, go, refuse } what = What::wait;
  Error error;                ///< refuse
  std::int64_t start_us = 0;  ///< go, where the start is known
};

/// One part's view of the others, look after look. `waited`: since it joined.
class PartRoll {
 public:
  PartRoll(RunPart self, RunPrint print, Duration patience)
      : self_(self), print_(print), patience_(patience) {}

  /// Of a part that does not lead: whether the leading part has set up.
  PartTurn await_setup(Duration waited, const std::vector<PartSeen>& all);
  /// Whether to start, once this part is ready: the leading part goes as soon as everybody is
  /// ready, the others when it has told the time.
  PartTurn await_start(Duration waited, const std::vector<PartSeen>& all);
  /// "parts 2, 3 of 3": who has not joined; "" when everybody has.
  std::string absent(const std::vector<PartSeen>& all) const;
  /// During the load: the parts that vanished since the last look without having ended. One look
  /// that misses a part does not count.
  std::vector<std::uint32_t> vanished(const std::vector<PartSeen>& all);
  /// A guard ended the load of another part.
  bool is_stopped(const std::vector<PartSeen>& all) const;
  /// The leading part is gone, or its load has ended.
  bool has_no_leader(const std::vector<PartSeen>& all) const;
  /// Nobody else has its load still running. For a part that does not lead only the leading part
  /// counts.
  bool all_ended(const std::vector<PartSeen>& all) const;

 private:
  std::optional<PartTurn> mistakes(const std::vector<PartSeen>& all) const;
  std::optional<PartTurn> left_early(const std::vector<PartSeen>& all);
  std::optional<PartTurn> too_long(Duration waited, const std::vector<PartSeen>& all) const;
  const PartSeen* leader(const std::vector<PartSeen>& all) const;
  bool belongs(const PartSeen& seen) const;
  std::set<std::uint32_t> present(const std::vector<PartSeen>& all) const;
  std::string named(std::uint32_t number) const;

  RunPart self_;
  RunPrint print_;
  Duration patience_;
  std::set<std::uint32_t> known_, missed_;
};

/// "part 3 vanished 12.1 s after the start"
std::string lost_text(std::uint32_t number, Duration since_start);
/// The same as a note for the reader.
std::string lost_note(const std::string& lost);

/// Somebody else has joined under this number.
Error part_twice(RunPart part);

}  // namespace poolgauge::app
