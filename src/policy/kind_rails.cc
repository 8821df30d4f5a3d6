// The kinds of rails.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> rails_kinds() {
  return {};
}

}  // namespace poolgauge
