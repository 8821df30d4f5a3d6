// The kind of Prisma: its own pool up to version 6, pg-pool under a driver adapter from 7 on.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "policy/node_postgres/kind_node_postgres.h"
#include "policy/prisma/prisma_pool.h"
#include "policy/snippets.h"

namespace poolgauge {

namespace {

bool is_v7(const PoolSpec& spec) {
  return spec.choice("version") == "v7";
}

std::vector<OptionInfo> own_options() {
  return {
      choice_option("version", {"v6", "v7"}, "v6",
                    "Prisma version; v7 uses a driver adapter with pg-pool's options and defaults"),
      integer_option("connection_limit", 9, 1,
                     "v6: maximum number of connections; Prisma's default is 2 × physical cores + "
                     "1; this default assumes 4 cores"),
      duration_option("pool_timeout", std::chrono::seconds(10), false,
                      "v6: timeout of waiting and connecting together; 0: no timeout"),
  };
}

std::vector<OptionInfo> options() {
  std::vector<OptionInfo> all = own_options();
  for (OptionInfo& option : pg_pool_options()) {
    option.help = "v7: " + option.help;
    all.push_back(std::move(option));
  }
  return all;
}

std::unique_ptr<PoolPolicy> make(const PoolSpec& spec, std::uint64_t seed) {
  if (is_v7(spec)) return make_pg_pool(spec, seed);
  return std::make_unique<PrismaPool>(
      PrismaConfig{spec.integer("connection_limit"), spec.duration("pool_timeout")});
}

std::int64_t most(const PoolSpec& spec) {
  return spec.integer(is_v7(spec) ? "max" : "connection_limit");
}

std::optional<std::int64_t> capacity(const PoolSpec& spec) {
  return most(spec);
}

// What belongs to the other version would be ignored in silence by Prisma. A resolved scenario
// names every option, so defaults pass.
std::optional<std::string> check(const PoolSpec& spec) {
  for (const OptionInfo& option : options()) {
    const bool of_v6 = option.name == "connection_limit" || option.name == "pool_timeout";
    const bool usable = option.name == "version" || of_v6 != is_v7(spec);
    if (usable || spec.get(option.name) == option.default_value) continue;
    return option.name + (of_v6 ? " is an option of version v6; v7 uses pg-pool's options (max)"
                                : " is an option of version v7; v6 uses connection_limit");
  }
  return std::nullopt;
}

std::string option_to_keep_open(std::int64_t) {
  return "a first query on each";
}

/// Version 7 has no pool of its own.
std::string_view named_as(std::string_view version) {
  return version == "v7" ? "node-postgres" : "prisma";
}

std::string prisma_snippet(const Recommendation& r) {
  const double timeout = std::max(1.0, std::floor(r.pool_timeout_s));
  return fmt::format(
      "DATABASE_URL=\"postgresql://USER@HOST:5432/DATABASE?connection_limit={}&pool_timeout={:.0f}"
      "&connect_timeout={:.0f}{}\"\n",
      r.total(), timeout, r.connect_timeout_s,
      changes_server_connections(r) ? "&pgbouncer=true" : "");
}

}  // namespace

std::vector<PoolKind> prisma_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back({{"prisma", "Prisma 6 (its own pool) or 7 (pg-pool)", options()},
                   make,
                   capacity,
                   most,
                   check});
  PoolKind& kind = kinds.back();
  kind.traits.snippet = "prisma";
  kind.sizing = SizingOptions{"", "", "connection_limit", "pool_timeout", "", "", false};
  kind.flags = {
      {PoolFlag::recycle, "-1",
       "Prisma 6 has no maximum age; Prisma 7 has maxLifetimeSeconds (--pool-option version=v7)"},
      {PoolFlag::ping, "false",
       "Prisma does not test connections at checkout; with version=v7 the closest option is "
       "idleTimeoutMillis, which closes idle connections"}};
  kind.zero_age_is_never = true;
  kind.named_as = named_as;
  kind.keep_open_option = option_to_keep_open;
  kind.snippets = {{"prisma", "Prisma", "sh", prisma_snippet}};
  return kinds;
}

}  // namespace poolgauge
