// Energy distances of all splits in one pass, and a seeded permutation test.
#include "math/change_points.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace poolgauge::math {

namespace {

struct Split {
  std::size_t at = 0;
  double energy = 0;
};

/// n m / (n + m) times the energy distance of the best split into two segments that are long
/// enough. Sums of distances within and across are carried from one split to the next.
Split best_split(const std::vector<double>& x, std::size_t least) {
  const std::size_t n = x.size();
  Split best;
  if (n < 2 * least) return best;
  double within_left = 0;
  double within_right = 0;
  double across = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) within_right += std::abs(x[i] - x[j]);
  }
  for (std::size_t k = 0; k + 1 < n; ++k) {  // x[k] moves from the right to the left
    double to_left = 0;
    double to_right = 0;
    for (std::size_t i = 0; i < k; ++i) to_left += std::abs(x[k] - x[i]);
    for (std::size_t j = k + 1; j < n; ++j) to_right += std::abs(x[k] - x[j]);
    within_left += to_left;
    within_right -= to_right;
    across += to_right - to_left;
    const std::size_t at = k + 1;
    if (at < least || n - at < least) continue;
    const double a = static_cast<double>(at);
    const double b = static_cast<double>(n - at);
    const double distance =
        2 * across / (a * b) - 2 * within_left / (a * a) - 2 * within_right / (b * b);
    const double energy = distance * a * b / (a + b);
    if (energy > best.energy) best = {at, energy};
  }
  return best;
}

void shuffle(std::vector<double>& values, Rng& rng) {
  for (std::size_t i = values.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(rng.uniform_int(0, static_cast<std::int64_t>(i) - 1));
    std::swap(values[i - 1], values[j]);
  }
}

/// How often chance splits as well; given up as soon as alpha is out of reach.
double chance_of(const std::vector<double>& values, double energy, const ChangeRules& rules) {
  Rng rng(rules.seed, values.size());
  std::vector<double> shuffled = values;
  const double all = rules.permutations + 1.0;
  unsigned as_good = 0;
  for (unsigned i = 0; i < rules.permutations; ++i) {
    shuffle(shuffled, rng);
    if (best_split(shuffled, rules.least_segment).energy < energy * (1 - 1e-12)) continue;
    if (++as_good + 1.0 > rules.alpha * all) return 1;
  }
  return (as_good + 1.0) / all;
}

double median_of(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/// The best split of [from, to), if chance does not split as well.
bool stands(std::span<const double> values, std::size_t from, std::size_t to,
            const ChangeRules& rules, ChangePoint& found) {
  const auto part = values.subspan(from, to - from);
  const std::vector<double> segment(part.begin(), part.end());
  const Split split = best_split(segment, rules.least_segment);
  if (split.at == 0) return false;
  found.at = from + split.at;
  found.before = median_of(part.first(split.at));
  found.after = median_of(part.subspan(split.at));
  found.p = chance_of(segment, split.energy, rules);
  return found.p <= rules.alpha;
}

void search(std::span<const double> values, std::size_t from, std::size_t to,
            const ChangeRules& rules, std::vector<std::size_t>& cuts) {
  ChangePoint found;
  if (!stands(values, from, to, rules, found)) return;
  cuts.push_back(found.at);
  search(values, from, found.at, rules, cuts);
  search(values, found.at, to, rules, cuts);
}

}  // namespace

std::vector<ChangePoint> change_points(std::span<const double> values, const ChangeRules& rules) {
  std::vector<std::size_t> cuts{0, values.size()};
  search(values, 0, values.size(), rules, cuts);
  std::sort(cuts.begin(), cuts.end());
  // Between its neighbours each cut is found again, perhaps a little beside, or it was an artefact.
  std::vector<ChangePoint> points;
  std::size_t from = 0;
  for (std::size_t i = 1; i + 1 < cuts.size(); ++i) {
    ChangePoint found;
    if (!stands(values, from, cuts[i + 1], rules, found)) continue;
    // Only here: a first cut may have both levels on one side, and medians that are alike.
    if (std::abs(found.after - found.before) < rules.least) continue;
    points.push_back(found);
    from = found.at;
  }
  return points;
}

}  // namespace poolgauge::math
