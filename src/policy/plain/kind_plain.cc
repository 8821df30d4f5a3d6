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
  {
    PoolKind& kind = kinds.back();
    kind.traits.connects_each_time = true;
    kind.traits.limits_connections = false;
    kind.flags = {
        {PoolFlag::size, "",
         "without a pool, every request in flight has a connection; use --users to limit them"}};
  }
  kinds.push_back({{"fixed", "one private connection per user, as in pgbench", {}}, make_fixed});
  {
    PoolKind& kind = kinds.back();
    kind.traits.limits_connections = false;
    kind.flags = {
        {PoolFlag::size, "", "every user has its own connection; use --users to set their number"}};
  }
  return kinds;
}

}  // namespace poolgauge
