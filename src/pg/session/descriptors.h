// Whether the process may open as many files and sockets as the load needs.
#pragma once

#include <cstdint>
#include <optional>

#include "poolgauge/result.h"

namespace poolgauge {

/// The soft limit to set so that `needed` descriptors are allowed (nullopt: it is enough already),
/// or an Error of kind target when the hard limit is too low.
Result<std::optional<std::uint64_t>> plan_descriptors(std::uint64_t needed, std::uint64_t soft,
                                                      std::uint64_t hard);

/// Raises this process's soft limit to its hard limit if `needed` asks for it.
Status check_descriptors(std::uint64_t needed);

}  // namespace poolgauge
