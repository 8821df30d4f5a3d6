// `doctor --sql`: the queries as text for psql.
#include "app/doctor.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "doctor/checks.h"
#include "pg/doctor/doctor_read.h"

namespace poolgauge::app {

namespace {

constexpr std::string_view kTable = "'public.my_table'";

std::vector<std::string_view> selected_checks(const doctor::Selection& selection) {
  std::vector<std::string_view> ids;
  for (const doctor::Check& check : doctor::checks()) {
    const bool is_new = ids.empty() || ids.back() != check.id;
    if (is_new && selection.has(check.id)) ids.push_back(check.id);
  }
  return ids;
}

/// "B1, B4, B5": the checks that read the query.
std::string readers_of(std::string_view query, const std::vector<std::string_view>& checks) {
  std::string readers;
  for (const std::string_view check : checks) {
    const auto read = doctor::queries_of(check);
    if (std::find(read.begin(), read.end(), query) == read.end()) continue;
    readers += (readers.empty() ? "" : ", ") + std::string(check);
  }
  return readers;
}

std::string query_text(const DoctorQuery& query, const std::string& readers) {
  const std::string until = query.until > 0 ? fmt::format(" to {}", query.until) : " or later";
  const std::string checks = readers.empty() ? "what the other checks may see" : readers;
  const bool names = query.sql.find("{name}") != query.sql.npos;
  return fmt::format("-- {}: PostgreSQL {}{}{}; for {}{}\n{};\n\n", query.id, query.from, until,
                     query.twice ? ", asked twice" : "", checks,
                     names ? ", once for each table that the scenario names" : "",
                     doctor::with_name(guarded_sql(query), kTable));
}

}  // namespace

std::string doctor_queries_text(const doctor::Selection& selection) {
  const std::vector<std::string_view> checks = selected_checks(selection);
  const auto wanted = doctor::queries_for(selection);
  std::string text;
  for (const DoctorQuery& query : doctor::queries()) {
    if (wanted.contains(query.id)) text += query_text(query, readers_of(query.id, checks));
  }
  for (const DoctorQuery& query : doctor::scenario_queries()) {
    const std::string readers = readers_of(query.id, checks);
    if (!readers.empty()) text += query_text(query, readers);
  }
  for (const std::string_view check : checks) {
    const std::string_view otherwise = doctor::asks_otherwise(check);
    if (!otherwise.empty()) text += fmt::format("-- {}: {}\n", check, otherwise);
  }
  return text;
}

}  // namespace poolgauge::app
