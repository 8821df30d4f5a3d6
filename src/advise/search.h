// The search for the smallest pool that meets the goals: a pure function from what was measured so
// far to the next run or the answer. A model says what each size should do; real runs correct it.
// Who runs them, on which clock, is unknown here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "assess/verdict.h"

namespace poolgauge {

/// A run of at least this share of the planned length counts like a whole one.
inline constexpr double kFullLength = 0.9;

/// How a goal came out: a score as in assess/score.h.
struct GoalScore {
  double value = 0;
  double error = 0;  ///< standard error of one run of the planned length
};

/// What the model expects of a pool of this total size, goal by goal. Called often: cache it.
using SizeModel = std::function<std::vector<GoalScore>(std::int64_t total)>;

enum class TrialPurpose : std::uint8_t {
  calibrate,  ///< what the model was made from; its scores count, too
  verify,     ///< of what the model proposed
  neighbour,  ///< of a smaller size, which should not do
  confirm     ///< a fresh run of the answer
};

struct SearchTrial {
  std::int64_t total = 0;
  TrialPurpose purpose = TrialPurpose::verify;
  std::vector<double> scores;  ///< by goal; not a number: the run cannot say
  bool met = false;            ///< all goals, by their figures
  bool usable = true;          ///< false: the client was saturated, the run was cut short, ...
  double length = 1;           ///< of the planned run
  bool clear = true;           ///< every goal met with its whole interval, as far as it has one
};

struct SearchLimits {
  std::int64_t least = 1;
  std::int64_t most = 1;    ///< what the budget allows
  double tolerance = 0.05;  ///< of the size; at least one connection
  int runs_left = 18;       ///< what time allows
  int confirmations = 3;    ///< fresh runs in a row that must meet the goals
  int most_unusable = 3;    ///< runs in a row that come to nothing before the search ends
};

enum class SearchOutcome : std::uint8_t {
  measure,      ///< `total` and `purpose` say what
  confirmed,    ///< fresh runs of `total`, one after the other, met the goals with headroom
  unconfirmed,  ///< `total` should meet them, but the runs did not show that
  impossible,   ///< no size within the limits meets them; `total` comes nearest
  inconclusive  ///< too many runs were unusable; `total` is the best guess
};

struct SearchStep {
  SearchOutcome outcome = SearchOutcome::measure;
  std::int64_t total = 0;
  TrialPurpose purpose = TrialPurpose::verify;
};

SearchStep next_step(const SearchLimits& limits, const SizeModel& model,
                     std::span<const SearchTrial> trials);

/// The model as the trials so far correct it.
class CorrectedModel {
 public:
  CorrectedModel(const SizeModel& model, std::span<const SearchTrial> trials);
  /// Score and remaining error.
  std::vector<GoalScore> at(std::int64_t total) const;
  /// The probability that the mean of every goal lies within its limit at this size by so many
  /// spreads of one run: 0 for "meets it every other time".
  double chance(std::int64_t total, double spreads = 0) const;
  /// ln(measured / predicted) of a goal at a size.
  double bias(std::size_t goal, std::int64_t total) const;

 private:
  struct Residual {
    double log_total = 0;
    std::vector<double> value, variance;  ///< by goal
  };
  GoalScore correction(std::size_t goal, std::int64_t total) const;

  const SizeModel& model_;
  std::vector<Residual> residuals_;
};

}  // namespace poolgauge
