// Differences of counts.
#include "pg/observe/observe_read.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "pg/session/ask.h"

namespace poolgauge {
namespace {

constexpr int kMostStatements = 1000;

}  // namespace

StatementCounts::Counts StatementCounts::read(ControlConnection& connection) {
  Counts counts;
  const ControlReply reply =
      ask(connection,
          fmt::format("SELECT pg_get_userbyid(userid), queryid, min(query), sum(calls), sum(rows) "
                      "FROM {}.pg_stat_statements WHERE dbid = (SELECT oid FROM "
                      "pg_catalog.pg_database WHERE datname = current_database()){} AND calls > 0 "
                      "AND queryid IS NOT NULL AND query NOT LIKE '%pg_stat_%' "
                      "GROUP BY 1, 2 ORDER BY 4 DESC LIMIT {}",
                      view_, has_toplevel_ ? " AND toplevel" : "", kMostStatements),
          5);
  if (!reply.ok()) return counts;
  for (const auto& row : reply.rows) {
    counts[{row[0], row[1]}] = {row[0], row[2], std::strtod(row[3].c_str(), nullptr),
                                std::strtod(row[4].c_str(), nullptr)};
  }
  return counts;
}

bool StatementCounts::begin(ControlConnection& connection) {
  const ControlReply where =
      ask(connection,
          "SELECT quote_ident(n.nspname), split_part(e.extversion, '.', 2) FROM "
          "pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
          "WHERE e.extname = 'pg_stat_statements'",
          2);
  if (!where.ok() || where.rows.empty()) return false;
  view_ = where.rows[0][0];
  constexpr long kToplevel = 9;  // since version 1.9
  has_toplevel_ = std::strtol(where.rows[0][1].c_str(), nullptr, 10) >= kToplevel;
  before_ = read(connection);
  return true;
}

std::vector<ObservedStatement> StatementCounts::end(ControlConnection& connection) {
  std::vector<ObservedStatement> list;
  if (view_.empty()) return list;
  for (auto& [key, now] : read(connection)) {
    const auto before = before_.find(key);
    ObservedStatement statement = now;
    if (before != before_.end()) {
      statement.calls -= before->second.calls;
      statement.rows -= before->second.rows;
    }
    if (statement.calls > 0) list.push_back(std::move(statement));
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.calls > b.calls; });
  return list;
}

}  // namespace poolgauge
