// The two kinds that are no library's: no pool at all, and a private connection for each user.
#include "policy/fixed_pool.h"
#include "policy/kind.h"
#include "policy/null_pool.h"

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
  kinds.push_back({{"none", "no pool: connect for each request, close after it", {}}, make_none});
  kinds.push_back({{"fixed", "a private connection for each user, as pgbench", {}}, make_fixed});
  return kinds;
}

}  // namespace poolgauge
