// What a kind of pool calls its size and its timeouts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/policies.h"

namespace poolgauge {

/// The names of the options that decide a pool's size and times; empty: the kind has no such one.
struct SizingOptions {
  std::string kept;      ///< connections it keeps open
  std::string overflow;  ///< further ones, in kinds that count them apart from `kept`
  std::string most;      ///< the total, in the others
  std::string wait;      ///< limit of the wait for a connection (pool timeout) (pool timeout)
  std::string age;       ///< age at which a connection is replaced
  std::string ping;      ///< whether a connection is tested at checkout (pre-ping)
  /// A released connection is closed if `kept` are idle already; otherwise connections above `kept`
  /// are closed after a timeout, if at all.
  bool closes_at_return = false;
};

/// Nothing for kinds without a size: a connection for each request, or for each user.
std::optional<SizingOptions> sizing_options(std::string_view kind);

/// The pool with `total` connections at most, of which it keeps `kept`. The kind must have a size.
PoolSpec with_size(PoolSpec pool, std::int64_t kept, std::int64_t total);

/// "pool_size 5, max_overflow 10", "maximumPoolSize 15".
using NamedOptions = std::vector<std::pair<std::string, OptionValue>>;
/// A recommendation in the kind's own options: sizes and, where they are set, times.
struct PoolSettings {
  std::int64_t kept = 1;
  std::int64_t total = 1;
  std::optional<Duration> wait, age;
  std::optional<bool> ping;
};
NamedOptions named_options(std::string_view kind, const PoolSettings& settings);

}  // namespace poolgauge
