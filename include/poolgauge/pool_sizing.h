// What a kind of pool calls its size and its patience.
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
  std::string wait;      ///< limit of the wait for a connection
  std::string age;       ///< age at which a connection is replaced
  std::string ping;      ///< whether a connection is tested before it is given out
  /// A returned connection is closed when `kept` idle ones are there already; else what is above
  /// `kept` is closed after a time of its own, if at all.
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
