// The kinds of database-sql.
#include "policy/kind.h"

namespace poolgauge {

std::vector<PoolKind> database_sql_kinds() {
  return {};
}

}  // namespace poolgauge
