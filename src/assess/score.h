// How far a figure is from its limit, as one number.
#pragma once

namespace poolgauge {

/// A score is ln(value / limit), so that a negative one is met, within [-3, 3].
inline constexpr double kFarScore = 3;

}  // namespace poolgauge
