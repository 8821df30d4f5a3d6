// The settings that pools share under names of their own, and the names that other libraries use.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "poolgauge/policies.h"

namespace poolgauge {

/// The settings with a flag of their own for every kind of pool; the flags have SQLAlchemy's names.
enum class PoolFlag : std::uint8_t { size, overflow, timeout, recycle, ping };
inline constexpr std::array kPoolFlags = {PoolFlag::size, PoolFlag::overflow, PoolFlag::timeout,
                                          PoolFlag::recycle, PoolFlag::ping};

/// "pool_size", "max_overflow", "pool_timeout", "pool_recycle" or "pre_ping".
std::string_view name_of(PoolFlag flag);
/// The flag of such a name; nullopt for any other.
std::optional<PoolFlag> find_pool_flag(std::string_view name);

/// What a flag means for one kind of pool.
struct FlagMeaning {
  std::string option;  ///< the kind's own option; empty: it has none
  /// For the size: the option with the connections that are kept, which must not exceed it; empty:
  /// there is none, or the library itself lowers it.
  std::string kept;
  std::string never;  ///< for the age: what represents -1, "never"; empty: -1 itself
  /// Where there is no option: the value that means what the kind does anyway; empty: none.
  std::string neutral;
  std::string nearest;  ///< where there is no option: the nearest equivalent, as a sentence
};

/// The meaning of a flag for a known kind of pool. `version`: the pool's option of that name as
/// configured, or empty for the kind's default; Prisma's options depend on it.
FlagMeaning meaning_of(PoolFlag flag, std::string_view kind, std::string_view version = {});

/// The option of `kind` for what another library calls `name` (maximumPoolSize, max_size, maxTotal,
/// testOnBorrow); nullopt when the name is unknown or the kind has no such option.
std::optional<std::string> option_by_synonym(const KindInfo& kind, std::string_view name);

}  // namespace poolgauge
