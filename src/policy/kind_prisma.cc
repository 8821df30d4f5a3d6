// The kinds of prisma.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> prisma_kinds() {
  return {};
}

}  // namespace poolgauge
