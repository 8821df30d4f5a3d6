// The kinds of pgbouncer.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> pgbouncer_kinds() {
  return {};
}

}  // namespace poolgauge
