// Grenander's estimator over the buckets of a histogram.
#include "observe/batches.h"

#include <algorithm>
#include <cmath>

namespace poolgauge::observe {
namespace {

/// A piece of the majorant: ages up to `end_s`, with this density.
struct Piece {
  double begin_s = 0, end_s = 0, mass = 0;
  double density() const { return mass / (end_s - begin_s); }
};

std::vector<Piece> decreasing_fit(const Histogram& ages) {
  std::vector<Piece> pieces;
  double begin = 0;
  for (const Histogram::Bucket& bucket : ages.buckets()) {
    const double end = to_s(bucket.high) + 1e-9;
    pieces.push_back(
        {begin, end, static_cast<double>(bucket.count) / static_cast<double>(ages.count())});
    begin = end;
    // Pool with what is before as long as the density would rise.
    while (pieces.size() > 1 && pieces.back().density() >= pieces[pieces.size() - 2].density()) {
      const Piece last = pieces.back();
      pieces.pop_back();
      pieces.back().end_s = last.end_s;
      pieces.back().mass += last.mass;
    }
  }
  return pieces;
}

/// The age at which the share of holds that last longer falls to `longer`. Between the middles of
/// two pieces it falls in a straight line: a step would put many holds at the same place.
double age_at(const std::vector<Piece>& pieces, double mean_s, double longer) {
  double before_s = 0, before = 1;
  for (const Piece& piece : pieces) {
    const double share = std::min(1.0, piece.density() * mean_s);
    const double middle = (piece.begin_s + piece.end_s) / 2;
    if (share <= longer) {
      const double part = before > share ? (before - longer) / (before - share) : 1;
      return before_s + (middle - before_s) * std::clamp(part, 0.0, 1.0);
    }
    before_s = middle;
    before = share;
  }
  return pieces.back().end_s;
}

}  // namespace

std::vector<double> hold_quantiles(const Histogram& ages, double mean_s, std::size_t count) {
  std::vector<double> found;
  if (ages.empty() || mean_s <= 0) return found;
  const std::vector<Piece> pieces = decreasing_fit(ages);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double q = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    found.push_back(age_at(pieces, mean_s, 1 - q));
    sum += found.back();
  }
  if (sum <= 0) return {};
  for (double& value : found) value *= mean_s * static_cast<double>(count) / sum;
  return found;
}

double quantile_in(const std::vector<double>& quantiles, double q) {
  if (quantiles.empty()) return 0;
  const double at = q * static_cast<double>(quantiles.size()) - 0.5;
  if (at <= 0) return quantiles.front();
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= quantiles.size()) return quantiles.back();
  const double part = at - static_cast<double>(below);
  return quantiles[below] * (1 - part) + quantiles[below + 1] * part;
}

}  // namespace poolgauge::observe
