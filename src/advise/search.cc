// Kriging in one dimension, and a handful of rules on top of it.
#include "advise/search.h"

#include <algorithm>
#include <cmath>

#include "advise/size_evidence.h"

namespace poolgauge {

namespace {

// How far a model is trusted before anything was measured: 10 % (standard deviation of ln).
constexpr double kPriorError = 0.1;
// How fast a correction seen at one size loses its force at others, per unit of ln(size).
constexpr double kDrift = 0.5;
// The chance from which a size is thought to do.
constexpr double kLikely = 0.6;
constexpr int kMostVerified = 4;

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
  /// `spreads`: how much room a size must leave to each goal, in spreads of one run.
  Sizes(const SearchLimits& limits, const CorrectedModel& model, double spreads)
      : limits_(limits), model_(model), spreads_(spreads) {}

  bool likely(std::int64_t total) const { return model_.chance(total, spreads_) >= kLikely; }

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
  double spreads_;
};

/// What the trials say without a model.
class Record {
 public:
  explicit Record(std::span<const SearchTrial> trials) : trials_(trials) {}

  /// How many at the end.
  int unusable() const {
    const auto last = std::find_if(trials_.rbegin(), trials_.rend(),
                                   [](const auto& trial) { return trial.usable; });
    return static_cast<int>(last - trials_.rbegin());
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

double worst(const SearchTrial& trial) {
  double most = -kFarScore;
  for (const double score : trial.scores) {
    if (!std::isnan(score)) most = std::max(most, score);
  }
  return most;
}

/// A larger size to look at, while the largest that was run did better than smaller ones, or as
/// badly as can be: what more connections do a model made from few of them can only guess.
std::optional<std::int64_t> beyond_the_seen(const SearchLimits& limits,
                                            std::span<const SearchTrial> trials) {
  constexpr std::int64_t kTimes = 4;
  constexpr double kBetter = 0.05;
  const SearchTrial* largest = nullptr;
  for (const SearchTrial& trial : trials) {
    if (trial.usable && (largest == nullptr || trial.total >= largest->total)) largest = &trial;
  }
  if (largest == nullptr || largest->total >= limits.most) return std::nullopt;
  const double at_largest = worst(*largest);
  const bool did_not_help = std::any_of(trials.begin(), trials.end(), [&](const SearchTrial& t) {
    return t.usable && t.total < largest->total && worst(t) < at_largest + kBetter;
  });
  if (did_not_help && at_largest < kFarScore) return std::nullopt;
  return std::min(limits.most, kTimes * largest->total);
}

/// Nothing will do, says the model: seen to be so at the best size, and at larger ones as long as
/// they help; then believed.
SearchStep nothing_does(const SearchLimits& limits, std::span<const SearchTrial> trials,
                        const Record& record, std::int64_t best) {
  constexpr int kEnough = 6;
  const std::int64_t step = step_of(limits, best);
  if (record.all_full_runs() < kEnough && limits.runs_left > 0) {
    if (!record.seen(best - step, best + step)) return measure(best, TrialPurpose::verify);
    if (const auto larger = beyond_the_seen(limits, trials)) {
      return measure(*larger, TrialPurpose::verify);
    }
  }
  return {SearchOutcome::impossible, best, TrialPurpose::verify};
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

double CorrectedModel::chance(std::int64_t total, double spreads) const {
  double least = 1;
  const std::vector<GoalScore> runs = model_(total);
  const std::vector<GoalScore> means = at(total);
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double room = spreads * std::max(runs[i].error, kRunToRun);
    least = std::min(least, normal_cdf(-(means[i].value + room) / means[i].error));
  }
  return least;
}

namespace {

/// The sizes that were confirmed or rejected by runs of their own.
struct Settled {
  std::optional<std::int64_t> confirmed;
  std::int64_t rejected = 0;  ///< the largest
  /// Has confirming runs and needs more. It gets them before any other size is looked at: what one
  /// run moves the model by is no reason to begin anew.
  std::optional<std::int64_t> open;
};
Settled settled(const SearchLimits& limits, const SizeModel& model,
                std::span<const SearchTrial> trials) {
  Settled result;
  for (const SearchTrial& trial : trials) {
    if (!trial.usable || trial.purpose != TrialPurpose::confirm) continue;
    const SizeEvidence seen = evidence_at(trial.total, model, trials);
    if (confirms(seen, limits.confirmations)) {
      result.confirmed = trial.total;
    } else if (rejects(seen, limits.confirmations)) {
      result.rejected = std::max(result.rejected, trial.total);
    } else {
      result.open = trial.total;
    }
  }
  return result;
}

/// No size leaves the goals more room than runs differ. One that meets them all the same is shown
/// to do so, as far as that goes, and never called confirmed.
SearchStep nothing_to_spare(const SearchLimits& limits, const SizeModel& model,
                            std::span<const SearchTrial> trials, const Record& record,
                            const Sizes& barely) {
  const auto found = barely.smallest();
  if (!found) return nothing_does(limits, trials, record, barely.nearest());
  // A model that is far off is no proof: the size it thinks just enough is looked at first.
  const bool enough = record.full_runs(TrialPurpose::verify) >= kMostVerified;
  if (!record.seen(*found, *found) && !enough && limits.runs_left > limits.confirmations) {
    return measure(*found, TrialPurpose::verify);
  }
  // Of those that were run, the smallest that met the goals every time stands for all.
  std::int64_t total = *found;
  for (const SearchTrial& trial : trials) {
    const SizeEvidence seen = evidence_at(trial.total, model, trials);
    const SizeEvidence best = evidence_at(total, model, trials);
    const bool always = seen.runs > 0 && seen.met == seen.runs;
    const bool as_well = best.runs > 0 && best.met == best.runs;
    if (always && (!as_well || seen.runs > best.runs)) total = trial.total;
  }
  const SizeEvidence seen = evidence_at(total, model, trials);
  const bool open = seen.confirming < limits.confirmations && seen.in_a_row == seen.confirming;
  if (open && limits.runs_left > 0) return measure(total, TrialPurpose::confirm);
  return {SearchOutcome::unconfirmed, total, TrialPurpose::confirm};
}

}  // namespace

SearchStep next_step(const SearchLimits& limits, const SizeModel& model,
                     std::span<const SearchTrial> trials) {
  const CorrectedModel corrected(model, trials);
  const Record record(trials);
  const Sizes sizes(limits, corrected, kNinetyFive);
  const Settled known = settled(limits, model, trials);
  if (known.confirmed) {
    return {SearchOutcome::confirmed, *known.confirmed, TrialPurpose::confirm};
  }
  std::optional<std::int64_t> found = sizes.smallest();
  if (found && known.rejected > 0) {
    const std::int64_t step = step_of(limits, known.rejected);
    found = std::max(*found, known.rejected + std::max<std::int64_t>(1, step / 2));
  }
  if (record.unusable() >= limits.most_unusable) {
    return {SearchOutcome::inconclusive, found.value_or(sizes.nearest()), TrialPurpose::verify};
  }
  if (known.open && limits.runs_left > 0) return measure(*known.open, TrialPurpose::confirm);
  if (known.open) return {SearchOutcome::unconfirmed, *known.open, TrialPurpose::confirm};
  if (!found || *found > limits.most) {
    return nothing_to_spare(limits, model, trials, record, Sizes(limits, corrected, 0));
  }
  const std::int64_t total = *found;
  const std::int64_t step = step_of(limits, total);
  constexpr int kMostSizes = 3;  // that are run as often as a confirmation takes
  const bool tried_enough =
      record.full_runs(TrialPurpose::confirm) >= kMostSizes * (limits.confirmations + 2);
  if (limits.runs_left < 1 || tried_enough) {
    return {SearchOutcome::unconfirmed, total, TrialPurpose::confirm};
  }
  // The last runs are for the confirmation.
  const bool spare = limits.runs_left > limits.confirmations;
  const bool exact = record.seen(total, total);
  const bool enough = record.full_runs(TrialPurpose::verify) >= kMostVerified;
  if (!exact && !enough && known.rejected == 0 && spare) {
    return measure(total, TrialPurpose::verify);
  }
  constexpr int kMostNeighbours = 2;
  const bool below = total - step < limits.least || record.seen(total - 2 * step, total - 1);
  if (!below && record.full_runs(TrialPurpose::neighbour) < kMostNeighbours && spare) {
    return measure(total - step, TrialPurpose::neighbour);
  }
  return measure(total, TrialPurpose::confirm);
}

}  // namespace poolgauge
