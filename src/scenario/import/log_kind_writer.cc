// Constants that never changed stay in the text; the others become variables.
#include "scenario/import/log_notes.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "scenario/import/import_parts.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostGapsShown = 100;
constexpr double kLeastGap_s = 0.001;  // what a log's clock can tell

/// `text` as SQL's '...'.
std::string literal_of(const std::string& text) {
  std::string out = text.find('\\') == std::string::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + '\'';
}

/// Up to a hundred of the gaps, evenly over their order; nothing where there are none to speak of.
std::optional<Json> hold_of(std::vector<double> gaps) {
  if (gaps.empty()) return std::nullopt;
  std::sort(gaps.begin(), gaps.end());
  if (gaps[gaps.size() / 2] < kLeastGap_s) return std::nullopt;
  const std::size_t shown = std::min(gaps.size(), kMostGapsShown);
  Json values = Json::array();
  for (std::size_t i = 0; i < shown; ++i) {
    const double gap = gaps[(2 * i + 1) * gaps.size() / (2 * shown)];
    values.push_back(fmt::format("{:.0f}us", gap * 1e6));
  }
  if (shown == 1) return values[0];
  return Json{{"empirical", std::move(values)}};
}

std::string without_end(std::string_view sql) {
  const std::size_t end = sql.find_last_not_of("; \t\r\n");
  return std::string(sql.substr(0, end + 1));
}

const char* protocol_word(Protocol protocol) {
  switch (protocol) {
    case Protocol::simple: return "simple";
    case Protocol::extended: return "extended";
    case Protocol::prepared: return "prepared";
  }
  return "prepared";
}

Json sql_step(const std::string& name, const std::string& sql, Protocol protocol) {
  Json step{{"name", name}, {"sql", sql}};
  if (protocol != Protocol::prepared) step["protocol"] = protocol_word(protocol);
  return step;
}

bool never_changed(const SeenValues& seen) {
  return seen.counts.size() + (seen.nulls > 0 ? 1 : 0) <= 1;
}

std::string unchanged(const std::string& sql, const Constant& constant, const SeenValues& seen) {
  const bool has_parameters = constant.kind == Constant::Kind::parameter || constant.has_parameters;
  if (!has_parameters) return sql.substr(constant.begin, constant.end - constant.begin);
  const std::string value = seen.counts.empty() ? "NULL" : literal_of(seen.counts.begin()->first);
  if (constant.kind != Constant::Kind::list) return value;
  return (constant.negated ? "<> ALL (" : "= ANY (") + value + ")";
}

/// A whole number in SQL is an integer where it fits one; a bound text would be of any type.
std::string cast_of(const Constant& constant, const SeenValues& seen) {
  constexpr std::int64_t kInt4 = 2147483647;
  switch (constant.kind) {
    case Constant::Kind::number: return "::numeric";
    case Constant::Kind::integer: {
      const bool has_fractions =
          std::any_of(seen.counts.begin(), seen.counts.end(),
                      [](const auto& value) { return value.first.find('.') != std::string::npos; });
      if (has_fractions) return "::numeric";
      return seen.all_integers && seen.lowest >= -kInt4 && seen.highest <= kInt4 ? "::int"
                                                                                 : "::bigint";
    }
    case Constant::Kind::list: return constant.has_fractions ? "::numeric[]" : "";
    case Constant::Kind::text:
    case Constant::Kind::parameter: break;
  }
  return "";
}

}  // namespace

LogKindWriter::LogKindWriter(const RequestKind& kind, std::string prefix, bool with_holds)
    : kind_(kind), prefix_(std::move(prefix)), with_holds_(with_holds) {}

Json LogKindWriter::steps(bool with_boundaries) {
  Json steps = Json::array();
  if (with_boundaries && !kind_.begin().empty()) {
    steps.push_back(sql_step("begin", without_end(kind_.begin()), Protocol::simple));
  }
  for (std::size_t i = 0; i < kind_.statements().size(); ++i) {
    add_hold(i, steps);
    const std::string name = fmt::format("{} {}", i + 1, statement_name(kind_.statements()[i]));
    steps.push_back(sql_step(name, statement(i), kind_.protocol(i)));
  }
  add_hold(kind_.statements().size(), steps);
  add_drops(steps);
  if (with_boundaries && !kind_.end().empty()) {
    steps.push_back(sql_step("end", without_end(kind_.end()), Protocol::simple));
  }
  return steps;
}

void LogKindWriter::add_hold(std::size_t gap, Json& steps) {
  if (!with_holds_) return;
  if (auto hold = hold_of(kind_.gaps()[gap])) {
    steps.push_back({{"name", fmt::format("idle {}", gap + 1)}, {"hold", std::move(*hold)}});
  }
}

/// The log's session ended some time; a pool's does not, and would meet the table again.
void LogKindWriter::add_drops(Json& steps) {
  const bool rolls_back = kind_.end().starts_with('r') || kind_.end().starts_with('R');
  if (rolls_back) return;
  for (const std::string& table : kind_.names().left_behind()) {
    ++dropped_tables_;
    steps.push_back(sql_step(fmt::format("drop temporary {}", dropped_tables_),
                             "DROP TABLE " + table, Protocol::simple));
  }
}

std::string LogKindWriter::statement(std::size_t index) {
  const std::string& sql = kind_.statements()[index];
  std::vector<std::string> names;
  std::string text;
  std::size_t at = 0;
  for (const Constant& constant : kind_.shapes()[index].constants) {
    text += sql.substr(at, constant.begin - at);
    at = constant.end;
    const SeenValues& seen = kind_.values()[place_];
    if (never_changed(seen)) {
      text += unchanged(sql, constant, seen);
    } else {
      names.push_back(variable() + cast_of(constant, seen));
      const std::string parameter = fmt::format("${}", names.size());
      const bool is_list = constant.kind == Constant::Kind::list;
      const char* array = constant.negated ? "<> ALL (" : "= ANY (";
      text += is_list ? array + parameter + ")" : parameter;
    }
    ++place_;
  }
  text += sql.substr(at);
  return with_variables(without_end(text), names);
}

/// Places that always had the same value share a variable.
std::string LogKindWriter::variable() {
  const auto [column, added] = by_class_.try_emplace(kind_.classes()[place_], columns_.size());
  if (added) {
    columns_.push_back(place_);
    names_.push_back(fmt::format("{}_v{}", prefix_, columns_.size()));
  }
  return names_[column->second];
}

}  // namespace poolgauge
