// Batches of looks, and how old sessions and transactions are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "poolgauge/histogram.h"
#include "poolgauge/observe.h"

namespace poolgauge::observe {

/// Sums over the looks of one batch, of one group; `looks`, `seconds` and what begins with `all`
/// are of everything.
struct Batch {
  double looks = 0, seconds = 0;
  double busy = 0, busy_square = 0, active = 0, idle_in_transaction = 0;
  double high = 0;  ///< busy, or idle for less than the gap
  double sessions = 0;
  double ages = 0, aged = 0;          ///< of running transactions: seconds, and how many
  double recent = 0, all_recent = 0;  ///< of transactions: see share_transactions()
  double full = 0;                    ///< looks in which all of the most sessions were busy
  double transactions = 0;            ///< of the database
  double counted_s = 0;               ///< seconds that `transactions` cover; 0: not known
  double counted_busy = 0, counted_looks = 0;  ///< busy and looks of the batches that are counted
  void add(const Batch& other);
};

/// A figure that is computed from sums; not a number where they do not say.
using Statistic = std::function<double(const Batch&)>;

/// `positive` figures have an interval on the logarithmic scale.
enum class Scale : std::uint8_t { plain, positive };

/// 95 % confidence by the jackknife over batches in the order of time. Neighbors are joined to at
/// most 59 batches, and further while the pseudo-values of neighbours correlate (above 0.3) and 10
/// remain; what correlation is left widens the interval. No interval from fewer than 8 batches.
ObserveFigure figure_of(std::span<const Batch> batches, const Statistic& statistic,
                        Scale scale = Scale::plain);

/// The same for a share of the looks: Wilson's interval of as many looks as they are worth.
ObserveFigure share_of(std::span<const Batch> batches, double Batch::*hits, double worth);

// The distribution of hold times from the ages of what one finds running.

/// Hold times in seconds at the probabilities (i + 0.5) / count, from the ages at which running
/// transactions were found and their mean hold time: the density of such ages is (1 - F(a)) / mean,
/// so its decreasing fit (Grenander: the slopes of the least concave majorant of the ages'
/// distribution) gives F. Scaled so that their mean is `mean_s`. Empty without ages.
std::vector<double> hold_quantiles(const Histogram& ages, double mean_s, std::size_t count);

/// Of such a list, between its points; 0 for an empty one.
double quantile_in(const std::vector<double>& quantiles, double q);

}  // namespace poolgauge::observe
