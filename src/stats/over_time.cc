// Slices of a window as batches.
#include "stats/over_time.h"

#include <algorithm>
#include <cmath>

#include "math/samples.h"
#include "stats/interval.h"
#include "stats/product_limit.h"

namespace poolgauge {

namespace {

constexpr double kAlpha = 0.05;
constexpr double kFewEvents = 5;

std::uint64_t events_of(const Slice& slice, std::optional<FailureClass> failure) {
  if (!failure) return slice.failed;
  std::uint64_t events = 0;
  for (const ClassCount& known : slice.failures) {
    if (known.failure == *failure) events += known.count;
  }
  return events;
}

std::uint64_t events_of(const Measurement& measured, std::optional<FailureClass> failure) {
  if (!failure) return measured.requests.failed;
  std::uint64_t events = 0;
  for (const FailureCount& known : measured.failures) {
    if (known.failure == *failure) events += known.count;
  }
  return events;
}

/// The sample's rank that corresponds to a rank among fewer values.
double scaled(double rank, double of, double all) {
  return (rank - 0.5) / of * all + 0.5;
}

/// The values at two ranks of those that ended; with ages at the same fractions of all.
std::optional<DurationInterval> between(const Histogram& all, const Histogram& ages, double low,
                                        double high) {
  if (ages.empty()) {
    return DurationInterval{all.value_at_rank(static_cast<std::uint64_t>(std::max(low, 1.0))),
                            all.value_at_rank(static_cast<std::uint64_t>(high))};
  }
  const double n = static_cast<double>(all.count());
  const BoundedQuantile from = bounded_quantile(all, ages, std::clamp(low / n, 0.0, 1.0));
  const BoundedQuantile to = bounded_quantile(all, ages, std::clamp(high / n, 0.0, 1.0));
  if (!from.value || !to.value) return std::nullopt;
  return DurationInterval{*from.value, *to.value};
}

/// Where nothing tells how values depend on each other.
std::optional<DurationInterval> independent(const Histogram& all, const Histogram& ages, double q) {
  const std::optional<RankInterval> ranks = quantile_ranks(all.count(), q);
  if (!ranks) return std::nullopt;
  return between(all, ages, static_cast<double>(ranks->low), static_cast<double>(ranks->high));
}

}  // namespace

Pieces pieces_of(const Measurement& measured, PackedHistogram Slice::*metric) {
  Pieces pieces;
  for (const Slice& slice : measured.slices) pieces.push_back({&(slice.*metric)});
  return pieces;
}

Pieces pieces_of(const Measurement& measured, std::vector<PackedAt> Slice::*list,
                 const std::vector<std::size_t>& indexes) {
  Pieces pieces;
  for (const Slice& slice : measured.slices) {
    pieces.emplace_back();
    for (const std::size_t index : indexes) {
      const PackedHistogram* found = find_packed(slice.*list, index);
      if (found != nullptr) pieces.back().push_back(found);
    }
  }
  return pieces;
}

Pieces pieces_of_steps(const Measurement& measured, const std::vector<std::size_t>& steps) {
  return pieces_of(measured, &Slice::steps, steps);
}

std::optional<DurationInterval> quantile_interval(const Histogram& all, const Histogram& ages,
                                                  const Pieces& pieces, double q) {
  const BoundedQuantile at = bounded_quantile(all, ages, q);
  if (!at.value) return std::nullopt;
  std::vector<math::BatchCount> batches;
  for (const auto& piece : pieces) {
    math::BatchCount& batch = batches.emplace_back();
    for (const PackedHistogram* part : piece) {
      batch.hits += static_cast<double>(Histogram::count_up_to(*part, *at.value));
      batch.trials += static_cast<double>(part->count);
    }
  }
  const math::EffectiveSample worth = math::effective_sample(batches, kAlpha);
  if (worth.batches == 0) return independent(all, ages, q);
  const double few = std::max(1.0, std::floor(worth.trials));
  const auto ranks = quantile_ranks(static_cast<std::uint64_t>(few), q);
  if (!ranks) return std::nullopt;
  const double n = static_cast<double>(all.count());
  const double low = std::floor(scaled(static_cast<double>(ranks->low), few, n));
  const double high = std::ceil(scaled(static_cast<double>(ranks->high), few, n));
  return between(all, ages, low, high);
}

RateInterval failure_interval(const Measurement& measured, std::optional<FailureClass> failure) {
  const std::uint64_t events = events_of(measured, failure);
  const std::uint64_t ended = measured.requests.ended();
  if (ended == 0) return {};
  if (events == 0) return {0, zero_events_upper_limit(ended)};
  std::vector<math::BatchCount> batches;
  for (const Slice& slice : measured.slices) {
    batches.push_back({static_cast<double>(events_of(slice, failure)),
                       static_cast<double>(slice.completed + slice.failed)});
  }
  const math::EffectiveSample worth = math::effective_sample(batches, kAlpha);
  const double trials = worth.batches == 0 ? static_cast<double>(ended) : worth.trials;
  const double hits = trials * static_cast<double>(events) / static_cast<double>(ended);
  const math::Interval found = hits <= kFewEvents ? math::clopper_pearson(hits, trials, kAlpha)
                                                  : math::wilson(hits, trials, kAlpha);
  return {found.low, found.high};
}

std::optional<RateInterval> throughput_interval(const Measurement& measured) {
  const double length_s = to_s(measured.slice_length);
  if (length_s <= 0) return std::nullopt;
  std::vector<double> per_s;
  Duration end{0};
  for (const Slice& slice : measured.slices) {
    end += measured.slice_length;
    // The last one may be a fraction that says little.
    if (end <= measured.window) per_s.push_back(static_cast<double>(slice.completed) / length_s);
  }
  const auto found = math::series_mean_interval(per_s, kAlpha);
  if (!found) return std::nullopt;
  return RateInterval{std::max(0.0, found->low), found->high};
}

}  // namespace poolgauge
