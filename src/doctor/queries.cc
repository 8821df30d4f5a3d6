// What is asked of the server, by group. Each was run on PostgreSQL 13 to 18, as superuser and as a
// role without rights; they run in a read-only transaction with pg_catalog as search path.
#include <algorithm>
#include <utility>
#include <vector>

#include "doctor/checks.h"

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
  for (const std::span<const DoctorQuery> all : {queries(), scenario_queries()}) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [id](const DoctorQuery& each) { return each.id == id; });
    if (found != all.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string_view> queries_of(std::string_view check) {
  std::vector<std::string_view> ids;
  const auto add = [&ids](std::string_view id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  for (const Check& each : checks()) {
    if (each.id != check) continue;
    for (const std::string_view id : each.needed()) add(id);
  }
  for (const auto& [reader, query] : also_read()) {
    if (reader == check) add(query);
  }
  for (const DoctorQuery& query : scenario_queries()) {
    if (query.id.substr(0, 2) == check) add(query.id);
  }
  return ids;
}

std::string_view asks_otherwise(std::string_view check) {
  static constexpr std::pair<std::string_view, std::string_view> kOtherwise[] = {
      {"A1", "reads the version that the server sends at the start of a connection"},
      {"C8", "times five connects"},
      {"G1", "times 50 empty queries"},
      {"G2", "times five connects"},
      {"G4", "compares SELECT extract(epoch FROM clock_timestamp()) with this machine's clock"},
      {"G5", "reads this machine's limits"},
      {"I1", "prepares each statement of the scenario (PREPARE)"},
      {"I2", "plans each statement of the scenario (EXPLAIN EXECUTE)"}};
  if (check.starts_with('H')) {
    return "reads SHOW VERSION, CONFIG, DATABASES, POOLS, and STATS on PgBouncer's console";
  }
  for (const auto& [id, text] : kOtherwise) {
    if (id == check) return text;
  }
  return {};
}

}  // namespace poolgauge::doctor
