// The kinds of adaptive.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> adaptive_kinds() {
  return {};
}

}  // namespace poolgauge
