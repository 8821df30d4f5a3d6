// Columns are found by name: releases add some.
#include "doctor/answers.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"
#include "base/visible_text.h"

namespace poolgauge::doctor {

std::string Row::text(std::string_view column) const {
  if (answer_ == nullptr || index_ >= answer_->rows.size()) return {};
  const auto& names = answer_->columns;
  const auto at =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), column) - names.begin());
  const std::vector<std::string>& row = answer_->rows[index_];
  return at < row.size() ? row[at] : std::string();
}

std::optional<double> Row::number(std::string_view column) const {
  const std::string value = text(column);
  char* end = nullptr;
  const double parsed = std::strtod(value.c_str(), &end);
  if (value.empty() || end != value.c_str() + value.size()) return std::nullopt;
  constexpr double kMost = 9e15;  // a server may say anything; this fits every integer
  if (!(std::abs(parsed) <= kMost)) return std::nullopt;
  return parsed;
}

const DoctorAnswer* known(const DoctorAnswers& answers, std::string_view id) {
  const auto found = answers.find(id);
  return found == answers.end() || !found->second.unknown.empty() ? nullptr : &found->second;
}

std::vector<Row> rows_of(const DoctorAnswer* answer) {
  std::vector<Row> rows;
  for (std::size_t i = 0; answer != nullptr && i < answer->rows.size(); ++i) {
    rows.emplace_back(answer, i);
  }
  return rows;
}

std::vector<Row> rows_of(const DoctorAnswers& answers, std::string_view id) {
  return rows_of(known(answers, id));
}

Row first_row(const DoctorAnswers& answers, std::string_view id) {
  return {known(answers, id), 0};
}

Row row_where(const DoctorAnswers& answers, std::string_view id, std::string_view column,
              std::string_view value) {
  for (const Row& row : rows_of(answers, id)) {
    if (row.text(column) == value) return row;
  }
  return {nullptr, 0};
}

std::optional<std::string> setting_of(const DoctorAnswers& answers, std::string_view id,
                                      std::string_view name) {
  const DoctorAnswer* answer = known(answers, id);
  for (const Row& row : rows_of(answer)) {
    if (row.text("name") == name) return row.text("setting");
  }
  return std::nullopt;
}

std::optional<double> setting_number(const DoctorAnswers& answers, std::string_view id,
                                     std::string_view name) {
  return row_where(answers, id, "name", name).number("setting");
}

std::optional<double> growth_of(const DoctorFacts& facts, std::string_view id,
                                std::string_view column) {
  const auto before = first_row(facts.first, id).number(column);
  const auto after = first_row(facts.second, id).number(column);
  if (!before || !after || *after < *before) return std::nullopt;
  return *after - *before;
}

std::string count_text(double count, std::string_view noun) {
  return counted(static_cast<std::int64_t>(std::max(count, 0.0)), noun);
}

std::string named_text(const std::string& name) {
  constexpr std::size_t kMost = 60;  // bytes
  return name.empty() ? "(no name)" : shortened(name, kMost);
}

void add_to(std::string& list, std::string_view item, std::string_view separator,
            std::size_t most_bytes) {
  if (list.size() > most_bytes) return;
  if (!list.empty()) list += separator;
  list += item;
}

std::string alter_system(std::string_view assignment) {
  return fmt::format("ALTER SYSTEM SET {}; SELECT pg_reload_conf();", assignment);
}

std::string alter_system(const std::vector<std::string>& assignments) {
  std::string sql;
  for (const std::string& assignment : assignments) {
    sql += fmt::format("ALTER SYSTEM SET {}; ", assignment);
  }
  return sql.empty() ? sql : sql + "SELECT pg_reload_conf();";
}

std::string grant_to_see(const DoctorFacts& facts) {
  return fmt::format("GRANT pg_monitor TO {};", quoted_identifier(facts.role));
}

void found(const Case& c, DoctorLevel level, std::string seen, std::string limit,
           std::string cure) {
  c.finding.level = level;
  c.finding.seen = std::move(seen);
  c.finding.limit = std::move(limit);
  c.finding.cure = std::move(cure);
}

void figure(const Case& c, std::string name, double value) {
  constexpr double kWhole = 9e15;  // every integer below it is exact
  const bool whole = std::abs(value) < kWhole && value == std::floor(value);
  c.finding.figures.emplace_back(
      std::move(name), whole ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value));
}

void figure(const Case& c, std::string name, std::string value) {
  c.finding.figures.emplace_back(std::move(name), std::move(value));
}

void cannot_tell(const Case& c, std::string reason, std::string cure) {
  found(c, DoctorLevel::unknown, std::move(reason), "", std::move(cure));
}

}  // namespace poolgauge::doctor
