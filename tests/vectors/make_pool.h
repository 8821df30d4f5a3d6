// From a vector's pool and parameters to a policy.
#pragma once

#include <memory>
#include <string>

#include "poolgauge/pool_policy.h"
#include "vectors/vector.h"

namespace poolgauge::vectors {

struct MadePool {
  std::unique_ptr<PoolPolicy> policy;
  std::string trouble;
};
MadePool make_pool(const Json& vector);

}  // namespace poolgauge::vectors
