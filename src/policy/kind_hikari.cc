// The kinds of hikari.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> hikari_kinds() {
  return {};
}

}  // namespace poolgauge
