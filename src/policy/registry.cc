// Kinds by name: their options with ranges and defaults, their capacity, and how to make one.
#include <algorithm>

#include "base/check.h"
#include "policy/fallback_pool.h"
#include "policy/kind.h"

namespace poolgauge {

namespace {

using Family = std::vector<PoolKind> (*)();

// In the order of the documentation.
constexpr Family kFamilies[] = {sqlalchemy_kinds,   psycopg_kinds,       hikari_kinds,
                                asyncpg_kinds,      node_postgres_kinds, pgx_kinds,
                                database_sql_kinds, rails_kinds,         prisma_kinds,
                                adaptive_kinds,     plain_kinds,         pgbouncer_kinds};

/// What any pool has that can refuse somebody for want of a connection: pools without a limit of
/// their own (no pool at all, one connection a user) fail only where a direct one fails, too.
bool can_fall_back(const PoolKind& kind) {
  return !kind.info.is_pooler && kind.capacity != nullptr;
}

OptionInfo fallback_option() {
  return choice_option("fallback", {"none", "direct"}, "none",
                       "direct: requests that the pool refuses open their own connection, closed "
                       "on return; not an option of the library");
}

bool falls_back(const PoolKind& kind, const PoolSpec& spec) {
  return can_fall_back(kind) && spec.choice("fallback") == "direct";
}

const std::vector<PoolKind>& kinds() {
  static const std::vector<PoolKind> all = [] {
    std::vector<PoolKind> made;
    for (const Family family : kFamilies) {
      for (PoolKind& kind : family()) {
        if (can_fall_back(kind)) kind.info.options.push_back(fallback_option());
        made.push_back(std::move(kind));
      }
    }
    return made;
  }();
  return all;
}

const PoolKind* find(std::string_view name) {
  for (const PoolKind& kind : kinds()) {
    if (kind.info.name == name) return &kind;
  }
  return nullptr;
}

const PoolKind& kind_of(const PoolSpec& spec) {
  const PoolKind* kind = find(spec.kind);
  POOLGAUGE_CHECK(kind != nullptr, "a pool of an unknown kind");
  return *kind;
}

}  // namespace

const PoolKind* find_pool_kind(std::string_view name) {
  return find(name);
}

std::span<const PoolKind> all_pool_kinds() {
  return kinds();
}

std::span<const KindInfo* const> pool_kinds() {
  static const std::vector<const KindInfo*> pools = [] {
    std::vector<const KindInfo*> found;
    for (const PoolKind& kind : kinds()) {
      if (!kind.info.is_pooler) found.push_back(&kind.info);
    }
    return found;
  }();
  return pools;
}

std::vector<std::string> pool_kind_names() {
  std::vector<std::string> names;
  for (const KindInfo* kind : pool_kinds()) names.push_back(kind->name);
  return names;
}

const KindInfo* find_kind(std::string_view name) {
  const PoolKind* kind = find(name);
  return kind != nullptr ? &kind->info : nullptr;
}

OptionValue PoolSpec::get(std::string_view option) const {
  for (const auto& [name, value] : options) {
    if (name == option) return value;
  }
  const KindInfo* info = find_kind(kind);
  POOLGAUGE_CHECK(info != nullptr, "a pool of an unknown kind");
  for (const OptionInfo& known : info->options) {
    if (known.name == option) return known.default_value;
  }
  check_failed("option of this kind", "a pool option that its kind does not have", __FILE__,
               __LINE__);
}

void PoolSpec::set(std::string_view option, OptionValue value) {
  for (auto& [name, present] : options) {
    if (name == option) {
      present = std::move(value);
      return;
    }
  }
  options.emplace_back(std::string(option), std::move(value));
}

std::vector<std::pair<std::string, OptionValue>> all_options(const PoolSpec& spec) {
  std::vector<std::pair<std::string, OptionValue>> options;
  const KindInfo* info = find_kind(spec.kind);
  POOLGAUGE_CHECK(info != nullptr, "a pool of an unknown kind");
  for (const OptionInfo& known : info->options) {
    options.emplace_back(known.name, spec.get(known.name));
  }
  return options;
}

std::optional<std::string> check_options(const PoolSpec& spec) {
  const PoolKind& kind = kind_of(spec);
  return kind.check != nullptr ? kind.check(spec) : std::nullopt;
}

std::optional<std::int64_t> pool_capacity(const PoolSpec& spec,
                                          std::optional<std::int64_t> clients) {
  const std::optional<std::int64_t> limit = pool_limit(spec, clients);
  if (!limit || !falls_back(kind_of(spec), spec)) return limit;
  // Whoever the pool refuses opens one more, also while it is still making its own.
  return clients ? std::optional(*limit + *clients) : std::nullopt;
}

std::optional<std::int64_t> pool_limit(const PoolSpec& spec, std::optional<std::int64_t> clients) {
  const PoolKind& kind = kind_of(spec);
  if (kind.capacity == nullptr) return clients;
  const std::optional<std::int64_t> limit = kind.capacity(spec);
  return limit ? limit : clients;
}

std::int64_t pool_permanent_size(const PoolSpec& spec) {
  const PoolKind& kind = kind_of(spec);
  return kind.permanent != nullptr ? kind.permanent(spec) : 0;
}

std::unique_ptr<PoolPolicy> make_policy(const PoolSpec& spec, std::uint64_t seed) {
  const PoolKind& kind = kind_of(spec);
  std::unique_ptr<PoolPolicy> policy = kind.make(spec, seed);
  if (!falls_back(kind, spec)) return policy;
  return std::make_unique<FallbackPool>(std::move(policy));
}

}  // namespace poolgauge
