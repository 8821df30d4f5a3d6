// The limits of an advice: server, role, database, pooler, and memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "advise/settings.h"
#include "app/world.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"

namespace poolgauge::app {

/// Whose arithmetic an advice answers for.
struct AdviceFrame {
  std::optional<ServerSlots> slots;  ///< where the pools connect; nullopt: unknown
  ServerSlots server;                ///< the same behind a pooler, else `slots` again
  double headroom = 0;               ///< share of every limit to leave free; that of both above
  /// On the pools' own connections: the server's, the role's, ...; behind a pooler its clients'.
  std::vector<ConnectionLimit> limits;
  /// Behind a pooler: on its connections. Without one: none.
  std::vector<ConnectionLimit> behind;
  std::int64_t probes = 0;          ///< connections of our own while it is measured
  std::int64_t peak_processes = 1;  ///< of the whole fleet, those of a deployment included
  std::optional<std::int64_t> budget;
  double growth = 0;  ///< of the load, in every run
  bool simulated = false;
  double seconds = 0;

  /// Whether anything is known that bounds the pools' connections.
  bool bounded() const { return slots || budget || tightest(limits) != nullptr; }
};

/// The limits of an opened world. `memory_mib`: the server's, where it is known.
void set_frame_limits(const World& world, std::optional<double> memory_mib, AdviceFrame& frame);

/// Connections of each process that all of it allows; 0: none.
std::int64_t cap_of(const AdviceFrame& frame);
/// The error if there is none.
Error no_room(const Scenario& scenario, const AdviceFrame& frame);

/// The server's memory in MiB: as said, or this machine's where a target's server is on it.
std::optional<double> known_memory_mib(const std::optional<double>& said,
                                       const TargetFacts& target);

/// The most connections that fit into `memory_mib` in addition to shared_buffers, as a limit.
ConnectionLimit memory_limit(double memory_mib, const TargetFacts& target);

}  // namespace poolgauge::app
