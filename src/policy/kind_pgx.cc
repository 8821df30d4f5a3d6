// The kinds of pgx.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> pgx_kinds() {
  return {};
}

}  // namespace poolgauge
