// Section by section: one figure's shift, its verdict, and what all of them say together.
#include "gate/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "assess/goal_figures.h"
#include "gate/gate_words.h"
#include "math/samples.h"
#include "poolgauge/exit_status.h"

namespace poolgauge {
namespace {

constexpr double kBeta = 0.2;  // power 80 %
constexpr double kMostUnusable = 1.0 / 3;
constexpr std::uint64_t kMostNeeded = 1000;  // nobody makes more: the change lies at the margin
/// The runs of one figure that can be used, oriented and scaled so that more is worse.
struct Sample {
  std::vector<double> baseline, candidate;  // as measured
  std::vector<double> a, b;                 // logs (or rates), worse is more
  LeftOut left_out;
  bool baseline_bounded = false, candidate_bounded = false;  // some run has only a lower bound
};

double worse_is_more(const GateMetric& m, double value) {
  if (m.difference) return m.higher_is_better ? -value : value;
  return m.higher_is_better ? -std::log(value) : std::log(value);
}

bool known(const GateRun& run, std::size_t rule) {
  return run.unusable.empty() && run.values[rule].has_value();
}

bool usable(const GateMetric& m, const GateRun& run, std::size_t rule) {
  return known(run, rule) && (m.difference || *run.values[rule] > 0);
}

/// Counts a run, or a pair, whose figure cannot be used, by its cause.
void leave_out(Sample& sample, const GateRun& a, const GateRun& b, std::size_t rule) {
  if (!a.unusable.empty() || !b.unusable.empty()) {
    ++sample.left_out.excluded;
  } else if (known(a, rule) && known(b, rule)) {
    ++sample.left_out.zeros;
  } else {
    ++sample.left_out.small;
  }
}

void take(const GateMetric& m, std::vector<double>& raw, std::vector<double>& scaled,
          double value) {
  raw.push_back(value);
  scaled.push_back(worse_is_more(m, value));
}

void note_bounds(Sample& sample, const GateQuestion& q, std::size_t rule) {
  const auto bounded = [rule](const GateRun& run) { return run.is_bound(rule); };
  sample.baseline_bounded = std::any_of(q.baseline.begin(), q.baseline.end(), bounded);
  sample.candidate_bounded = std::any_of(q.candidate.begin(), q.candidate.end(), bounded);
}

Sample sample_of(const GateQuestion& q, const GateMetric& m, std::size_t rule) {
  Sample sample;
  if (q.paired) {
    for (std::size_t i = 0; i < std::min(q.baseline.size(), q.candidate.size()); ++i) {
      if (!usable(m, q.baseline[i], rule) || !usable(m, q.candidate[i], rule)) {
        leave_out(sample, q.baseline[i], q.candidate[i], rule);
        continue;
      }
      take(m, sample.baseline, sample.a, *q.baseline[i].values[rule]);
      take(m, sample.candidate, sample.b, *q.candidate[i].values[rule]);
    }
    note_bounds(sample, q, rule);
    return sample;
  }
  const auto take_all = [&](const auto& runs, auto& raw, auto& scaled) {
    for (const GateRun& run : runs) {
      if (usable(m, run, rule)) {
        take(m, raw, scaled, *run.values[rule]);
      } else {
        leave_out(sample, run, run, rule);
      }
    }
  };
  take_all(q.baseline, sample.baseline, sample.a);
  take_all(q.candidate, sample.candidate, sample.b);
  note_bounds(sample, q, rule);
  return sample;
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// A shift towards worse, however it was found.
struct Shift {
  math::ShiftEstimate estimate;
  std::string method;
  double deviation = 0;  // of one difference, or of one run's value times the root of two
  double effective = 0;  // pairs that would be as good
  double freedom = 0;    // degrees of freedom of the deviation; infinite where it is assumed
};

std::optional<Shift> paired_shift(const Sample& s, double alpha) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < s.a.size(); ++i) differences.push_back(s.b[i] - s.a[i]);
  const auto found = math::signed_ranks(differences, alpha);
  if (!found) return std::nullopt;
  const auto count = static_cast<double>(differences.size());
  return Shift{*found, "signed ranks", math::standard_deviation(differences), count, count - 1};
}

std::optional<Shift> unpaired_shift(const Sample& s, double alpha,
                                    const std::optional<double>& noise, bool difference) {
  if (s.a.empty() || s.b.empty()) return std::nullopt;
  Shift shift;
  shift.deviation = std::sqrt(2.0) * math::pooled_deviation(s.a, s.b);
  shift.effective = 2 / (1 / static_cast<double>(s.a.size()) + 1 / static_cast<double>(s.b.size()));
  shift.freedom = static_cast<double>(s.a.size() + s.b.size()) - 2;
  const auto ranks = math::mann_whitney(s.a, s.b, alpha);
  if (ranks && ranks->b_minus_a.confidence >= 1 - alpha) {
    shift.estimate = ranks->b_minus_a;
    shift.method = "Mann-Whitney";
    return shift;
  }
  if (noise && !difference) {
    shift.estimate = *math::normal_shift(s.a, s.b, *noise, alpha);
    shift.method = "assumed noise";
    shift.deviation = std::sqrt(2.0) * *noise;
    shift.freedom = std::numeric_limits<double>::infinity();
    return shift;
  }
  const auto student = math::student_shift(s.a, s.b, alpha);
  if (!student) return std::nullopt;
  shift.estimate = *student;
  shift.method = "Student's t";
  return shift;
}

/// One-sided: of a shift towards worse at least this large by chance.
double one_sided(const math::ShiftEstimate& e) {
  return e.shift > 0 ? e.p / 2 : 1 - e.p / 2;
}

/// How much worse a shift is, as the value's own change.
double change_of(const GateMetric& m, double shift) {
  if (m.difference) return shift;
  return m.higher_is_better ? std::expm1(-shift) : std::expm1(shift);
}

double margin_of(const GateMetric& m) {
  return m.difference ? m.margin : std::log1p(m.margin);
}

/// Pairs, or runs on each side, that would show a change of this size.
std::uint64_t enough_runs(double effect, const Shift& shift, bool paired, double alpha) {
  return paired ? math::pairs_for_effect(effect, shift.deviation, alpha, kBeta)
                : math::runs_for_effect(effect, shift.deviation, alpha, kBeta);
}

void add_power(GateMetric& m, const Shift& shift, bool paired, double alpha) {
  if (shift.deviation <= 0) return;
  if (shift.freedom >= 1) {
    const double error = shift.deviation / std::sqrt(shift.effective);
    const double least = math::detectable_shift(error, shift.freedom, alpha, kBeta);
    m.detectable = m.difference ? least : std::expm1(least);
  }
  const std::uint64_t enough = enough_runs(margin_of(m), shift, paired, alpha);
  const std::uint64_t least = paired ? fewest_pairs(1, alpha) : 4;
  m.runs_needed = std::max<std::uint64_t>(enough, least);
}

/// Where a figure could not be decided, what is needed must also tell the change as it seems from
/// the margin, and it is never what was there already: that did not do.
void need_more(GateMetric& m, const Shift& shift, bool paired, double alpha, std::size_t had) {
  if (m.verdict != GateVerdict::inconclusive || !m.runs_needed) return;
  const double worse = shift.estimate.shift;
  const double distance = worse < margin_of(m) ? margin_of(m) - worse : worse;
  std::uint64_t needed = *m.runs_needed;
  if (distance > 0) {
    needed = std::max(needed, enough_runs(distance, shift, paired, alpha));
  }
  if (needed > had && needed <= kMostNeeded) {
    m.runs_needed = needed;
  } else {
    m.runs_needed.reset();
  }
}

/// What one figure alone says; Holm has his say later.
GateVerdict alone(const math::ShiftEstimate& e, double margin, double alpha) {
  const bool sure = e.confidence >= 1 - alpha;
  if (sure && e.high < margin) return GateVerdict::pass;
  if (sure && (e.low > margin || (e.low > 0 && e.shift >= margin))) return GateVerdict::regression;
  return GateVerdict::inconclusive;
}

/// A candidate that may be even worse has not passed, a baseline that may be even worse accuses
/// nobody.
void doubt_bounds(GateMetric& m, const Sample& sample) {
  const bool open = (sample.candidate_bounded && m.verdict == GateVerdict::pass) ||
                    (sample.baseline_bounded && m.verdict == GateVerdict::regression);
  if (!open) return;
  m.verdict = GateVerdict::inconclusive;
  m.note = fmt::format(
      "only a lower bound is known for the {}: too many of its requests were still in flight",
      sample.candidate_bounded ? "candidate" : "baseline");
}

std::optional<Shift> shift_of(const GateQuestion& q, const Sample& sample,
                              const std::optional<double>& noise, bool difference) {
  return q.paired ? paired_shift(sample, q.alpha)
                  : unpaired_shift(sample, q.alpha, noise, difference);
}

/// The differences beside the floor: what stays below it passes whatever its share, and what is not
/// surely above it is no regression.
void heed_floor(GateMetric& m, const GateQuestion& q, std::size_t rule) {
  if (!m.floor) return;
  GateMetric plain = m;
  plain.difference = true;
  std::optional<double> noise;
  if (q.assumed_noise && m.baseline) noise = *q.assumed_noise * *m.baseline;
  const std::optional<Shift> shift = shift_of(q, sample_of(q, plain, rule), noise, false);
  if (!shift) return;
  const GateVerdict by_floor = alone(shift->estimate, *m.floor, q.alpha);
  if (by_floor == GateVerdict::pass) {
    if (m.verdict != GateVerdict::pass) m.note = below_floor_words(m);
    m.verdict = GateVerdict::pass;
  } else if (m.verdict == GateVerdict::regression) {
    m.verdict = by_floor;
    m.p = std::max(m.p, one_sided(shift->estimate));
  }
}

GateMetric compare(const GateQuestion& q, std::size_t rule) {
  const GateRule& r = q.rules[rule];
  GateMetric m;
  m.metric = r.name;
  m.unit = unit_of(r.figure);
  m.higher_is_better = r.figure.statistic == GoalStatistic::throughput;
  m.difference = r.figure.statistic == GoalStatistic::rate;
  m.gated = r.gated;
  m.margin = r.margin;
  m.floor = r.floor;
  const Sample sample = sample_of(q, m, rule);
  m.baseline_runs = sample.baseline;
  m.candidate_runs = sample.candidate;
  m.baseline_bounded = sample.baseline_bounded;
  m.candidate_bounded = sample.candidate_bounded;
  if (!sample.baseline.empty()) m.baseline = median_of(sample.baseline);
  if (!sample.candidate.empty()) m.candidate = median_of(sample.candidate);
  const std::optional<Shift> shift = shift_of(q, sample, q.assumed_noise, m.difference);
  if (!shift) {
    heed_floor(m, q, rule);  // a wait of no time at all has no ratio, but a difference
    if (m.verdict != GateVerdict::pass) m.note = too_few_words(m, sample.left_out, q.paired);
    return m;
  }
  const math::ShiftEstimate& e = shift->estimate;
  m.change = change_of(m, e.shift);
  m.low = change_of(m, m.higher_is_better && !m.difference ? e.high : e.low);
  m.high = change_of(m, m.higher_is_better && !m.difference ? e.low : e.high);
  m.became_worse = e.shift > 0;
  m.confidence = e.confidence;
  m.p = one_sided(e);
  m.method = shift->method;
  add_power(m, *shift, q.paired, q.alpha);
  m.verdict = alone(e, margin_of(m), q.alpha);
  heed_floor(m, q, rule);
  doubt_bounds(m, sample);
  const std::size_t all = q.paired ? std::max(q.baseline.size(), q.candidate.size())
                                   : q.baseline.size() + q.candidate.size();
  const bool passed = m.floor && m.verdict == GateVerdict::pass;  // the floor needs no ratios
  const auto lost = static_cast<double>(sample.left_out.all());
  if (!passed && lost > kMostUnusable * static_cast<double>(all)) {
    m.verdict = GateVerdict::inconclusive;
    m.note = too_few_words(m, sample.left_out, q.paired);
  }
  need_more(m, *shift, q.paired, q.alpha, std::min(sample.a.size(), sample.b.size()));
  return m;
}

/// Holm: from the smallest p on, each against what is left; after the first failure none stands.
void apply_holm(std::vector<GateMetric>& metrics, double alpha) {
  std::vector<GateMetric*> gated;
  for (GateMetric& m : metrics) {
    if (m.gated && !m.method.empty()) gated.push_back(&m);
  }
  std::sort(gated.begin(), gated.end(),
            [](const GateMetric* a, const GateMetric* b) { return a->p < b->p; });
  bool stands = true;
  for (std::size_t i = 0; i < gated.size(); ++i) {
    const double share = alpha / static_cast<double>(gated.size() - i);
    stands = stands && gated[i]->p <= share * (1 + 1e-9);
    if (stands || gated[i]->verdict != GateVerdict::regression) continue;
    gated[i]->verdict = GateVerdict::inconclusive;
    gated[i]->note =
        fmt::format("worse, but not significant with {} metrics judged at once", gated.size());
    const std::size_t had =
        std::min(gated[i]->baseline_runs.size(), gated[i]->candidate_runs.size());
    if (gated[i]->runs_needed.value_or(0) <= had) gated[i]->runs_needed.reset();
  }
}

std::uint32_t count_unusable(const std::vector<GateRun>& runs) {
  return static_cast<std::uint32_t>(std::count_if(
      runs.begin(), runs.end(), [](const GateRun& run) { return !run.unusable.empty(); }));
}

GateSide side_of(const std::string& name, const std::vector<GateRun>& runs) {
  GateSide side;
  side.name = name;
  side.unusable = count_unusable(runs);
  side.runs = static_cast<std::uint32_t>(runs.size()) - side.unusable;
  for (const GateRun& run : runs) side.sources.push_back(run.source);
  return side;
}

bool has_effect(const GateQuestion& q, GateDifference::Effect effect) {
  return std::any_of(q.differences.begin(), q.differences.end(),
                     [effect](const GateDifference& d) { return d.effect == effect; });
}

/// Pairs of which either run is unusable.
std::uint32_t unusable_pairs(const GateQuestion& q) {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < std::min(q.baseline.size(), q.candidate.size()); ++i) {
    if (!q.baseline[i].unusable.empty() || !q.candidate[i].unusable.empty()) ++count;
  }
  return count;
}

}  // namespace

bool too_many_unusable(const GateQuestion& q, const GateResult& gate) {
  if (gate.baseline.runs == 0 || gate.candidate.runs == 0) return true;
  const double all =
      static_cast<double>(q.paired ? q.baseline.size() : q.baseline.size() + q.candidate.size());
  const double lost =
      q.paired ? unusable_pairs(q) : gate.baseline.unusable + gate.candidate.unusable;
  return lost > kMostUnusable * all;
}

namespace {
GateVerdict together(const GateQuestion& q, const GateResult& gate) {
  if (has_effect(q, GateDifference::Effect::refused)) return GateVerdict::invalid;
  if (too_many_unusable(q, gate)) return GateVerdict::inconclusive;
  const auto any = [&gate](GateVerdict verdict) {
    return std::any_of(gate.metrics.begin(), gate.metrics.end(),
                       [verdict](const GateMetric& m) { return m.gated && m.verdict == verdict; });
  };
  if (has_effect(q, GateDifference::Effect::doubt)) return GateVerdict::inconclusive;
  if (any(GateVerdict::regression)) return GateVerdict::regression;
  return any(GateVerdict::inconclusive) ? GateVerdict::inconclusive : GateVerdict::pass;
}

}  // namespace

GateResult judge_gate(const GateQuestion& question) {
  GateResult gate;
  gate.paired = question.paired;
  gate.baseline = side_of(question.baseline_name, question.baseline);
  gate.candidate = side_of(question.candidate_name, question.candidate);
  gate.differences = question.differences;
  if (question.paired) {
    gate.pairs = static_cast<std::uint32_t>(question.baseline.size()) - unusable_pairs(question);
  }
  for (std::size_t i = 0; i < question.rules.size(); ++i) {
    gate.metrics.push_back(compare(question, i));
  }
  std::stable_partition(gate.metrics.begin(), gate.metrics.end(),
                        [](const GateMetric& m) { return m.gated; });
  apply_holm(gate.metrics, question.alpha);
  for (GateMetric& m : gate.metrics) add_note(m);
  gate.verdict = together(question, gate);
  gate.exit_code = exit_code_of(gate.verdict);
  put_into_words(gate, question);
  return gate;
}

}  // namespace poolgauge
