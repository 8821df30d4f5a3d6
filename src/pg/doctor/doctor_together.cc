// Rows become JSON objects on the server, and come back value by value.
#include "pg/doctor/doctor_read.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace poolgauge {
namespace {

/// Adds one value to an answer: rows come in order, columns in the order of the first row.
void add_value(DoctorAnswer& answer, std::size_t row, const std::string& column,
               const std::string& value) {
  if (row == 0 || row > answer.rows.size() + 1) return;
  if (row > answer.rows.size()) answer.rows.emplace_back(answer.columns.size());
  std::vector<std::string>& values = answer.rows[row - 1];
  const auto known = std::find(answer.columns.begin(), answer.columns.end(), column);
  const auto at = static_cast<std::size_t>(known - answer.columns.begin());
  if (known == answer.columns.end()) answer.columns.push_back(column);
  if (values.size() <= at) values.resize(at + 1);
  values[at] = value == "true" ? "t" : value == "false" ? "f" : value;
}

}  // namespace

std::string together_sql(const std::vector<DoctorQuery>& queries) {
  std::string sql;
  for (const DoctorQuery& query : queries) {
    sql += fmt::format(
        "{}\nSELECT '{}' AS id, r.n AS row, e.key AS column_name, e.value AS value\n"
        "FROM (SELECT row_number() OVER () AS n, row_to_json(q) AS j FROM ({}\n) AS q) AS r,\n"
        "  json_each_text(r.j) AS e",
        sql.empty() ? "" : "\nUNION ALL", query.id, query.sql);
  }
  return sql;
}

DoctorAnswers answers_together(const std::vector<DoctorQuery>& queries, const ControlReply& reply) {
  DoctorAnswers answers;
  for (const DoctorQuery& query : queries) answers.emplace(std::string(query.id), DoctorAnswer{});
  for (const std::vector<std::string>& row : reply.rows) {
    const auto answer = answers.find(row[0]);
    if (answer == answers.end()) continue;
    add_value(answer->second, std::strtoull(row[1].c_str(), nullptr, 10), row[2], row[3]);
  }
  // Every row as wide as the widest: a value may be missing at the end.
  for (auto& [id, answer] : answers) {
    for (std::vector<std::string>& row : answer.rows) row.resize(answer.columns.size());
  }
  return answers;
}

}  // namespace poolgauge
