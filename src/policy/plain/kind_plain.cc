// The two kinds that are no library's: no pool at all, and a private connection for each user.
#include "policy/kind.h"
#include "policy/plain/fixed_pool.h"
#include "policy/plain/null_pool.h"

namespace poolgauge {

namespace {

std::unique_ptr<PoolPolicy> make_none(const PoolSpec&, std::uint64_t) {
  return std::make_unique<NullPool>();
}

std::unique_ptr<PoolPolicy> make_fixed(const PoolSpec&, std::uint64_t) {
  return std::make_unique<FixedPool>();
}

}  // namespace

std::vector<PoolKind> plain_kinds() {
  std::vector<PoolKind> kinds;
  kinds.push_back(
      {{"none", "no pool: open a connection for each request and close it afterwards", {}},
       make_none});
  kinds.push_back({{"fixed", "one private connection per user, as in pgbench", {}}, make_fixed});
  return kinds;
}

}  // namespace poolgauge
