// What happens over time: dependence, gaps, stalls, standstills, outages, growing queues.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "poolgauge/in_flight.h"
#include "poolgauge/measurement.h"
#include "stats/interval.h"

namespace poolgauge {

/// One metric by the slices of the window; several histograms to a slice where steps are taken
/// together.
using Pieces = std::vector<std::vector<const PackedHistogram*>>;
/// Valid as long as the measurement.
Pieces pieces_of(const Measurement& measured, PackedHistogram Slice::*metric);
/// The same of one of a slice's lists: by index, several taken together.
Pieces pieces_of(const Measurement& measured, std::vector<PackedAt> Slice::*list,
                 const std::vector<std::size_t>& indexes);
/// Steps by their place in Measurement::steps.
Pieces pieces_of_steps(const Measurement& measured, const std::vector<std::size_t>& steps);

/// 95 % intervals. Each takes the slices as batches, estimates from their spread how many
/// independent values the sample is worth, and is the usual interval of so many: order statistics
/// of a quantile (nothing where so many cannot support it), Wilson's for a fraction, or Clopper and
/// Pearson's where it has at most five events. Without slices, or too few of them, values count as
/// independent.
/// `ages`: of what had not ended; a quantile's interval is then that of the product-limit estimate,
/// and there is none where its upper end is out of reach.
std::optional<DurationInterval> quantile_interval(const Histogram& all, const Histogram& ages,
                                                  const Pieces& pieces, double q);
/// Of the requests that ended; nullopt: of every class. A class that never came: at most
/// zero_events_upper_limit().
RateInterval failure_interval(const Measurement& measured, std::optional<FailureClass> failure);
/// Completed requests a second, from batch means. Nothing with fewer than 8 slices.
std::optional<RateInterval> throughput_interval(const Measurement& measured);

// Whether a gap between completions is unusual, given the distribution of the others.

/// How long the gaps between completions usually are. Of one with fewer requests in flight than is
/// usual only the corresponding part counts: fewer complete less often.
class UsualGaps {
 public:
  /// `latency`: of what was completed in the window the gaps are of. Both outlive this.
  UsualGaps(const CompletionGaps& gaps, const Histogram& latency);

  /// Whether chance does not explain this gap, which is one of them: as long a one among so many
  /// completions is expected less than 1e-3 times by the lengths of the other gaps or (where five
  /// requests or more were under way) by the latencies, and not more often by requests that took as
  /// long, each by itself. Also where there are too few to say, if it is five times as long as any
  /// completed request took.
  bool extraordinary(const CompletionGap& gap) const;

  /// By the lengths of all others: the logarithm is taken for normal beyond those that were seen,
  /// by the slope between two high quantiles. That is heavier than what independent requests of any
  /// usual distribution make. Nothing where there are too few to say.
  std::optional<double> by_chance(const CompletionGap& gap) const;

  /// Its length, in the measure above.
  Duration effective(const CompletionGap& gap) const;

 private:
  double by_threshold(const CompletionGap& gap) const;
  double by_latencies(const CompletionGap& gap) const;
  double by_slow_requests(const CompletionGap& gap) const;

  const Histogram& latency_;
  double least_s_ = 0;
  double usual_in_flight_ = 0;
  std::vector<double> longest_s_;  // effective, longest first
};

// Lists of outages: adjacent ones are joined.

/// What lies closer together than this is one outage: answers that were on their way when the
/// server died come in after the first failure.
inline constexpr Duration kOutageGap = std::chrono::milliseconds(100);
/// A list that is full grows no more: what follows counts as part of its last outage.
inline constexpr std::size_t kMostOutages = 1000;

/// Adds what others saw, each server's by itself; both lists are in the order of their starts, and
/// so is the result.
void join_outages(std::vector<Outage>& into, const std::vector<Outage>& from);

// Joining the standstills seen by several threads, or by several parts of a run.

/// So many are kept of a run; what comes later is omitted.
constexpr std::size_t kMostStandstills = 100;

/// Adds them by start; those of the same that overlap become one.
void join_standstills(std::vector<Standstill>& into, const std::vector<Standstill>& from);

/// Seconds within a window of that length in which somebody of `whose` stood still; the client
/// alone, or all others.
double stood_still_s(const std::vector<Standstill>& all, bool client, Duration window);

/// Each of `whose` that is among them, once, in the order of their first.
std::vector<std::string> standing_still(const std::vector<Standstill>& all);
/// Seconds within the window in which this one of them stood still.
double standstill_s(const std::vector<Standstill>& all, const std::string& whose, Duration window);

// Times without completions although some were expected.

/// Every time without a completion that neither chance nor the load explains.
///
/// - Whole seconds at whose ends requests had or wanted a connection, after completions had been
///   seen, where at the rate until then ten or more completions were due, and either nothing like
///   it was seen before (three seconds or more, each with completions; more are due the more they
///   differ), or it lasted longer than any request had taken until then. At the start of the window
///   the warm-up says what was due; the stall must then be ten times as long as the median latency.
/// - Where the gaps between completions are known, any other gap of 100 ms or more in which ten
///   completions were due, and which is twice as long as the median latency. Gaps below a
///   second count only if together they are 5 % of the window, or at its end.
/// - In either case, where gaps are known, only what UsualGaps calls extraordinary.
/// - The whole window, if nothing was completed in it and nothing failed but by waiting too long.
///
/// So a burst in its first wait, users in lockstep, rare requests and long-tailed ones are none.
std::vector<Stall> stalls_of(const Measurement& measured);

/// The times in which nothing was served, in order, those that overlap joined: the stalls, the
/// standstills of the server or pooler, and the outages in which no second had a completion.
/// `completed`: of each second of the window; empty where it is unknown.
std::vector<Stall> unserved(const std::vector<Stall>& stalls,
                            const std::vector<Standstill>& standstills,
                            const std::vector<Outage>& outages,
                            const std::vector<std::uint64_t>& completed, Duration window);
std::vector<Stall> unserved(const Measurement& measured);

/// All together.
Duration stalled(const std::vector<Stall>& stalls);

/// Those that reach into [from, to), whole.
std::vector<Stall> within(const std::vector<Stall>& stalls, Duration from, Duration to);

/// The fraction of [from, to) at which a request that came then would have taken longer than
/// `limit`, for want of any completion: users who wait themselves do not come then, and so the
/// percentiles of a closed load do not show it. How long those would have taken that came in a
/// stall at the end of the run's window nobody knows; all of them count.
double stalled_beyond(const std::vector<Stall>& stalls, Duration limit, Duration from, Duration to);

/// Whether one of them lasted until the window ended.
bool ends_stalled(const std::vector<Stall>& stalls);

// Whether a wait queue kept growing: more requests arrived than were served, and not by chance.

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
