// Histograms as HdrHistogram writes them.

#include <bit>
#include <cmath>

#include "report/json/histograms.h"
#include "report/json/measurement_bytes.h"

namespace poolgauge {

namespace {

// The low byte: counts of ZigZag LEB128 (0x10).
constexpr std::uint32_t kPlainCookie = 0x1c849303 | 0x10;
constexpr std::uint32_t kCompressedCookie = 0x1c849304 | 0x10;
constexpr std::uint32_t kDigits = 3;
constexpr std::uint64_t kLowest = 1;
constexpr std::uint64_t kHighest = 3'600'000'000'000;
constexpr std::size_t kPlainHeader = 40;
constexpr std::size_t kCompressedHeader = 8;
/// More than all buckets with nine bytes each.
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

/// Big-endian, as Java has it.
void put(Bytes& bytes, std::uint64_t value, unsigned size) {
  for (unsigned i = size; i-- > 0;) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t get(const Bytes& bytes, std::size_t at, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

Bytes plain(const PackedHistogram& packed) {
  Bytes bytes;
  put(bytes, kPlainCookie, 4);
  put(bytes, packed.counts.size(), 4);
  put(bytes, 0, 4);  // normalizing index offset
  put(bytes, kDigits, 4);
  put(bytes, kLowest, 8);
  put(bytes, kHighest, 8);
  put(bytes, std::bit_cast<std::uint64_t>(1.0), 8);  // integer to double conversion
  bytes.insert(bytes.end(), packed.counts.begin(), packed.counts.end());
  return bytes;
}

}  // namespace

std::string hdr_encoded(const PackedHistogram& packed) {
  const Bytes contents = deflated(plain(packed));
  Bytes bytes;
  put(bytes, kCompressedCookie, 4);
  put(bytes, contents.size(), 4);
  bytes.insert(bytes.end(), contents.begin(), contents.end());
  return base64(bytes);
}

std::optional<Bytes> hdr_counts(std::string_view text) {
  const std::optional<Bytes> bytes = from_base64(text, 2 * kMostBytes);
  if (!bytes || bytes->size() < kCompressedHeader || get(*bytes, 0, 4) != kCompressedCookie ||
      get(*bytes, 4, 4) != bytes->size() - kCompressedHeader) {
    return std::nullopt;
  }
  const std::optional<Bytes> body =
      inflated(bytes->data() + kCompressedHeader, bytes->size() - kCompressedHeader, kMostBytes);
  if (!body || body->size() < kPlainHeader) return std::nullopt;
  const bool ours = get(*body, 0, 4) == kPlainCookie &&
                    get(*body, 4, 4) == body->size() - kPlainHeader && get(*body, 8, 4) == 0 &&
                    get(*body, 12, 4) == kDigits && get(*body, 16, 8) == kLowest &&
                    get(*body, 24, 8) == kHighest;
  if (!ours) return std::nullopt;
  return Bytes(body->begin() + kPlainHeader, body->end());
}

namespace {

/// So that the report of a day is no larger than that of some minutes.
constexpr std::size_t kMostIntervals = 300;

PackedHistogram joined_slices(const std::vector<PackedHistogram>& slices, std::size_t from,
                              std::size_t to) {
  if (to - from == 1) return slices[from];
  Histogram sum;
  for (std::size_t i = from; i < to; ++i) {
    const bool good = sum.merge(slices[i]);
    POOLGAUGE_CHECK(good, "slices can be read back: our own, and those of a file were");
  }
  return sum.packed();
}

}  // namespace

HdrIntervals hdr_intervals(const Report& report, const KeptHistogram& metric) {
  HdrIntervals found;
  if (metric.slices.empty() || !(report.slice_s > 0)) return found;
  const std::size_t count = metric.slices.size();
  const auto second = static_cast<std::size_t>(std::max(1.0, std::round(1 / report.slice_s)));
  const std::size_t seconds = (count + second - 1) / second;
  const std::size_t group = second * ((seconds + kMostIntervals - 1) / kMostIntervals);
  found.length_s = report.slice_s * static_cast<double>(group);
  for (std::size_t from = 0; from < count; from += group) {
    found.parts.push_back(joined_slices(metric.slices, from, std::min(from + group, count)));
  }
  return found;
}

}  // namespace poolgauge
