// What the kinds over pg-pool share: its options, and how to make one of them.
#pragma once

#include "policy/kind.h"

namespace poolgauge {

std::vector<OptionInfo> pg_pool_options();
std::unique_ptr<PoolPolicy> make_pg_pool(const PoolSpec& spec, std::uint64_t seed);

}  // namespace poolgauge
