// pgbench's hash functions and its permutation, bit for bit.
#pragma once

#include <cstdint>

namespace poolgauge {

/// FNV-1a over the eight bytes of `value`, lowest first.
std::int64_t hash_fnv1a(std::int64_t value, std::int64_t seed);
/// MurmurHash2, 64 bits, over the same.
std::int64_t hash_murmur2(std::int64_t value, std::int64_t seed);
/// Where a pseudorandom permutation of 0 ... size-1 puts `value`; size > 0.
std::int64_t permute(std::int64_t value, std::int64_t size, std::int64_t seed);

}  // namespace poolgauge
