// What one machine's part of a run needs and is shown: its share of the processes and clients.
#pragma once

#include <cstdint>
#include <optional>

#include "poolgauge/part.h"
#include "poolgauge/scenario.h"

namespace poolgauge {

/// The deployment with only the processes of the part.
Deployment share_of(const Deployment& deployment, RunPart part);

/// Of `clients`, dealt out over the processes of the whole fleet one after the other, those of the
/// part's processes. Nothing stays nothing: no bound.
std::optional<std::int64_t> share_of(std::optional<std::int64_t> clients, std::uint32_t fleet,
                                     RunPart part);

}  // namespace poolgauge
