// Exact rank distributions by counting subsets with a given sum of ranks.
#include "math/samples.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace poolgauge::math {

namespace {

constexpr std::size_t kMostPairs = 200;    // beyond these the normal approximation is as good
constexpr std::size_t kMostUnpaired = 80;  // in both samples together

/// Twice the mid-rank of each value, so that ties stay whole numbers.
std::vector<std::size_t> doubled_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&values](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<std::size_t> ranks(values.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    for (std::size_t i = from; i < to; ++i) ranks[order[i]] = from + 1 + to;
    from = to;
  }
  return ranks;
}

/// probability[s]: that a random subset has the sum s. With `size` only subsets of that size count.
std::vector<double> subset_sums(const std::vector<std::size_t>& items) {
  const std::size_t total = std::accumulate(items.begin(), items.end(), std::size_t{0});
  std::vector<double> probability(total + 1, 0.0);
  probability[0] = 1.0;
  std::size_t reached = 0;
  for (const std::size_t item : items) {
    reached += item;
    for (std::size_t s = reached + 1; s-- > 0;) {
      const double without = s <= total ? probability[s] : 0.0;
      const double with = s >= item ? probability[s - item] : 0.0;
      probability[s] = 0.5 * (without + with);
    }
  }
  return probability;
}

std::vector<double> subset_sums(const std::vector<std::size_t>& items, std::size_t size) {
  const std::size_t total = std::accumulate(items.begin(), items.end(), std::size_t{0});
  // Counts may exceed 2^53, but never a double's range: C(400, 200) is about 1e119.
  std::vector<std::vector<double>> count(size + 1, std::vector<double>(total + 1, 0.0));
  count[0][0] = 1.0;
  for (const std::size_t item : items) {
    for (std::size_t k = size; k > 0; --k) {
      for (std::size_t s = total + 1; s-- > item;) count[k][s] += count[k - 1][s - item];
    }
  }
  const double all = std::accumulate(count[size].begin(), count[size].end(), 0.0);
  for (double& one : count[size]) one /= all;
  return count[size];
}

/// Twice the smaller tail at `found`, at most 1.
double two_sided(const std::vector<double>& probability, std::size_t found) {
  double below = 0.0;
  double above = 0.0;
  for (std::size_t s = 0; s < probability.size(); ++s) {
    if (s <= found) below += probability[s];
    if (s >= found) above += probability[s];
  }
  return std::min(1.0, 2 * std::min(below, above));
}

double median_of_sorted(const std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The interval of the sorted differences with at most alpha / 2 of the statistic's distribution
/// (its values are 0..differences.size()) in each tail.
void set_interval(ShiftEstimate& estimate, const std::vector<double>& sorted,
                  const std::vector<double>& probability, double alpha) {
  double tail = probability[0];
  std::size_t cut = 0;  // differences left out on each side, beyond the outermost
  while (2 * (cut + 1) < sorted.size() && tail + probability[cut + 1] <= alpha / 2) {
    ++cut;
    tail += probability[cut];
  }
  estimate.low = sorted[cut];
  estimate.high = sorted[sorted.size() - 1 - cut];
  estimate.confidence = 1 - 2 * tail;
}

std::vector<std::size_t> plain_ranks(std::size_t n) {
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  return ranks;
}

/// The distribution of pairs with a > b, for samples without ties.
std::vector<double> untied_u(std::size_t a, std::size_t b) {
  const std::vector<double> sums = subset_sums(plain_ranks(a + b), a);
  const std::size_t least = a * (a + 1) / 2;
  return {sums.begin() + static_cast<std::ptrdiff_t>(least),
          sums.begin() + static_cast<std::ptrdiff_t>(least + a * b + 1)};
}

/// Where counting would take too long: a statistic with this mean and standard deviation.
void set_normal(ShiftEstimate& estimate, const std::vector<double>& sorted, double found,
                double mean, double sd, double alpha) {
  const double z = normal_upper_quantile(alpha / 2);
  const auto cut = static_cast<std::size_t>(std::max(0.0, std::floor(mean - z * sd)));
  estimate.low = sorted[cut];
  estimate.high = sorted[sorted.size() - 1 - cut];
  estimate.confidence = 1 - alpha;
  const double off = std::max(0.0, std::abs(found - mean) - 0.5) / sd;
  estimate.p = std::min(1.0, 2 * normal_upper_tail(off));
}

void set_signed_normal(ShiftEstimate& estimate, const std::vector<double>& sorted, double found,
                       std::size_t pairs, double alpha) {
  const double n = static_cast<double>(pairs);
  set_normal(estimate, sorted, found, n * (n + 1) / 4, std::sqrt(n * (n + 1) * (2 * n + 1) / 24),
             alpha);
}

void set_unpaired_normal(ShiftEstimate& estimate, const std::vector<double>& sorted, double u,
                         std::size_t count_a, std::size_t count_b, double alpha) {
  const double a = static_cast<double>(count_a);
  const double b = static_cast<double>(count_b);
  set_normal(estimate, sorted, u, a * b / 2, std::sqrt(a * b * (a + b + 1) / 12), alpha);
}

}  // namespace

std::optional<MannWhitney> mann_whitney(std::span<const double> a, std::span<const double> b,
                                        double alpha) {
  if (a.empty() || b.empty()) return std::nullopt;
  MannWhitney result;
  std::vector<double> differences;
  for (const double x : a) {
    for (const double y : b) {
      differences.push_back(y - x);
      result.u += x > y ? 1.0 : x == y ? 0.5 : 0.0;
    }
  }
  std::sort(differences.begin(), differences.end());
  ShiftEstimate& estimate = result.b_minus_a;
  estimate.shift = median_of_sorted(differences);
  if (a.size() + b.size() > kMostUnpaired) {
    set_unpaired_normal(estimate, differences, result.u, a.size(), b.size(), alpha);
    return result;
  }
  set_interval(estimate, differences, untied_u(a.size(), b.size()), alpha);

  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const std::vector<std::size_t> ranks = doubled_ranks(all);
  const std::size_t found = std::accumulate(
      ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(a.size()), std::size_t{0});
  estimate.p = two_sided(subset_sums(ranks, a.size()), found);
  return result;
}

std::optional<ShiftEstimate> signed_ranks(std::span<const double> differences, double alpha) {
  if (differences.empty()) return std::nullopt;
  std::vector<double> averages;
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    for (std::size_t j = i; j < differences.size(); ++j) {
      averages.push_back((differences[i] + differences[j]) / 2);
    }
    if (differences[i] == 0.0) continue;  // says nothing about the direction
    sizes.push_back(std::abs(differences[i]));
    positive.push_back(differences[i] > 0);
  }
  std::sort(averages.begin(), averages.end());
  ShiftEstimate estimate;
  estimate.shift = median_of_sorted(averages);
  const std::vector<std::size_t> ranks = doubled_ranks(sizes);
  std::size_t found = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) found += positive[i] ? ranks[i] : 0;
  if (differences.size() > kMostPairs) {
    set_signed_normal(estimate, averages, static_cast<double>(found) / 2, sizes.size(), alpha);
    return estimate;
  }
  set_interval(estimate, averages, subset_sums(plain_ranks(differences.size())), alpha);
  estimate.p = ranks.empty() ? 1.0 : two_sided(subset_sums(ranks), found);
  return estimate;
}

}  // namespace poolgauge::math
