// The kinds of node-postgres.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> node_postgres_kinds() {
  return {};
}

}  // namespace poolgauge
