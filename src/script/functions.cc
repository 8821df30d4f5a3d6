// Published algorithms: FNV-1a (Fowler, Noll, Vo), MurmurHash2-64A (Appleby), xoroshiro128**
// (Blackman and Vigna). The permutation's rounds are as PostgreSQL 14 and later define them.
#include "script/expression.h"

#include <bit>
#include <initializer_list>

namespace poolgauge {

namespace {

constexpr int kBytes = 8;

/// The generator behind the permutation, seeded through splitmix64.
class Xoroshiro {
 public:
  explicit Xoroshiro(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      word = (seed ^ (seed >> 30U)) * 0xbf58476d1ce4e5b9U;
      word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
      word ^= word >> 31U;
    }
  }

  std::uint64_t next() {
    const std::uint64_t first = state_[0];
    const std::uint64_t mixed = first ^ state_[1];
    state_[0] = std::rotl(first, 24) ^ mixed ^ (mixed << 16U);
    state_[1] = std::rotl(mixed, 37);
    return std::rotl(first * 5, 7) * 9;
  }

  /// In [0, high]: as many leading bits as `high` has, until they fit.
  std::uint64_t up_to(std::uint64_t high) {
    if (high == 0) return 0;
    const int spare = std::countl_zero(high);
    std::uint64_t value = 0;
    do {
      value = next() >> static_cast<unsigned>(spare);
    } while (value > high);
    return value;
  }

 private:
  std::uint64_t state_[2];
};

/// Numbers below a power of two, of `bits` bits.
struct Domain {
  unsigned bits;
  std::uint64_t mask;

  /// An odd multiplier and what is xored, then a rotation by one.
  std::uint64_t stirred(std::uint64_t value, std::uint64_t factor, std::uint64_t other) const {
    value = ((value * factor) ^ other) & mask;
    return ((value << 1U) & mask) | (value >> (bits - 1));
  }
};

}  // namespace

std::int64_t hash_fnv1a(std::int64_t value, std::int64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325U ^ static_cast<std::uint64_t>(seed);
  auto rest = static_cast<std::uint64_t>(value);
  for (int i = 0; i < kBytes; ++i) {
    hash = (hash ^ (rest & 0xffU)) * 0x100000001b3U;
    rest >>= 8U;
  }
  return static_cast<std::int64_t>(hash);
}

std::int64_t hash_murmur2(std::int64_t value, std::int64_t seed) {
  constexpr std::uint64_t kFactor = 0xc6a4a7935bd1e995U;
  constexpr unsigned kShift = 47;
  std::uint64_t block = static_cast<std::uint64_t>(value) * kFactor;
  block = (block ^ (block >> kShift)) * kFactor;
  std::uint64_t hash = static_cast<std::uint64_t>(seed) ^ (kFactor * kBytes);
  hash = (hash ^ block) * kFactor;
  hash = (hash ^ (hash >> kShift)) * kFactor;
  return static_cast<std::int64_t>(hash ^ (hash >> kShift));
}

std::int64_t permute(std::int64_t value, std::int64_t size, std::int64_t seed) {
  constexpr int kRounds = 6;
  if (size < 2) return 0;
  const auto count = static_cast<std::uint64_t>(size);
  const auto bits = static_cast<unsigned>(std::bit_width(count) - 1);
  const Domain domain{bits, (std::uint64_t{1} << bits) - 1};
  Xoroshiro random(static_cast<std::uint64_t>(seed));
  std::uint64_t at = static_cast<std::uint64_t>(value) % count;
  // The largest power of two that fits covers the lower end, then, mirrored, the upper one.
  for (int round = 0; round < kRounds; ++round) {
    for (const bool mirrored : {false, true}) {
      const std::uint64_t factor = (random.next() & domain.mask) | 1U;
      const std::uint64_t other = random.next() & domain.mask;
      const std::uint64_t here = mirrored ? count - 1 - at : at;
      if (here > domain.mask) continue;
      const std::uint64_t stirred = domain.stirred(here, factor, other);
      at = mirrored ? count - 1 - stirred : stirred;
    }
    at = (at + random.up_to(count - 1)) % count;
  }
  return static_cast<std::int64_t>(at);
}

}  // namespace poolgauge
