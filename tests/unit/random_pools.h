// Random options for kinds of pools, where every rule of theirs can come to bear within a storm.
#pragma once

#include <string>

#include "base/rng.h"
#include "poolgauge/policies.h"

namespace poolgauge::test {

inline Duration some_ms(Rng& rng, std::int64_t low, std::int64_t high) {
  return Duration{rng.uniform_int(low, high) * 1'000'000};
}

inline PoolSpec random_asyncpg(Rng& rng) {
  PoolSpec spec;
  spec.kind = "asyncpg";
  const std::int64_t most = rng.uniform_int(1, 6);
  spec.set("max_size", most);
  spec.set("min_size", rng.uniform_int(0, most));
  spec.set("max_queries", rng.uniform_int(0, 3) == 0 ? rng.uniform_int(1, 9) : std::int64_t{50000});
  spec.set("max_inactive_connection_lifetime", some_ms(rng, 0, 40));
  const std::int64_t limit = rng.uniform_int(0, 3);
  if (limit > 0) spec.set("timeout", limit == 1 ? Duration{0} : some_ms(rng, 1, 50));
  spec.set("python", std::string(rng.uniform_int(0, 1) == 0 ? "3.11" : "3.12"));
  return spec;
}

inline PoolSpec random_pg_pool(Rng& rng) {
  PoolSpec spec;
  spec.kind = "node-postgres";
  spec.set("max", rng.uniform_int(1, 6));
  spec.set("min", rng.uniform_int(0, 4));
  spec.set("idleTimeoutMillis", some_ms(rng, 0, 40));
  if (rng.uniform_int(0, 2) != 0) spec.set("connectionTimeoutMillis", some_ms(rng, 0, 50));
  if (rng.uniform_int(0, 2) == 0) spec.set("maxUses", rng.uniform_int(1, 5));
  if (rng.uniform_int(0, 2) == 0) spec.set("maxLifetimeSeconds", some_ms(rng, 1, 80));
  return spec;
}

inline PoolSpec random_prisma(Rng& rng) {
  PoolSpec spec;
  spec.kind = "prisma";
  spec.set("connection_limit", rng.uniform_int(1, 6));
  spec.set("pool_timeout", some_ms(rng, 0, 50));
  return spec;
}

}  // namespace poolgauge::test
