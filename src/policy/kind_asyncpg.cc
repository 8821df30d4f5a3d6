// The kinds of asyncpg.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> asyncpg_kinds() {
  return {};
}

}  // namespace poolgauge
