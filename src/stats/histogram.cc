// Bucket maths of the latency histogram: merging, and reading values back out of counts.
#include "poolgauge/histogram.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"

namespace poolgauge {

void Histogram::allocate() {
  POOLGAUGE_CHECK(bits_ >= 3 && bits_ <= 14, "a histogram has 3 to 14 bits");
  // One hour is below 2^42 ns: 2^(bits+1) buckets, then 2^bits for each of the 41 - bits octaves.
  counts_.resize(static_cast<std::size_t>(43U - bits_) << bits_);
  for (const std::uint32_t index : few_) ++counts_[index];
  few_ = {};
}

void Histogram::add_to_few(std::size_t index, std::uint64_t count) {
  POOLGAUGE_CHECK(bits_ >= 3 && bits_ <= 14, "a histogram has 3 to 14 bits");
  if (count > kFew - few_.size()) {
    allocate();
    counts_[index] += count;
    return;
  }
  few_.insert(few_.end(), static_cast<std::size_t>(count), static_cast<std::uint32_t>(index));
}

std::vector<Histogram::Filled> Histogram::sorted_few() const {
  std::vector<std::uint32_t> sorted = few_;
  std::sort(sorted.begin(), sorted.end());
  std::vector<Filled> filled;
  for (const std::uint32_t index : sorted) {
    if (filled.empty() || filled.back().index != index) filled.push_back({index, 0});
    ++filled.back().count;
  }
  return filled;
}

void Histogram::merge(const Histogram& other) {
  POOLGAUGE_CHECK(bits_ == other.bits_, "merged histograms have the same precision");
  if (other.empty()) return;
  other.each_filled([this](const Filled& filled) {
    add_at(filled.index, filled.count);
    return true;
  });
  count_ += other.count_;
  clamped_ += other.clamped_;
  sum_ns_ += other.sum_ns_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::size_t Histogram::first_filled() const {
  return empty() ? 0 : index_of(static_cast<std::uint64_t>(std::min(min_.count(), kHighestNs)));
}

std::size_t Histogram::end_filled() const {
  return empty() ? 0 : index_of(static_cast<std::uint64_t>(std::min(max_.count(), kHighestNs))) + 1;
}

void Histogram::clear() {
  few_.clear();
  const auto at = [this](std::size_t index) {
    return counts_.begin() + static_cast<std::ptrdiff_t>(index);
  };
  if (!counts_.empty()) std::fill(at(first_filled()), at(end_filled()), 0);
  count_ = 0;
  clamped_ = 0;
  sum_ns_ = 0.0;
  min_ = Duration::max();
  max_ = Duration{0};
}

Histogram::Bucket Histogram::bounds(std::size_t index, std::uint64_t count) const {
  // The inverse of index_of: the first 2^(bits+1) indexes are octave 0, then 2^bits for each.
  const std::size_t half = std::size_t{1} << bits_;
  const std::size_t octave = index < 2 * half ? 0 : (index >> bits_) - 1;
  const std::size_t low = (index - octave * half) << octave;
  const std::size_t width = std::size_t{1} << octave;
  return Bucket{Duration{static_cast<std::int64_t>(low)},
                Duration{static_cast<std::int64_t>(low + width - 1)}, count};
}

// The midpoint of a bucket, cut to what was recorded.
Duration Histogram::value_of(std::size_t index) const {
  const Bucket bucket = bounds(index, 0);
  const Duration midpoint = bucket.low + (bucket.high - bucket.low) / 2;
  return std::clamp(midpoint, min_, max_);
}

Duration Histogram::quantile(double q) const {
  if (empty()) return Duration{0};
  if (!(q > 0.0)) return value_at_rank(1);
  if (q >= 1.0) return value_at_rank(count_);
  // 0.07 * 100 is a little above 7 in binary: a relative slack keeps exact products exact.
  const double rank = std::ceil(q * static_cast<double>(count_) * (1.0 - 1e-15));
  return value_at_rank(static_cast<std::uint64_t>(rank));
}

Duration Histogram::value_at_rank(std::uint64_t rank) const {
  if (empty()) return Duration{0};
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  std::optional<std::size_t> found;
  each_filled([&](const Filled& filled) {
    seen += filled.count;
    if (seen >= wanted) found = filled.index;
    return !found;
  });
  POOLGAUGE_CHECK(found.has_value(), "the buckets sum to the count");
  return value_of(*found);
}

std::uint64_t Histogram::count_at_or_below(Duration value) const {
  if (empty() || value.count() < 0) return 0;
  std::uint64_t below = 0;
  each_filled([&](const Filled& filled) {
    if (value_of(filled.index) > value) return false;
    below += filled.count;
    return true;
  });
  return below;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> filled;
  each_filled([&](const Filled& one) {
    filled.push_back(bounds(one.index, one.count));
    return true;
  });
  return filled;
}

}  // namespace poolgauge
