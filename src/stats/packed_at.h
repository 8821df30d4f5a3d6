// Finding one histogram in a sparse list of them.
#pragma once

#include <cstddef>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// The histogram with this index; nullptr when it has no value. The list is ascending.
const PackedHistogram* find_packed(const std::vector<PackedAt>& list, std::size_t index);
/// The same, inserted empty where it is missing.
PackedHistogram& packed_at(std::vector<PackedAt>& list, std::size_t index);

}  // namespace poolgauge
