// Histograms in a few bytes: the counts as HdrHistogram's V2 encoding has them.
#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/check.h"
#include "poolgauge/histogram.h"

namespace poolgauge {

namespace {

/// ZigZag LEB128: small numbers of either sign take one byte. The ninth byte, if there is one, has
/// eight bits of the number.
void put_number(std::vector<std::uint8_t>& bytes, std::int64_t number) {
  const auto sign = static_cast<std::uint64_t>(number >> 63);
  std::uint64_t left = (static_cast<std::uint64_t>(number) << 1) ^ sign;
  for (int i = 0; i < 8 && left >= 0x80; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(left | 0x80));
    left >>= 7;
  }
  bytes.push_back(static_cast<std::uint8_t>(left));
}

/// Reads numbers one after the other.
class Numbers {
 public:
  explicit Numbers(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}
  bool done() const { return at_ == bytes_.size(); }
  /// Nothing when the bytes end inside a number.
  std::optional<std::int64_t> next() {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 9; ++i) {
      if (done()) return std::nullopt;
      const std::uint64_t byte = bytes_[at_++];
      const bool last = i == 8 || (byte & 0x80) == 0;
      value |= (i == 8 ? byte : byte & 0x7F) << (7 * i);
      if (last) break;
    }
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
};

struct Bucketful {
  std::size_t index;
  std::uint64_t count;
};

/// Nothing when they are damaged or there are more than `most` buckets.
std::optional<std::vector<Bucketful>> read_counts(const std::vector<std::uint8_t>& counts,
                                                  std::size_t most) {
  std::vector<Bucketful> filled;
  std::size_t index = 0;
  for (Numbers numbers(counts); !numbers.done();) {
    const std::optional<std::int64_t> number = numbers.next();
    if (!number) return std::nullopt;
    const auto value = static_cast<std::uint64_t>(*number);
    const std::uint64_t run = *number >= 0 ? 1 : std::uint64_t{0} - value;
    if (run > most - index) return std::nullopt;
    if (*number > 0) filled.push_back({index, value});
    index += static_cast<std::size_t>(run);
  }
  return filled;
}

}  // namespace

PackedHistogram Histogram::packed() const {
  PackedHistogram packed;
  if (empty()) return packed;
  packed.count = count_;
  packed.clamped = clamped_;
  packed.sum_ns = sum_ns_;
  packed.min = min_;
  packed.max = max_;
  std::size_t next = 0;
  each_filled([&](const Filled& filled) {
    const auto zeros = static_cast<std::int64_t>(filled.index - next);
    if (zeros > 0) put_number(packed.counts, zeros == 1 ? 0 : -zeros);
    put_number(packed.counts, static_cast<std::int64_t>(filled.count));
    next = filled.index + 1;
    return true;
  });
  return packed;
}

bool Histogram::merge(const PackedHistogram& packed) {
  if (packed.count == 0) return packed.counts.empty();
  const std::size_t most = static_cast<std::size_t>(43U - bits_) << bits_;
  const std::optional<std::vector<Bucketful>> filled = read_counts(packed.counts, most);
  if (!filled || filled->empty()) return false;
  const auto index_at = [this](Duration value) {
    return index_of(static_cast<std::uint64_t>(std::min(value.count(), kHighestNs)));
  };
  std::uint64_t sum = 0;
  for (const Bucketful& bucket : *filled) sum += bucket.count;
  const bool fits = sum == packed.count && packed.min >= Duration{0} &&
                    index_at(packed.min) == filled->front().index &&
                    index_at(packed.max) == filled->back().index;
  if (!fits) return false;
  for (const Bucketful& bucket : *filled) add_at(bucket.index, bucket.count);
  count_ += packed.count;
  clamped_ += packed.clamped;
  sum_ns_ += packed.sum_ns;
  min_ = std::min(min_, packed.min);
  max_ = std::max(max_, packed.max);
  return true;
}

std::uint64_t Histogram::count_up_to(const PackedHistogram& packed, Duration value) {
  if (value.count() < 0) return 0;
  const Histogram layout;
  const std::size_t last =
      layout.index_of(static_cast<std::uint64_t>(std::min(value.count(), kHighestNs)));
  std::uint64_t sum = 0;
  std::size_t index = 0;
  for (Numbers numbers(packed.counts); !numbers.done() && index <= last;) {
    const std::int64_t number = numbers.next().value_or(0);
    index += static_cast<std::size_t>(number >= 0 ? 1 : -number);
    if (number > 0) sum += static_cast<std::uint64_t>(number);
  }
  return sum;
}

}  // namespace poolgauge
