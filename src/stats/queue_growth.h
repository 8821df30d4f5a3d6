// Whether a wait queue kept growing: more requests arrived than were served, and not by chance.
#pragma once

#include <optional>
#include <vector>

namespace poolgauge {

/// What of a run may go wrong while no goal says how much: this fraction of its requests.
inline constexpr double kTolerated = 0.01;

/// A queue that grew to the end of the window.
struct QueueGrowth {
  double from = 0, to = 0;  ///< requests waiting, at the start and the end of the growth
  double per_s = 0;         ///< mean growth, requests per second
  double share = 0;         ///< of the arrivals that were not served in that time
};

/// The queue's growth over the whole window, or over its second half, where it is beyond chance;
/// nothing for a queue that is stable, that fills once, or that drains again. `waiting` is read at
/// the end of each whole second, `ended` is how many requests ended in it; both equally long.
///
/// A queue grows when all of these hold:
/// - more than kTolerated of the arrivals were not served, and ten requests or more;
/// - both halves of the time have a quarter of the growth or more;
/// - chance does not explain it: the mean of its changes from second to second is above zero by
///   Student's t (one-sided, p < 0.001, from four seconds on), or the growth is more than 3.3
///   deviations of as many random arrivals and services, and of the changes seen. A queue on the
///   very edge, with as many arrivals as it can serve, wanders so far in about one of a thousand
///   windows, a stable one less far.
std::optional<QueueGrowth> queue_growth(const std::vector<double>& waiting,
                                        const std::vector<double>& ended);

}  // namespace poolgauge
