// Whose transactions the database counted: by what was seen of their beginnings and ends.
//
// Of sessions at a random moment, those whose transaction began less than a short span ago are
// rate × span, if hardly any transaction is shorter than the span; those whose transaction ended
// less than the span ago are as many, if hardly any session is used again so soon. Either may hide
// most transactions: short statements have ended when they are looked at, and sessions that always
// have work are never seen idle. So the counts of both are read, at the longest span at which
// they still are proportional to it.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "observe/observe.h"

namespace poolgauge::observe {
namespace {

using Counts = std::array<std::uint32_t, Fresh::kSpans>;

constexpr double kFlat = 0.75;  // the later half of a span has at least this share of the earlier's
constexpr double kLeastRatio = 0.2;  // below, too little is left to extrapolate from
constexpr double kEnough = 30;       // events from which on two ways of counting are averaged
constexpr double kExplained = 0.67;  // of the counted transactions; less: anybody may have had them
constexpr double kTellsNothing = 10;
constexpr double kSure = 3;           // standard errors
constexpr double kNotBegun = 1.5;     // the same, of beginnings alone
constexpr double kHardlyEver = 0.01;  // of the looks, with every session in use
constexpr double kNegligible = 0.02;  // share of a database's transactions
constexpr double kMostTests = 0.7;    // of the counted transactions; more is something else

/// Events per second and look, from the counts within two spans: a linear form of both.
struct Reading {
  std::size_t span = 0;
  double whole = 0, half = 0;  ///< what the counts within the span and within half of it weigh
  double rate = 0, error = 0, events = 0;
  double at_most() const { return rate + 2 * error; }
  double of(const Counts& counts) const { return whole * counts[span] + half * counts[span + 1]; }
};

/// Of the longest span whose later half still shows most of the events. What is missing there is
/// made up for as if the times until the next event were exponential: `early` × -ln(r) / (1 - r)
/// in half a span, r = late / early, written as a linear form with the gradient as its weights.
Reading reading_of(const Counts& counts, double longest_s) {
  Reading reading;
  double span_s = longest_s;
  std::size_t k = 0;
  for (; k + 2 < Fresh::kSpans; ++k, span_s /= 2) {
    const double early = counts[k + 1], late = counts[k] - early;
    if (late >= kFlat * early - std::sqrt(late + kFlat * kFlat * early)) break;
  }
  const double early = counts[k + 1], late = counts[k] - early;
  if (early <= 0) return reading;
  const double missing = std::clamp(1 - late / early, -1.0, 1 - kLeastRatio);
  const double r = 1 - missing;
  const bool even = std::abs(missing) < 1e-3;
  const double form = even ? 1 + missing / 2 : -std::log(r) / missing;
  const double slope = even ? -0.5 : (-missing / r - std::log(r)) / (missing * missing);
  const double weight_early = (form - r * slope) * 2 / span_s, weight_late = slope * 2 / span_s;
  reading.span = k;
  reading.whole = weight_late;
  reading.half = weight_early - weight_late;
  reading.rate = reading.of(counts);
  reading.error = std::sqrt(weight_early * weight_early * early + weight_late * weight_late * late);
  reading.events = counts[k];
  return reading;
}

/// What beginnings and ends weigh: each count of either is too low where it is not right.
struct Weights {
  Reading begun, ended;
  double begins = 0, ends = 0;
  double of(const Fresh& fresh) const {
    return begins * begun.of(fresh.begun) + ends * ended.of(fresh.ended);
  }
};

Weights weights_of(const Fresh& sum, double longest_s) {
  Weights weights{reading_of(sum.begun, longest_s), reading_of(sum.ended, longest_s), 0, 0};
  const Reading &a = weights.begun, &b = weights.ended;
  const bool agree = std::abs(a.rate - b.rate) <= 2 * std::hypot(a.error, b.error);
  if (agree && std::min(a.events, b.events) >= kEnough) {
    weights.begins = weights.ends = 0.5;
  } else {
    (a.rate - a.error > b.rate - b.error ? weights.begins : weights.ends) = 1;
  }
  return weights;
}

/// Whether nothing but chance makes the counts deviate from being proportional to the span.
bool is_flat(const Reading& reading) {
  return reading.span + 2 < Fresh::kSpans && reading.events >= kEnough && reading.error > 0;
}

/// Beginnings and ends that agree, each weighed by its error.
Weights agreeing_weights(const Fresh& sum, double longest_s) {
  Weights weights{reading_of(sum.begun, longest_s), reading_of(sum.ended, longest_s), 0, 0};
  const Reading &a = weights.begun, &b = weights.ended;
  const double off = std::abs(a.rate - b.rate);
  if (!is_flat(a) || !is_flat(b) || off > 2 * std::hypot(a.error, b.error)) return weights;
  weights.begins = b.error * b.error / (a.error * a.error + b.error * b.error);
  weights.ends = 1 - weights.begins;
  return weights;
}

Batch counted_of(const GroupTally& tally) {
  Batch sum;
  for (const Batch& batch : tally.batches) {
    if (batch.counted_s > 0 && batch.looks > 0) sum.add(batch);
  }
  return sum;
}

/// Whether requests may have waited, which then begin on a connection as soon as another ends.
bool was_exhausted(const GroupTally& group, double looks) {
  double exhausted = 0;
  for (const auto& [both, count] : group.looks_by_both) {
    if (both.first > 0 && both.first >= both.second) exhausted += static_cast<double>(count);
  }
  return exhausted > kHardlyEver * looks;
}

/// What began and ended in each batch of a database beside what it counted: `recent` is that of all
/// its groups, in `weights`, times looks.
std::vector<Batch> seen_of(const std::vector<GroupTally*>& groups,
                           const std::vector<Weights>& weights) {
  std::vector<Batch> seen = groups.front()->batches;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    seen[i].recent = 0;
    for (std::size_t k = 0; k < groups.size(); ++k) {
      seen[i].recent += weights[k].of(groups[k]->batch_fresh[i]);
    }
  }
  return seen;
}

/// Tests of one database's connections per second; 0: none. `groups` are all of that database.
double leave_out_tests_of(const std::vector<GroupTally*>& groups, double recent_s) {
  std::vector<Weights> weights, begins;
  const Batch all = counted_of(*groups.front());
  if (all.counted_s <= 0) return 0;
  const double counted = all.transactions / all.counted_s;
  for (const GroupTally* const group : groups) {
    Fresh sum;
    for (std::size_t i = 0; i < group->batches.size(); ++i) {
      const Batch& batch = group->batches[i];
      if (batch.counted_s > 0 && batch.looks > 0) sum.add(group->batch_fresh[i]);
    }
    weights.push_back(agreeing_weights(sum, recent_s));
    const double most = std::max(weights.back().begun.at_most(), weights.back().ended.at_most());
    const bool agree = weights.back().begins + weights.back().ends > 0;
    const bool clear = agree && !was_exhausted(*group, all.looks);
    if (!clear && most > kNegligible * counted * all.looks) return 0;
    begins.push_back(weights.back());
    begins.back().begins = agree ? 1 : 0;
    begins.back().ends = 0;
  }
  const auto missing_in = [](const std::vector<Batch>& seen) {
    std::vector<Batch> batches;
    for (const Batch& batch : seen) {
      if (batch.counted_s > 0 && batch.looks > 0) batches.push_back(batch);
    }
    // In the same batches: bursts are in both.
    return figure_of(batches, [](const Batch& sum) {
      return sum.transactions / sum.counted_s - sum.recent / sum.looks;
    });
  };
  const std::vector<Batch> seen = seen_of(groups, weights);
  const ObserveFigure tests = missing_in(seen), not_begun = missing_in(seen_of(groups, begins));
  const bool sure = tests.error > 0 && tests.value > kSure * tests.error && not_begun.error > 0 &&
                    not_begun.value > kNotBegun * not_begun.error &&
                    tests.value <= kMostTests * counted;
  if (!sure) return 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    for (GroupTally* const group : groups) {
      Batch& batch = group->batches[i];
      if (batch.looks > 0) batch.transactions = batch.counted_s * seen[i].recent / batch.looks;
    }
  }
  return tests.value;
}

/// Makes the interval hold `value`.
void include(ObserveFigure& figure, double value) {
  if (!figure.low || !figure.high || value <= 0) return;
  figure.low = std::min(*figure.low, value);
  figure.high = std::max(*figure.high, value);
}

}  // namespace

bool is_alone(const std::vector<GroupTally>& groups, std::size_t number) {
  const std::string& database = groups[number].key.database;
  return 1 == std::count_if(groups.begin(), groups.end(), [&database](const GroupTally& one) {
           return one.key.database == database;
         });
}

void share_transactions(std::vector<GroupTally>& groups, double recent_s) {
  std::map<std::string, std::vector<double>> all;  // by database and batch
  for (GroupTally& group : groups) {
    Fresh sum;
    for (const Fresh& fresh : group.batch_fresh) sum.add(fresh);
    const Weights weights = weights_of(sum, recent_s);
    std::vector<double>& database = all[group.key.database];
    database.resize(group.batches.size());
    for (std::size_t i = 0; i < group.batches.size(); ++i) {
      group.batches[i].recent = weights.of(group.batch_fresh[i]);
      database[i] += group.batches[i].recent;
    }
  }
  for (GroupTally& group : groups) {
    const std::vector<double>& database = all[group.key.database];
    for (std::size_t i = 0; i < group.batches.size(); ++i) {
      group.batches[i].all_recent = database[i];
    }
  }
}

// Some pools test a connection before they hand it out: HikariCP if it was idle for half a second,
// others with each checkout (pre-ping). The server counts a transaction for each test. It takes no
// time, and the request's own transaction follows at once on the same connection. So hardly any
// look sees a session within a test or directly after one: what begins and what ends are only the
// requests' own transactions.
std::map<std::string, double> leave_out_tests(std::vector<GroupTally>& groups, double recent_s) {
  std::map<std::string, std::vector<GroupTally*>> by_database;
  for (GroupTally& group : groups) by_database[group.key.database].push_back(&group);
  std::map<std::string, double> tests;
  for (const auto& [database, own] : by_database) {
    if (const double rate = leave_out_tests_of(own, recent_s); rate > 0) tests[database] = rate;
  }
  return tests;
}

void doubt_shares(std::vector<ObservedGroup>& groups, const std::vector<GroupTally>& tallies) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    ObservedGroup& group = groups[i];
    const Batch sum = counted_of(tallies[i]);
    if (is_alone(tallies, i) || !group.rate_per_s || sum.looks <= 0 || sum.counted_s <= 0) continue;
    const double counted = sum.transactions / sum.counted_s;
    const double seen = sum.all_recent / sum.looks;
    const double own = sum.recent / sum.looks;
    if (seen >= kExplained * counted && counted >= kExplained * seen) continue;
    ObserveFigure& rate = *group.rate_per_s;
    include(rate, own);
    include(rate, own + std::max(0.0, counted - seen));
    if (rate.low && *rate.high <= kTellsNothing * *rate.low) {
      if (!group.hold_s) continue;
      include(*group.hold_s, group.in_use.value / *rate.low);
      include(*group.hold_s, group.in_use.value / *rate.high);
      continue;
    }
    group.rate_per_s.reset();
    forget_holds(group);
  }
}

}  // namespace poolgauge::observe
