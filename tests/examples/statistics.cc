// Intervals, rank tests and warm-up.
#include <cmath>

#include "examples/example.h"
#include "math/change_points.h"
#include "math/samples.h"

namespace poolgauge::examples {

namespace {

using namespace math;

double fraction(const Inputs& in, const std::string& key) {
  const double value = in.number(key);
  if (!(value > 0 && value < 1)) throw Trouble("input \"" + key + "\" is not between 0 and 1");
  return value;
}

double alpha_of(const Inputs& in) {
  constexpr double kDefault = 0.05;
  return in.has("alpha") ? fraction(in, "alpha") : kDefault;
}

Json of_proportion(const Inputs& in) {
  const double k = in.number("k");
  const double n = in.number("n");
  if (k < 0 || n <= 0 || k > n) throw Trouble("k events of n trials: 0 <= k <= n");
  const Interval score = wilson(k, n, alpha_of(in));
  const Interval exact = clopper_pearson(k, n, alpha_of(in));
  return {{"wilson_lo", score.low},
          {"wilson_hi", score.high},
          {"cp_lo", exact.low},
          {"cp_hi", exact.high}};
}

Json of_order_statistics(const Inputs& in) {
  const auto ranks =
      quantile_ranks(static_cast<std::uint64_t>(in.count("n")), fraction(in, "q"), alpha_of(in));
  if (!ranks) throw Trouble("the sample is too small for an interval of this quantile");
  return {{"rank_lo", ranks->low}, {"rank_hi", ranks->high}, {"coverage", ranks->coverage}};
}

/// 0.95 -> "95", 0.999 -> "999".
std::string digits_of(double q) {
  return name_of(q).substr(2);
}

Json of_sample_size(const Inputs& in) {
  Json out;
  for (const double q : in.list("q")) {
    if (!(q > 0 && q < 1)) throw Trouble("a quantile lies between 0 and 1");
    const std::uint64_t n = samples_for_quantile(q, alpha_of(in));
    out["n_p" + digits_of(q)] = n;
    if (!in.is_list("q")) out["n"] = n;
  }
  return out;
}

Json of_zero_events(const Inputs& in) {
  return {{"n", samples_for_zero_events(fraction(in, "x"), alpha_of(in))}};
}

Json of_mann_whitney(const Inputs& in) {
  const auto test = mann_whitney(in.list("a"), in.list("b"), alpha_of(in));
  if (!test) throw Trouble("a sample is empty");
  const ShiftEstimate& shift = test->b_minus_a;
  return {{"U_a_gt_b", test->u}, {"p", shift.p},        {"hl_shift", shift.shift},
          {"ci_lo", shift.low},  {"ci_hi", shift.high}, {"achieved_conf", shift.confidence}};
}

Json shift_results(const std::vector<double>& differences, double alpha) {
  const auto shift = signed_ranks(differences, alpha);
  if (!shift) throw Trouble("no pairs");
  return {{"p", shift->p},
          {"hl", shift->shift},
          {"hl_shift", shift->shift},
          {"ci_lo", shift->low},
          {"ci_hi", shift->high},
          {"achieved_conf", shift->confidence},
          {"ratio", std::exp(shift->shift)}};
}

Json of_differences(const Inputs& in) {
  return shift_results(in.list("d"), alpha_of(in));
}

/// The gate's table: beyond doubt, or by the estimate with an interval that excludes no change.
std::string verdict_of(double low, double shift, double high, double margin) {
  if (low > margin || (low > 0 && shift >= margin)) return "REGRESSION";
  return high < margin ? "PASS" : "INCONCLUSIVE";
}

Json of_ratio_gate(const Inputs& in) {
  const double delta = in.number("delta");
  if (!(delta > 0)) throw Trouble("input \"delta\" is not above 0");
  Json out = shift_results(in.list("log_ratio"), alpha_of(in));
  const double high = out["ci_hi"].get<double>();
  out["ratio_lo"] = std::exp(out["ci_lo"].get<double>());
  out["ratio_hi"] = std::exp(high);
  out["verdict"] =
      verdict_of(out["ci_lo"].get<double>(), out["hl"].get<double>(), high, std::log1p(delta));
  return out;
}

Json of_log_ratios(const Inputs& in) {
  const std::vector<double> a = in.list("a");
  const std::vector<double> b = in.list("b");
  if (a.size() != b.size()) throw Trouble("pairs: a and b are equally long");
  std::vector<double> logs;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a[i] > 0 && b[i] > 0)) throw Trouble("a ratio needs values above 0");
    logs.push_back(std::log(b[i] / a[i]));
  }
  return shift_results(logs, alpha_of(in));
}

Json of_detectable_effect(const Inputs& in) {
  if (in.count("n") < 2) throw Trouble("at least two pairs");
  return {{"mde", detectable_effect(static_cast<std::uint64_t>(in.count("n")), in.number("s"),
                                    alpha_of(in), in.has("beta") ? fraction(in, "beta") : 0.2)}};
}

Json of_warm_up(const Inputs& in) {
  const auto cut = mser(in.list("x"), static_cast<std::size_t>(in.count_or("batch", 5)));
  if (!cut) throw Trouble("fewer than two batches");
  return {{"delete_first", cut->delete_first},
          {"mean_after", cut->mean_after},
          {"statistic", cut->statistic}};
}

Json of_batches(const Inputs& in) {
  return {{"n_eff", effective_samples(in.number("p"), in.number("s_b"),
                                      static_cast<std::uint64_t>(in.count("B")), in.number("n"))}};
}

/// Batches given one by one: their mean, their scatter, and what the sample is worth.
Json of_batch_fractions(const Inputs& in) {
  const std::vector<double> batches = in.list("batch_fraction");
  if (batches.size() < 2) throw Trouble("at least two batches");
  const auto count = static_cast<double>(batches.size());
  double mean = 0;
  for (const double one : batches) mean += one / count;
  double squares = 0;
  for (const double one : batches) squares += (one - mean) * (one - mean);
  const double spread = std::sqrt(squares / (count - 1));
  const double requests = count * in.number("per_batch");
  const double worth = effective_samples(mean, spread, batches.size(), requests);
  const Interval score = wilson(mean * worth, worth, alpha_of(in));
  return {{"p", mean},
          {"n_eff", worth},
          {"design_effect", requests / worth},
          {"wilson_lo", score.low},
          {"wilson_hi", score.high}};
}

const Formula kFormulas[] = {
    {"proportion", {"k", "n"}, of_proportion},
    {"order statistics", {"n", "q"}, of_order_statistics},
    {"sample for a quantile", {"q"}, of_sample_size},
    {"sample without events", {"x", "alpha"}, of_zero_events},
    {"Mann-Whitney", {"a", "b"}, of_mann_whitney},
    {"paired log ratios", {"a", "b"}, of_log_ratios},
    {"paired log ratios against a margin", {"log_ratio", "delta"}, of_ratio_gate},
    {"signed ranks", {"d"}, of_differences},
    {"minimum detectable effect", {"n", "s"}, of_detectable_effect},
    {"MSER", {"x"}, of_warm_up},
    {"effective sample of batches", {"batch_fraction", "per_batch"}, of_batch_fractions},
    {"effective sample of batches", {"p", "s_b", "B", "n"}, of_batches},
};

}  // namespace

std::span<const Formula> statistics_formulas() {
  return kFormulas;
}

}  // namespace poolgauge::examples
