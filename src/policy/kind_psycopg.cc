// The kinds of psycopg.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> psycopg_kinds() {
  return {};
}

}  // namespace poolgauge
