// The index of dispersion of a stream of events.
#pragma once

#include <cstdint>
#include <vector>

namespace poolgauge {

/// Var(count) / E(count) of the counts in windows.
struct Dispersion {
  double index = 0;  ///< 0: too few windows to say
  double standard_error = 0;
};
/// Windows of `bins` bins each, one after the other.
Dispersion dispersion_of(const std::vector<std::uint32_t>& counts, std::size_t bins);

}  // namespace poolgauge
