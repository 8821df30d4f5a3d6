// The marginal standard error rule (White, Cobb and Spratt 2000).
#include "math/change_points.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace poolgauge::math {

namespace {

std::vector<double> batch_means(std::span<const double> series, std::size_t batch) {
  std::vector<double> means;
  for (std::size_t from = 0; from + batch <= series.size(); from += batch) {
    const auto part = series.subspan(from, batch);
    means.push_back(std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(batch));
  }
  return means;
}

Truncation cut_at(const std::vector<double>& means, std::size_t first) {
  const double left = static_cast<double>(means.size() - first);
  Truncation cut;
  for (std::size_t i = first; i < means.size(); ++i) cut.mean_after += means[i] / left;
  for (std::size_t i = first; i < means.size(); ++i) {
    const double off = means[i] - cut.mean_after;
    cut.statistic += off * off / (left * left);
  }
  return cut;
}

}  // namespace

std::optional<Truncation> mser(std::span<const double> series, std::size_t batch) {
  const std::vector<double> means = batch_means(series, batch == 0 ? 1 : batch);
  if (means.size() < 2) return std::nullopt;
  std::optional<Truncation> best;
  for (std::size_t first = 0; 2 * first < means.size(); ++first) {
    Truncation cut = cut_at(means, first);
    const double rounding = 1e-28 * cut.mean_after * cut.mean_after;
    if (best && !(cut.statistic + rounding < best->statistic)) continue;
    cut.delete_first = first * batch;
    cut.at_limit = first > 0 && 2 * (first + 1) >= means.size();
    best = cut;
  }
  return best;
}

namespace {

struct MeanAndError {
  double mean = 0;
  double squared_error = 0;  ///< of the mean
};

MeanAndError mean_and_error(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  MeanAndError found;
  found.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  for (const double value : values) {
    found.squared_error += (value - found.mean) * (value - found.mean) / (n * (n - 1));
  }
  return found;
}

bool halves_agree(std::span<const double> values) {
  const MeanAndError first = mean_and_error(values.first(values.size() / 2));
  const MeanAndError second = mean_and_error(values.last(values.size() / 2));
  const double off = std::abs(first.mean - second.mean);
  const double small = std::abs(first.mean + second.mean) / 2 / 100;
  return off <= std::max(2 * std::sqrt(first.squared_error + second.squared_error), small);
}

}  // namespace

std::optional<std::size_t> steady_from(std::span<const double> series, std::size_t least) {
  constexpr std::size_t kBatch = 5;
  const std::optional<Truncation> cut = mser(series, kBatch);
  if (!cut || cut->at_limit) return std::nullopt;
  const std::size_t left = series.size() - cut->delete_first;
  if (left < std::max<std::size_t>(least, 4)) return std::nullopt;
  if (!halves_agree(series.subspan(cut->delete_first))) return std::nullopt;
  return cut->delete_first;
}

}  // namespace poolgauge::math
