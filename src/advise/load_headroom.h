// How much more load than today a recommendation is sized for.
#pragma once

namespace poolgauge {

/// The default of `--headroom-load`: growth of the load, as a fraction of today's.
inline constexpr double kDefaultHeadroomLoad = 0.25;

}  // namespace poolgauge
