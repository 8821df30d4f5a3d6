// A kind of pool as its own file describes it to the registry.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/policies.h"

namespace poolgauge {

struct PoolKind {
  KindInfo info;
  std::unique_ptr<PoolPolicy> (*make)(const PoolSpec& spec, std::uint64_t seed) = nullptr;
  /// The most connections one pool can open; nullopt: as many as it has clients. Null: the same.
  std::optional<std::int64_t> (*capacity)(const PoolSpec& spec) = nullptr;
  /// What it may keep open; what is above counts as overflow. Null: 0, nothing is overflow.
  std::int64_t (*permanent)(const PoolSpec& spec) = nullptr;
  /// Rules between options, and those the library itself enforces: the text quotes them.
  std::optional<std::string> (*check)(const PoolSpec& spec) = nullptr;
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

// One function a family, each in the file kind_FAMILY.cc.
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
