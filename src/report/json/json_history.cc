// A history's lines, written and read, and all of it as JSON.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/visible_text.h"
#include "gate/history.h"
#include "report/json/json_number.h"
#include "report/size_words.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

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

Json to_json(const HistoryEntry& entry) {
  Json json;
  for (const TextField& field : kTexts) json[field.name] = entry.*field.value;
  json["seed"] = entry.seed;
  for (const NumberField& field : kNumbers) json[field.name] = rounded(entry.*field.value);
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

}  // namespace

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
                       {"before", rounded(change.before)},
                       {"after", rounded(change.after)},
                       {"worse", change.worse},
                       {"p", rounded(change.p)}});
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
