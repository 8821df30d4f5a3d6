// Which pools can be emulated, which options each has, and how to make one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "poolgauge/pool_policy.h"
#include "poolgauge/result.h"
#include "poolgauge/time.h"

namespace poolgauge {

enum class OptionType : std::uint8_t { integer, boolean, duration, choice };

/// An option's value. Durations are Duration; choices are their name.
using OptionValue = std::variant<std::int64_t, bool, Duration, std::string>;

/// One option of one pool kind, under its library's own name.
struct OptionInfo {
  std::string name;
  OptionType type = OptionType::integer;
  OptionValue default_value;
  /// For durations written as a bare number: the library's own unit.
  Duration bare_unit = std::chrono::seconds(1);
  std::int64_t min_value = 0;     ///< for integers
  std::int64_t max_value = 0;     ///< for integers
  bool minus_one_is_off = false;  ///< for durations: -1 (a bare number) means off, stored as -1 ns
  std::vector<std::string> choices;  ///< for choices
  std::string help;
};

/// One pool kind.
struct KindInfo {
  std::string name;
  std::string library;  ///< what it follows, with version
  std::vector<OptionInfo> options;
  /// A pooler of its own process that is between pools and server: named by
  /// `deployment.pooler`, never by `deployment.pool`.
  bool is_pooler = false;
};

/// Every kind of pool a scenario may name, in the order of the documentation; no poolers.
std::span<const KindInfo* const> pool_kinds();
/// Their names.
std::vector<std::string> pool_kind_names();
/// Pools and poolers; nullptr when unknown.
const KindInfo* find_kind(std::string_view name);

/// A pool as configured: its kind and the options that were set (the rest are defaults).
struct PoolSpec {
  std::string kind = "sqlalchemy-async";
  std::vector<std::pair<std::string, OptionValue>> options;

  /// The set value or the kind's default. The option must exist for the kind (CHECKed).
  OptionValue get(std::string_view option) const;
  std::int64_t integer(std::string_view option) const {
    return std::get<std::int64_t>(get(option));
  }
  bool boolean(std::string_view option) const { return std::get<bool>(get(option)); }
  Duration duration(std::string_view option) const { return std::get<Duration>(get(option)); }
  std::string choice(std::string_view option) const { return std::get<std::string>(get(option)); }
  void set(std::string_view option, OptionValue value);
};

/// Every option of the pool's kind with its value, set or default, in the kind's order.
std::vector<std::pair<std::string, OptionValue>> all_options(const PoolSpec& spec);

/// Rules between options that a single range cannot express; empty when all is well.
std::optional<std::string> check_options(const PoolSpec& spec);

/// The most connections one pool of this kind can open for `clients` concurrent clients
/// (kinds without a limit of their own are limited by their clients); nullopt: no bound.
/// A pool that falls back has no bound but its clients either.
std::optional<std::int64_t> pool_capacity(const PoolSpec& spec,
                                          std::optional<std::int64_t> clients);
/// The same without what a fallback opens outside the pool: where its own limit is reached.
std::optional<std::int64_t> pool_limit(const PoolSpec& spec, std::optional<std::int64_t> clients);
/// The pool's permanent part: what it may keep open; 0 where it keeps none.
std::int64_t pool_permanent_size(const PoolSpec& spec);

/// A fresh policy. The spec must be valid (known kind, options in range): CHECKed. `seed`: for
/// kinds with a random part (jittered lifetimes, a random waiter).
std::unique_ptr<PoolPolicy> make_policy(const PoolSpec& spec, std::uint64_t seed = 0);

}  // namespace poolgauge
