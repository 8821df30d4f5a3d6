// Entries from reports and lines, and the search for changes.
#include "report/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/visible_text.h"
#include "math/change_points.h"
#include "report/history_metric.h"
#include "report/history_series.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostExamined = 200;
constexpr double kLeastShare = 0.05;  // of a change worth telling
constexpr double kLeastRate = 0.001;  // the same for rates
constexpr std::size_t kShortCommit = 12;

struct TextField {
  const char* name;
  std::string HistoryEntry::*value;
};
constexpr std::array kTexts = {TextField{"started_at", &HistoryEntry::started_at},
                               TextField{"scenario", &HistoryEntry::scenario},
                               TextField{"label", &HistoryEntry::label},
                               TextField{"commit", &HistoryEntry::commit},
                               TextField{"server", &HistoryEntry::server},
                               TextField{"machine", &HistoryEntry::machine},
                               TextField{"verdict", &HistoryEntry::verdict},
                               TextField{"series", &HistoryEntry::series},
                               TextField{"asked", &HistoryEntry::asked}};

struct NumberField {
  const char* name;
  std::optional<double> HistoryEntry::*value;
};
constexpr std::array kNumbers = {NumberField{"throughput_per_s", &HistoryEntry::throughput_per_s},
                                 NumberField{"latency_mean_ms", &HistoryEntry::latency_mean_ms},
                                 NumberField{"latency_p50_ms", &HistoryEntry::latency_p50_ms},
                                 NumberField{"latency_p95_ms", &HistoryEntry::latency_p95_ms},
                                 NumberField{"latency_p99_ms", &HistoryEntry::latency_p99_ms},
                                 NumberField{"pool_timeout_rate", &HistoryEntry::pool_timeout_rate},
                                 NumberField{"error_rate", &HistoryEntry::error_rate}};

Json number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return std::strtod(fmt::format("{:.6g}", *value).c_str(), nullptr);
}

Json to_json(const HistoryEntry& entry) {
  Json json;
  for (const TextField& field : kTexts) json[field.name] = entry.*field.value;
  json["seed"] = entry.seed;
  for (const NumberField& field : kNumbers) json[field.name] = number(entry.*field.value);
  return json;
}

/// nullopt: not such a line.
std::optional<HistoryEntry> entry_from(const Json& json) {
  if (!json.is_object() || !json.contains("started_at") || !json.contains("scenario")) {
    return std::nullopt;
  }
  HistoryEntry entry;
  for (const TextField& field : kTexts) {
    if (!json.contains(field.name)) continue;
    if (!json[field.name].is_string()) return std::nullopt;
    entry.*field.value = json[field.name].get<std::string>();
  }
  for (const NumberField& field : kNumbers) {
    if (!json.contains(field.name) || json[field.name].is_null()) continue;
    if (!json[field.name].is_number()) return std::nullopt;
    entry.*field.value = json[field.name].get<double>();
  }
  if (json.contains("seed") && json["seed"].is_number_unsigned()) {
    entry.seed = json["seed"].get<std::uint64_t>();
  }
  return entry;
}

std::string verdict_of(const Report& report) {
  switch (report.verdict.status) {
    case VerdictStatus::pass: return "pass";
    case VerdictStatus::slo_missed: return "slo_missed";
    case VerdictStatus::regression: return "regression";
    case VerdictStatus::guard: return "guard";
    case VerdictStatus::inconclusive:
    case VerdictStatus::interrupted: return "inconclusive";
  }
  return "inconclusive";
}

/// The changes of one metric; entries without the figure are stepped over.
void add_changes(History& history, const HistoryMetric& metric) {
  const std::size_t first = history.entries.size() - history.examined;
  std::vector<double> values;
  std::vector<std::size_t> places;
  for (std::size_t i = first; i < history.entries.size(); ++i) {
    const std::optional<double> value = metric.of(history.entries[i]);
    if (!value || (!metric.is_rate() && *value <= 0)) continue;
    values.push_back(metric.is_rate() ? *value : std::log(*value));
    places.push_back(i);
  }
  math::ChangeRules rules;
  rules.least = metric.is_rate() ? kLeastRate : std::log1p(kLeastShare);
  for (const math::ChangePoint& point : math::change_points(values, rules)) {
    HistoryChange change;
    change.metric = metric.name;
    change.unit = metric.unit;
    change.at = places[point.at];
    change.before = metric.is_rate() ? point.before : std::exp(point.before);
    change.after = metric.is_rate() ? point.after : std::exp(point.after);
    change.p = point.p;
    change.worse = (change.after > change.before) != metric.higher_is_better;
    history.changes.push_back(change);
  }
}

}  // namespace

std::string HistoryEntry::name() const {
  if (!label.empty()) return label;
  return commit.empty() ? "" : commit.substr(0, kShortCommit);
}

HistoryEntry history_entry(const Report& report) {
  HistoryEntry entry;
  entry.started_at = report.started_at;
  entry.scenario = report.scenario_name;
  entry.label = report.label;
  entry.commit = report.commit;
  entry.server = report.target.kind == "simulated" ? "simulated" : report.target.server_version;
  if (report.machine.cores > 0) {
    entry.machine = fmt::format("{} {} cores", report.machine.arch, report.machine.cores);
  }
  entry.verdict = verdict_of(report);
  entry.series = series_of(report);
  entry.asked = asked_of(report);
  entry.seed = report.seed;
  entry.throughput_per_s = report.throughput_per_s;
  entry.latency_mean_ms = report.latency.mean;
  entry.latency_p50_ms = report.latency.p50;
  entry.latency_p95_ms = report.latency.p95;
  entry.latency_p99_ms = report.latency.p99;
  entry.pool_timeout_rate = report.rate_pool_timeout;
  entry.error_rate = report.rate_error;
  return entry;
}

std::string history_line(const HistoryEntry& entry) {
  return visible_json(to_json(entry).dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

Result<std::vector<HistoryEntry>> read_history(std::string_view text, const std::string& file) {
  std::vector<HistoryEntry> entries;
  std::size_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = text.find('\n');
    const std::string_view one = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto entry = entry_from(Json::parse(one.begin(), one.end(), nullptr, false));
    if (!entry) {
      return Error{ErrorKind::usage,
                   fmt::format("{}:{}: not a line of a poolgauge history file", file, line),
                   "history files are written by poolgauge history --append"};
    }
    entries.push_back(*entry);
  }
  return entries;
}

History make_history(std::vector<HistoryEntry> entries, const std::string& metric) {
  History history;
  history.metric = metric;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.started_at < b.started_at; });
  history.entries = std::move(entries);
  if (!history.entries.empty()) history.scenario = history.entries.front().scenario;
  if (series_in(history.entries).size() > 1) return history;
  history.examined = std::min(history.entries.size(), kMostExamined);
  for (const HistoryMetric& one : kHistoryMetrics) add_changes(history, one);
  std::stable_sort(history.changes.begin(), history.changes.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return history;
}

std::string history_to_json(const History& history) {
  Json entries = Json::array();
  for (const HistoryEntry& entry : history.entries) entries.push_back(to_json(entry));
  Json changes = Json::array();
  for (const HistoryChange& change : history.changes) {
    const HistoryEntry& at = history.entries[change.at];
    changes.push_back({{"metric", change.metric},
                       {"unit", change.unit},
                       {"started_at", at.started_at},
                       {"label", at.label},
                       {"commit", at.commit},
                       {"before", number(change.before)},
                       {"after", number(change.after)},
                       {"worse", change.worse},
                       {"p", number(change.p)}});
  }
  Json others = Json::array();
  for (const HistorySeries& series : history.others) {
    others.push_back({{"series", series.id},
                      {"asked", series.asked},
                      {"runs", series.runs},
                      {"latest", series.latest}});
  }
  const std::vector<HistorySeries> shown = series_in(history.entries);
  const bool one = shown.size() == 1;
  const Json root{{"history_version", 1},
                  {"scenario", history.scenario},
                  {"series", one ? Json(shown.front().id) : Json(nullptr)},
                  {"asked", one ? Json(shown.front().asked) : Json(nullptr)},
                  {"other_series", std::move(others)},
                  {"entries", std::move(entries)},
                  {"changes", std::move(changes)}};
  return visible_json(root.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
