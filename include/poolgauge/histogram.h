// Latency histogram: log-linear buckets with exact counts, mergeable, at most 0.1 % value error.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "poolgauge/time.h"

namespace poolgauge {

/// A histogram for storage, not for recording: a few bytes per filled bucket.
struct PackedHistogram {
  std::uint64_t count = 0;
  std::uint64_t clamped = 0;
  double sum_ns = 0;
  Duration min{0}, max{0};
  /// The counts of all buckets up to the last filled one, as HdrHistogram's V2 encoding has them:
  /// ZigZag LEB128, a run of n > 1 empty buckets as the number -n.
  std::vector<std::uint8_t> counts;
  bool operator==(const PackedHistogram&) const = default;
};

/// Memory that the system zeroes and allocates only when it is touched: a page or two for the
/// counts of a histogram, of which a scenario may have a hundred thousand.
template <typename T>
struct ZeroedAllocator {
  using value_type = T;
  ZeroedAllocator() = default;
  template <typename U>
  explicit ZeroedAllocator(const ZeroedAllocator<U>& /*other*/) {}
  T* allocate(std::size_t n) {
    void* const memory = std::calloc(n, sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t /*n*/) { std::free(memory); }
  template <typename U>
  void construct(U* /*place*/) {}  // zero already
  bool operator==(const ZeroedAllocator&) const = default;
};

/// Counts durations from 0 to one hour in nanoseconds.
///
/// Layout (that of HdrHistogram with the same precision, so counts can be exchanged): values below
/// 2^(bits+1) ns have a bucket each; above, every octave is cut into 2^bits equal buckets. With the
/// default bits = 10 a bucket is at most 1/1024 of its value wide, so its midpoint is at most
/// 0.05 % off. Memory: four bytes for each of the first 128 values; beyond, about
/// (43 - bits) * 2^bits * 8 bytes, of which only the pages that counts fall into are taken from the
/// machine. So a scenario may have many thousands of histograms with a few values each. Not
/// thread-safe; histograms of different threads are merged.
class Histogram {
 public:
  Histogram() = default;
  /// bits: 3 to 14 (CHECKed at the first record).
  explicit Histogram(unsigned bits) : bits_(bits) {}

  /// Negative values count as 0; values above one hour count in the last bucket and in `clamped()`.
  void record(Duration value) { record_n(value, 1); }
  void record_n(Duration value, std::uint64_t count);
  /// Both must have the same bits (CHECKed).
  void merge(const Histogram& other);
  /// The same for a packed one of these bits. False, and nothing changed, when its counts are
  /// damaged: a number that is cut off, a bucket beyond the last, or another sum than `count`.
  bool merge(const PackedHistogram& packed);
  PackedHistogram packed() const;
  void clear();

  std::uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Exact, from the recorded values; zero when empty.
  Duration min() const { return count_ ? min_ : Duration{0}; }
  Duration max() const { return count_ ? max_ : Duration{0}; }
  double mean_ns() const { return count_ ? sum_ns_ / static_cast<double>(count_) : 0.0; }
  double sum_ns() const { return sum_ns_; }
  std::uint64_t clamped() const { return clamped_; }

  /// The value at quantile q in [0, 1]: midpoint of the bucket that holds the ceil(q * count)-th
  /// smallest value (at least the first), cut to [min, max]. Zero when empty.
  Duration quantile(double q) const;
  /// The value of the rank-th smallest (1-based, cut to [1, count]).
  Duration value_at_rank(std::uint64_t rank) const;
  /// How many recorded values lie in buckets whose midpoint is <= value.
  std::uint64_t count_at_or_below(Duration value) const;
  /// How many values of a packed histogram (of the default bits) lie in the bucket of `value` or
  /// below it.
  static std::uint64_t count_up_to(const PackedHistogram& packed, Duration value);

  struct Bucket {
    Duration low{0};   ///< smallest value that falls into it
    Duration high{0};  ///< largest
    std::uint64_t count = 0;
  };
  /// Non-empty buckets in ascending order.
  std::vector<Bucket> buckets() const;
  unsigned bits() const { return bits_; }

 private:
  static constexpr std::int64_t kHighestNs = 3'600'000'000'000;  // one hour

  // With k = the octaves above the first 2^(bits+1) values, a bucket is 2^k wide.
  std::size_t index_of(std::uint64_t ns) const {
    const std::uint64_t first = (std::uint64_t{2} << bits_) - 1;
    const unsigned k = 63U - static_cast<unsigned>(std::countl_zero(ns | first)) - bits_;
    return (static_cast<std::size_t>(k) << bits_) + static_cast<std::size_t>(ns >> k);
  }
  Bucket bounds(std::size_t index, std::uint64_t count) const;
  Duration value_of(std::size_t index) const;
  /// The first and one past the last bucket that may be filled.
  std::size_t first_filled() const;
  std::size_t end_filled() const;
  /// From single values to counts.
  void allocate();
  /// Into whichever of the two is in use.
  void add_at(std::size_t index, std::uint64_t count) {
    if (counts_.empty()) return add_to_few(index, count);
    counts_[index] += count;
  }
  void add_to_few(std::size_t index, std::uint64_t count);
  struct Filled {
    std::size_t index;
    std::uint64_t count;
  };
  /// Calls see(Filled) for each filled bucket in ascending order, until it says false.
  template <class See>
  void each_filled(const See& see) const;
  std::vector<Filled> sorted_few() const;

  static constexpr std::size_t kFew = 128;
  unsigned bits_ = 10;
  /// The buckets of single values, in any order, while there are so few; `counts_` is empty then.
  std::vector<std::uint32_t> few_;
  std::vector<std::uint64_t, ZeroedAllocator<std::uint64_t>> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t clamped_ = 0;
  double sum_ns_ = 0.0;
  Duration min_ = Duration::max();
  Duration max_{0};
};

template <class See>
void Histogram::each_filled(const See& see) const {
  if (counts_.empty()) {
    for (const Filled& filled : sorted_few()) {
      if (!see(filled)) return;
    }
    return;
  }
  const std::size_t end = end_filled();
  for (std::size_t index = first_filled(); index < end; ++index) {
    if (counts_[index] != 0 && !see(Filled{index, counts_[index]})) return;
  }
}

// Inline: this is the one function of the measured path that every request passes several times.
inline void Histogram::record_n(Duration value, std::uint64_t count) {
  if (count == 0) return;
  const Duration kept = value.count() < 0 ? Duration{0} : value;
  if (kept.count() > kHighestNs) clamped_ += count;
  const std::int64_t ns = kept.count() > kHighestNs ? kHighestNs : kept.count();
  add_at(index_of(static_cast<std::uint64_t>(ns)), count);
  count_ += count;
  sum_ns_ += static_cast<double>(kept.count()) * static_cast<double>(count);
  min_ = kept < min_ ? kept : min_;
  max_ = kept > max_ ? kept : max_;
}

}  // namespace poolgauge
