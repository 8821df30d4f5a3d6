// A kind of pool as its own file describes it to the registry.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/pool_flags.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/pool_traits.h"
#include "poolgauge/recommendation.h"

namespace poolgauge {

/// A flag that all kinds share, for a kind whose sizing options do not have it.
struct FlagAnswer {
  PoolFlag flag = PoolFlag::size;
  std::string neutral;      ///< the value that changes nothing; empty: none
  std::string nearest;      ///< what to use instead, as a sentence
  std::string option = {};  ///< the kind has an option after all, of this name
};

/// Configuration to paste, in one form.
struct SnippetForm {
  std::string id, title, language;
  std::string (*text)(const Recommendation& recommendation) = nullptr;
};

struct PoolKind {
  KindInfo info;
  std::unique_ptr<PoolPolicy> (*make)(const PoolSpec& spec, std::uint64_t seed) = nullptr;
  /// The most connections one pool can open; nullopt: as many as it has clients. Null: the same.
  std::optional<std::int64_t> (*capacity)(const PoolSpec& spec) = nullptr;
  /// What it may keep open; what is above counts as overflow. Null: 0, nothing is overflow.
  std::int64_t (*permanent)(const PoolSpec& spec) = nullptr;
  /// Rules between options, and those the library itself enforces: the text quotes them.
  std::optional<std::string> (*check)(const PoolSpec& spec) = nullptr;
  PoolTraits traits = {};
  /// Nothing: the kind has no size.
  std::optional<SizingOptions> sizing = std::nullopt;
  std::vector<FlagAnswer> flags = {};
  bool zero_age_is_never = false;   ///< how it writes that connections have no maximum age
  bool lowers_kept_itself = false;  ///< what it keeps never exceeds its size, whatever is asked for
  /// The kind whose options count for the shared flags, by its option "version". Null: its own.
  std::string_view (*named_as)(std::string_view version) = nullptr;
  std::string (*keep_open_option)(std::int64_t connections) = nullptr;
  std::string (*keep_open_cure)(const PoolSpec& pool, std::int64_t connections) = nullptr;
  LoopCosts (*loop)(const PoolSpec& spec) = nullptr;
  std::vector<SnippetForm> snippets = {};
};

inline constexpr std::int64_t kMostConnections = 262143;  // PostgreSQL's own MAX_BACKENDS

inline OptionInfo integer_option(std::string name, std::int64_t value, std::int64_t low,
                                 std::string help, std::int64_t high = kMostConnections) {
  OptionInfo info;
  info.name = std::move(name);
  info.default_value = value;
  info.min_value = low;
  info.max_value = high;
  info.help = std::move(help);
  return info;
}

inline OptionInfo flag_option(std::string name, bool value, std::string help) {
  OptionInfo info;
  info.name = std::move(name);
  info.type = OptionType::boolean;
  info.default_value = value;
  info.help = std::move(help);
  return info;
}

/// `unit`: what a bare number means in this library.
inline OptionInfo duration_option(std::string name, Duration value, bool minus_one_is_off,
                                  std::string help, Duration unit = std::chrono::seconds(1)) {
  OptionInfo info;
  info.name = std::move(name);
  info.type = OptionType::duration;
  info.default_value = value;
  info.bare_unit = unit;
  info.minus_one_is_off = minus_one_is_off;
  info.help = std::move(help);
  return info;
}

inline OptionInfo choice_option(std::string name, std::vector<std::string> choices,
                                std::string value, std::string help) {
  OptionInfo info;
  info.name = std::move(name);
  info.type = OptionType::choice;
  info.default_value = std::move(value);
  info.choices = std::move(choices);
  info.help = std::move(help);
  return info;
}

/// nullptr when unknown.
const PoolKind* find_pool_kind(std::string_view name);
std::span<const PoolKind> all_pool_kinds();

// One function a family, each in its folder: this list and the one in registry.cc are all that
// another one touches.
std::vector<PoolKind> sqlalchemy_kinds();
std::vector<PoolKind> psycopg_kinds();
std::vector<PoolKind> hikari_kinds();
std::vector<PoolKind> asyncpg_kinds();
std::vector<PoolKind> node_postgres_kinds();
std::vector<PoolKind> pgx_kinds();
std::vector<PoolKind> database_sql_kinds();
std::vector<PoolKind> rails_kinds();
std::vector<PoolKind> prisma_kinds();
std::vector<PoolKind> adaptive_kinds();
std::vector<PoolKind> plain_kinds();
std::vector<PoolKind> pgbouncer_kinds();

}  // namespace poolgauge
