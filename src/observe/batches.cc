// The jackknife: what a figure becomes when each batch in turn is left out.
#include "observe/batches.h"

#include <algorithm>
#include <cmath>

#include "math/samples.h"

namespace poolgauge::observe {
namespace {

constexpr std::size_t kFewest = 8;
constexpr std::size_t kBatches = 30;
constexpr std::size_t kEnoughToJoin = 20;
constexpr double kDependent = 0.3;
constexpr double kMostCorrelation = 0.95;
constexpr double kAlpha = 0.05;

std::vector<Batch> joined(std::span<const Batch> batches, std::size_t group) {
  std::vector<Batch> all;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (i % group == 0) all.emplace_back();
    all.back().add(batches[i]);
  }
  // A last one that is not whole would count as much as the others.
  if (batches.size() % group != 0 && all.size() > 1) {
    const Batch last = all.back();
    all.pop_back();
    all.back().add(last);
  }
  return all;
}

Batch sum_of(std::span<const Batch> batches) {
  Batch sum;
  for (const Batch& batch : batches) sum.add(batch);
  return sum;
}

/// Without each batch in turn.
std::vector<Batch> all_but_one(std::span<const Batch> batches) {
  std::vector<Batch> before(batches.size() + 1), after(batches.size() + 1);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    before[i + 1] = before[i];
    before[i + 1].add(batches[i]);
    const std::size_t back = batches.size() - 1 - i;
    after[back] = after[back + 1];
    after[back].add(batches[back]);
  }
  std::vector<Batch> rest;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    rest.push_back(before[i]);
    rest.back().add(after[i + 1]);
  }
  return rest;
}

struct Spread {
  double variance = 0;  ///< of the figure, neighbours taken as independent
  double correlation = 0;
};

/// Nothing usable: a variance that is not finite.
Spread spread_of(std::span<const Batch> batches, const std::function<double(const Batch&)>& value) {
  const auto count = static_cast<double>(batches.size());
  const double whole = value(sum_of(batches));
  std::vector<double> pseudo;
  double mean = 0;
  for (const Batch& rest : all_but_one(batches)) {
    pseudo.push_back(count * whole - (count - 1) * value(rest));
    mean += pseudo.back() / count;
  }
  double squares = 0, products = 0, last = 0;
  for (const double one : pseudo) {
    const double off = one - mean;
    squares += off * off;
    products += off * last;
    last = off;
  }
  return {squares / (count - 1) / count, squares > 0 ? products / squares : 0};
}

/// How much more the figure varies than independent batches would make it.
double widening(double correlation) {
  if (correlation <= 0) return 1;
  if (correlation <= kDependent) return 1 + 2 * correlation;
  const double bounded = std::min(correlation, kMostCorrelation);
  return (1 + bounded) / (1 - bounded);
}

}  // namespace

void Batch::add(const Batch& other) {
  for (double Batch::*const sum :
       {&Batch::looks, &Batch::seconds, &Batch::busy, &Batch::busy_square, &Batch::active,
        &Batch::idle_in_transaction, &Batch::high, &Batch::sessions, &Batch::ages, &Batch::aged,
        &Batch::recent, &Batch::all_recent, &Batch::full, &Batch::transactions, &Batch::counted_s,
        &Batch::counted_busy, &Batch::counted_looks}) {
    this->*sum += other.*sum;
  }
}

ObserveFigure figure_of(std::span<const Batch> given, const Statistic& statistic, Scale scale) {
  std::vector<Batch> batches;
  for (const Batch& batch : given) {
    if (batch.looks > 0) batches.push_back(batch);
  }
  ObserveFigure figure{statistic(sum_of(batches)), {}, {}, 0};
  if (batches.size() < kFewest || !std::isfinite(figure.value)) return figure;
  const bool log = scale == Scale::positive && figure.value > 0;
  const auto value = [&statistic, log](const Batch& sum) {
    return log ? std::log(statistic(sum)) : statistic(sum);
  };
  if (batches.size() >= 2 * kBatches) batches = joined(batches, batches.size() / kBatches);
  Spread spread = spread_of(batches, value);
  while (spread.correlation > kDependent && batches.size() >= kEnoughToJoin) {
    batches = joined(batches, 2);
    spread = spread_of(batches, value);
  }
  const double error = std::sqrt(spread.variance * widening(spread.correlation));
  if (!std::isfinite(error)) return figure;
  const double reach =
      error * math::student_upper_quantile(static_cast<double>(batches.size() - 1), kAlpha / 2);
  figure.error = log ? figure.value * error : error;
  figure.low = log ? figure.value * std::exp(-reach) : figure.value - reach;
  figure.high = log ? figure.value * std::exp(reach) : figure.value + reach;
  return figure;
}

ObserveFigure share_of(std::span<const Batch> batches, double Batch::*hits, double worth) {
  ObserveFigure figure = figure_of(
      batches, [hits](const Batch& sum) { return sum.looks > 0 ? sum.*hits / sum.looks : 0; });
  const double p = figure.value;
  const double looks = sum_of(batches).looks;
  if (!figure.low || looks <= 0) return figure;
  double n = std::min(worth, looks);
  if (figure.error > 0 && p > 0 && p < 1) {
    const double half = (*figure.high - *figure.low) / 2;
    const double normal = math::normal_upper_quantile(kAlpha / 2);
    // Batches that show few of long spells with a hit show too little of the error, too; what the
    // looks are worth for the number in use does not depend on that.
    const double shown = p * (1 - p) * normal * normal / (half * half);
    n = std::min(looks, worth < shown ? std::sqrt(worth * shown) : shown);
  }
  n = std::max(n, 1.0);
  const math::Interval interval = math::wilson(p * n, n, kAlpha);
  figure.low = interval.low;
  figure.high = p > 0 ? interval.high : std::min(1.0, 3 / n);
  return figure;
}

}  // namespace poolgauge::observe
