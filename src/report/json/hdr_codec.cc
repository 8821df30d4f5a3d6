// Histograms as HdrHistogram writes them.

#include <zlib.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "report/json/histograms.h"

namespace poolgauge {

namespace {

using Bytes = std::vector<std::uint8_t>;

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

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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

Bytes deflated(const Bytes& bytes) {
  uLongf size = compressBound(bytes.size());
  Bytes out(size);
  const int done = compress(out.data(), &size, bytes.data(), bytes.size());
  POOLGAUGE_CHECK(done == Z_OK, "zlib compresses into a large enough buffer");
  out.resize(size);
  return out;
}

std::optional<Bytes> inflated(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kUsual = std::size_t{1} << 13;
  for (std::size_t room = kUsual; room <= kMostBytes; room *= 2) {
    Bytes out(room);
    uLongf length = out.size();
    const int status = uncompress(out.data(), &length, data, size);
    if (status == Z_BUF_ERROR) continue;
    if (status != Z_OK) return std::nullopt;
    out.resize(length);
    return out;
  }
  return std::nullopt;
}

std::string base64(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < left ? bytes[i + k] : 0U);
    for (unsigned k = 0; k < 4; ++k) {
      text += k <= left ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > 2 * kMostBytes) return std::nullopt;
  const std::size_t end = text.find('=');
  const std::string_view letters = text.substr(0, end);
  if (text.size() - letters.size() > 2) return std::nullopt;
  Bytes bytes;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char letter : letters) {
    const std::size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(group >> bits));
  }
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
  const std::optional<Bytes> bytes = from_base64(text);
  if (!bytes || bytes->size() < kCompressedHeader || get(*bytes, 0, 4) != kCompressedCookie ||
      get(*bytes, 4, 4) != bytes->size() - kCompressedHeader) {
    return std::nullopt;
  }
  const std::optional<Bytes> body =
      inflated(bytes->data() + kCompressedHeader, bytes->size() - kCompressedHeader);
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
