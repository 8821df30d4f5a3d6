// What is asked of the server, by group. Each was run on PostgreSQL 13 to 18, as superuser and as a
// role without rights; they run in a read-only transaction with pg_catalog as search path.
#include <algorithm>
#include <vector>

#include "doctor/checks.h"
#include "doctor/sql.h"

namespace poolgauge::doctor {

std::span<const DoctorQuery> queries() {
  static const std::vector<DoctorQuery> all = [] {
    std::vector<DoctorQuery> list;
    for (const std::span<const DoctorQuery> part : {server_queries(), activity_queries()}) {
      list.insert(list.end(), part.begin(), part.end());
    }
    return list;
  }();
  return all;
}

const DoctorQuery* find_query(std::string_view id) {
  const auto all = queries();
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const DoctorQuery& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace poolgauge::doctor
