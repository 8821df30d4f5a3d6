// One run made by several machines: which share of it is whose.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace poolgauge {

struct Measurement;

/// A share of a run: of the deployment's processes, numbered from 0, those at `index`, `index +
/// count`, ... with all their users, arrivals, and pools. The default is all of them. Every process
/// has its own random numbers, so the shares together are exactly the run that one machine makes.
struct RunPart {
  std::uint32_t index = 0;  ///< from 0, below `count`
  std::uint32_t count = 1;

  std::uint32_t number() const { return index + 1; }  ///< as people count, and as --part has it
  bool leads() const { return index == 0; }  ///< runs the setup, watches the server, sets the start
  /// How many processes of a fleet it has.
  std::uint32_t processes(std::uint32_t fleet) const {
    return index < fleet ? (fleet - index + count - 1) / count : 0;
  }
  bool operator==(const RunPart&) const = default;
};

/// How well a machine's clock agrees with that of the server.
struct ClockOffset {
  double ms = 0;        ///< server's clock minus this machine's
  double error_ms = 0;  ///< it is off by at most this: half the shortest round trip
};

/// What the report of a part says about it.
struct PartFacts {
  RunPart part;
  /// When the load was to start, UTC with microseconds: on the server's clock, if the parts met
  /// there, else as --start-at says. Empty: the load never started. The same for all parts.
  std::string start;
  bool met = false;  ///< at the database, not by --start-at
  std::optional<ClockOffset> clock;
  std::vector<std::string> lost;  ///< "part 3 vanished 12.1 s after the start"
  /// Everything that was counted, exactly: what `merge` adds up.
  std::shared_ptr<const Measurement> measured;
};

/// A part in a merged report.
struct JoinedPart {
  std::uint32_t number = 1;
  std::string file;
  std::uint64_t completed = 0;
  bool partial = false;
  std::optional<ClockOffset> clock;
};

/// What a merged report says about the parts it was made of.
struct JoinedParts {
  std::uint32_t of = 0;  ///< how many parts the run had
  std::string start;     ///< see PartFacts
  std::vector<JoinedPart> joined;
  std::vector<std::uint32_t> missing;  ///< their numbers
};

}  // namespace poolgauge
