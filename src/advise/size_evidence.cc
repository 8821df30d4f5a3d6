// Runs of one size, goal by goal: mean, spread, and where a further run would come out.
#include "advise/size_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace poolgauge {

namespace {

struct Moments {
  double mean = 0;
  double deviation = 0;  // of the sample; 0 for a single value
  std::size_t count = 0;
};

Moments moments_of(const std::vector<double>& values) {
  Moments result;
  result.count = values.size();
  for (const double value : values) result.mean += value / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) {
    squares += (value - result.mean) * (value - result.mean);
  }
  if (values.size() > 1) {
    result.deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
  }
  return result;
}

/// Student's t, one-sided 95 %, by degrees of freedom.
double student(std::size_t freedom) {
  constexpr std::array<double, 9> kTable = {6.31, 6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86};
  return kTable[std::min(freedom, kTable.size() - 1)];
}

/// The score that 95 of 100 further runs stay below. Two runs alone say too little of the spread:
/// then the model's stands for it.
double upper_bound(const Moments& seen, double model_error) {
  const auto n = static_cast<double>(seen.count);
  const double by_model = kNinetyFive * std::max(model_error, kRunToRun);
  constexpr std::size_t kFewest = 3;
  if (seen.count < kFewest) return seen.mean + by_model;
  const double by_sample = student(seen.count - 1) * seen.deviation * std::sqrt(1 + 1 / n);
  return seen.mean + std::max(by_model, by_sample);
}

void count_runs(std::int64_t total, std::span<const SearchTrial> trials, SizeEvidence& seen) {
  for (const SearchTrial& trial : trials) {
    if (trial.total != total || !trial.usable || trial.length < kFullLength) continue;
    ++seen.runs;
    if (trial.met) ++seen.met;
    if (trial.purpose != TrialPurpose::confirm) continue;
    ++seen.confirming;
    seen.clear = seen.clear && trial.clear;
    seen.in_a_row = trial.met ? seen.in_a_row + 1 : 0;
  }
}

std::vector<double> scores_at(std::int64_t total, std::size_t goal,
                              std::span<const SearchTrial> trials) {
  std::vector<double> scores;
  for (const SearchTrial& trial : trials) {
    if (trial.total != total || !trial.usable || trial.length < kFullLength) continue;
    if (goal < trial.scores.size() && !std::isnan(trial.scores[goal])) {
      scores.push_back(trial.scores[goal]);
    }
  }
  return scores;
}

}  // namespace

SizeEvidence evidence_at(std::int64_t total, const SizeModel& model,
                         std::span<const SearchTrial> trials) {
  SizeEvidence seen;
  count_runs(total, trials, seen);
  if (seen.runs == 0) return seen;
  const std::vector<GoalScore> expected = model(total);
  seen.within = true;
  bool first = true;
  for (std::size_t goal = 0; goal < expected.size(); ++goal) {
    const std::vector<double> scores = scores_at(total, goal, trials);
    if (scores.empty()) {
      seen.within = false;
      continue;
    }
    const Moments found = moments_of(scores);
    const double spread = std::max({found.deviation, expected[goal].error, kRunToRun});
    seen.within = seen.within && upper_bound(found, expected[goal].error) < 0;
    const bool nearer = first || found.mean + spread > seen.spread - seen.headroom;
    if (!nearer) continue;
    first = false;
    seen.headroom = -found.mean;
    seen.spread = spread;
    seen.goal = goal;
  }
  return seen;
}

bool confirms(const SizeEvidence& seen, int needed) {
  return seen.in_a_row >= needed && seen.in_a_row == seen.confirming && seen.within && seen.clear &&
         !seen.too_close();
}

bool rejects(const SizeEvidence& seen, int needed) {
  constexpr int kFurther = 2;  // runs beyond the stated number, where the interval is still open
  if (seen.in_a_row < seen.confirming) return true;
  if (seen.confirming < needed) return false;
  return seen.too_close() || !seen.clear || (!seen.within && seen.confirming >= needed + kFurther);
}

}  // namespace poolgauge
