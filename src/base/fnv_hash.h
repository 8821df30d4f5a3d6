// A hash that is the same on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace poolgauge {

/// FNV-1a, 64 bits: enough to notice a difference, not to keep anybody from making one.
inline std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace poolgauge
