// Kriging in one dimension, and a handful of rules on top of it.
#include "advise/search.h"

#include <algorithm>
#include <cmath>

namespace poolgauge {

namespace {

// How far a model is trusted before anything was measured: 10 % (standard deviation of ln).
constexpr double kPriorError = 0.1;
// Every run differs from the next by more than its own sample says.
constexpr double kRunToRun = 0.02;
// How fast a correction seen at one size loses its force at others, per unit of ln(size).
constexpr double kDrift = 0.5;
// The chance from which a size is thought to do. More than one half, since a size that just does
// fails its confirmation every other time.
constexpr double kLikely = 0.6;
constexpr double kFullLength = 0.9;

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

/// Sizes that cannot be told apart.
std::int64_t step_of(const SearchLimits& limits, std::int64_t total) {
  const double step = std::round(limits.tolerance * static_cast<double>(total));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(step));
}

double worst(const std::vector<GoalScore>& scores) {
  double most = -kFarScore;
  for (const GoalScore& score : scores) most = std::max(most, score.value);
  return most;
}

/// Where the corrected model is looked at.
class Sizes {
 public:
  Sizes(const SearchLimits& limits, const CorrectedModel& model) : limits_(limits), model_(model) {}

  bool likely(std::int64_t total) const { return model_.chance(total) >= kLikely; }

  /// The smallest that will probably do: doubling until one does, then halving the gap.
  std::optional<std::int64_t> smallest() const {
    std::int64_t below = limits_.least - 1;
    for (std::int64_t total = limits_.least;; total = std::min(2 * total, limits_.most)) {
      if (likely(total)) return between(below, total);
      below = total;
      if (total == limits_.most) break;
    }
    // Too many may be as bad as too few: then the answer lies between.
    const std::int64_t best = nearest();
    if (!likely(best)) return std::nullopt;
    return between(limits_.least - 1, best);
  }

  /// The size that comes nearest to the goals.
  std::int64_t nearest() const {
    std::int64_t best = limits_.least;
    for (std::int64_t total = limits_.least; total < limits_.most; total *= 2) {
      best = better(best, total);
    }
    best = better(best, limits_.most);
    for (std::int64_t step = std::max<std::int64_t>(1, best / 4); step > 0; step /= 2) {
      best = better(better(best, clamped(best - step)), clamped(best + step));
    }
    return best;
  }

 private:
  std::int64_t clamped(std::int64_t total) const {
    return std::clamp(total, limits_.least, limits_.most);
  }
  std::int64_t better(std::int64_t a, std::int64_t b) const {
    const double of_a = worst(model_.at(a));
    const double of_b = worst(model_.at(b));
    constexpr double kSame = 0.01;
    // Of two that are as far off as can be the larger one does more.
    if (std::abs(of_a - of_b) < kSame) {
      return of_a < kFarScore - kSame ? std::min(a, b) : std::max(a, b);
    }
    return of_a < of_b ? a : b;
  }
  std::int64_t between(std::int64_t fails, std::int64_t does) const {
    while (does - fails > 1) {
      const std::int64_t middle = fails + (does - fails) / 2;
      (likely(middle) ? does : fails) = middle;
    }
    return does;
  }

  const SearchLimits& limits_;
  const CorrectedModel& model_;
};

/// What the trials say without a model.
class Record {
 public:
  explicit Record(std::span<const SearchTrial> trials) : trials_(trials) {}

  int unusable() const {
    return static_cast<int>(
        std::count_if(trials_.begin(), trials_.end(), [](const auto& t) { return !t.usable; }));
  }
  std::optional<std::int64_t> confirmed() const {
    for (const SearchTrial& trial : trials_) {
      if (trial.usable && trial.purpose == TrialPurpose::confirm && trial.met) return trial.total;
    }
    return std::nullopt;
  }
  /// The largest that failed its confirmation.
  std::int64_t rejected() const {
    std::int64_t largest = 0;
    for (const SearchTrial& trial : trials_) {
      if (trial.usable && trial.purpose == TrialPurpose::confirm && !trial.met) {
        largest = std::max(largest, trial.total);
      }
    }
    return largest;
  }
  bool seen(std::int64_t low, std::int64_t high) const {
    return std::any_of(trials_.begin(), trials_.end(), [=](const SearchTrial& trial) {
      return full(trial) && trial.total >= low && trial.total <= high;
    });
  }
  int full_runs(TrialPurpose purpose) const {
    return static_cast<int>(std::count_if(
        trials_.begin(), trials_.end(),
        [=](const SearchTrial& trial) { return full(trial) && trial.purpose == purpose; }));
  }
  int all_full_runs() const {
    return static_cast<int>(std::count_if(trials_.begin(), trials_.end(), full));
  }

 private:
  static bool full(const SearchTrial& trial) { return trial.usable && trial.length >= kFullLength; }
  std::span<const SearchTrial> trials_;
};

SearchStep measure(std::int64_t total, TrialPurpose purpose) {
  return {SearchOutcome::measure, total, purpose};
}

/// Nothing will do, says the model: seen to be so at the best size, and then believed.
SearchStep nothing_does(const SearchLimits& limits, const Record& record, std::int64_t best) {
  constexpr int kEnough = 3;
  const std::int64_t step = step_of(limits, best);
  if (record.seen(best - step, best + step) || record.all_full_runs() >= kEnough ||
      limits.runs_left < 1) {
    return {SearchOutcome::impossible, best, TrialPurpose::verify};
  }
  return measure(best, TrialPurpose::verify);
}

}  // namespace

CorrectedModel::CorrectedModel(const SizeModel& model, std::span<const SearchTrial> trials)
    : model_(model) {
  for (const SearchTrial& trial : trials) {
    if (!trial.usable) continue;
    const std::vector<GoalScore> expected = model(trial.total);
    Residual residual;
    residual.log_total = std::log(static_cast<double>(trial.total));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      residual.value.push_back(trial.scores[i] - expected[i].value);
      const double error = expected[i].error / std::sqrt(std::max(trial.length, 0.01));
      residual.variance.push_back(error * error + kRunToRun * kRunToRun);
    }
    residuals_.push_back(std::move(residual));
  }
}

GoalScore CorrectedModel::correction(std::size_t goal, std::int64_t total) const {
  const double at = std::log(static_cast<double>(total));
  double excess = 0;  // what the residuals have beyond their own noise
  for (const Residual& residual : residuals_) {
    const double r = residual.value[goal];
    if (std::isnan(r)) continue;
    excess = std::max(excess, r * r - 2 * residual.variance[goal]);
  }
  const double prior = 1 / (kPriorError * kPriorError + excess);
  double weights = prior;
  double sum = 0;
  for (const Residual& residual : residuals_) {
    if (std::isnan(residual.value[goal])) continue;
    const double away = kDrift * (at - residual.log_total);
    const double weight = 1 / (residual.variance[goal] + away * away);
    weights += weight;
    sum += weight * residual.value[goal];
  }
  return {sum / weights, std::sqrt(1 / weights)};
}

double CorrectedModel::bias(std::size_t goal, std::int64_t total) const {
  return correction(goal, total).value;
}

std::vector<GoalScore> CorrectedModel::at(std::int64_t total) const {
  std::vector<GoalScore> scores = model_(total);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const GoalScore shift = correction(i, total);
    scores[i] = {scores[i].value + shift.value, shift.error};
  }
  return scores;
}

double CorrectedModel::chance(std::int64_t total) const {
  double least = 1;
  for (const GoalScore& score : at(total)) {
    least = std::min(least, normal_cdf(-score.value / score.error));
  }
  return least;
}

SearchStep next_step(const SearchLimits& limits, const SizeModel& model,
                     std::span<const SearchTrial> trials) {
  const CorrectedModel corrected(model, trials);
  const Record record(trials);
  const Sizes sizes(limits, corrected);
  if (const auto answer = record.confirmed()) {
    return {SearchOutcome::confirmed, *answer, TrialPurpose::confirm};
  }
  std::optional<std::int64_t> found = sizes.smallest();
  if (const std::int64_t rejected = record.rejected(); rejected > 0) {
    const std::int64_t next = rejected + std::max<std::int64_t>(1, step_of(limits, rejected) / 2);
    found = std::max(found.value_or(0), next);
  }
  if (record.unusable() >= limits.most_unusable) {
    return {SearchOutcome::inconclusive, found.value_or(sizes.nearest()), TrialPurpose::verify};
  }
  if (!found || *found > limits.most) return nothing_does(limits, record, sizes.nearest());
  const std::int64_t total = *found;
  const std::int64_t step = step_of(limits, total);
  constexpr int kMostConfirmations = 5;
  if (limits.runs_left < 1 || record.full_runs(TrialPurpose::confirm) >= kMostConfirmations) {
    return {SearchOutcome::unconfirmed, total, TrialPurpose::confirm};
  }
  // The last run is for the confirmation.
  constexpr int kMostVerified = 4;
  const bool exact = record.seen(total, total);
  const bool enough = record.full_runs(TrialPurpose::verify) >= kMostVerified;
  if (!exact && !enough && record.rejected() == 0 && limits.runs_left >= 2) {
    return measure(total, TrialPurpose::verify);
  }
  constexpr int kMostNeighbours = 2;
  const bool below = total - step < limits.least || record.seen(total - 2 * step, total - 1);
  if (!below && record.full_runs(TrialPurpose::neighbour) < kMostNeighbours &&
      limits.runs_left >= 2) {
    return measure(total - step, TrialPurpose::neighbour);
  }
  return measure(total, TrialPurpose::confirm);
}

}  // namespace poolgauge
