// Fingerprints and words of a series.
#include "gate/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "assess/describe.h"
#include "base/fnv_hash.h"
#include "gate/gate_words.h"

namespace poolgauge {
namespace {

constexpr const char* kUnknown = "unknown";

using SortedJson = nlohmann::json;  // sorted keys: the order in a file is no difference

/// "15.8" as "15": minor releases change no behavior on purpose, and a history outlives many.
std::string major_of(const std::string& version) {
  return version.substr(0, version.find('.'));
}

SortedJson scenario_asked(const Report& report) {
  SortedJson root = SortedJson::parse(report.scenario_json, nullptr, false);
  if (!root.is_object()) return nullptr;
  std::vector<std::string> incidental;
  for (const auto& [key, value] : root.items()) {
    if (!changes_what_is_measured(key)) incidental.push_back(key);
  }
  for (const std::string& key : incidental) root.erase(key);
  return root;
}

std::string target_words(const TargetFacts& target) {
  if (target.kind == "simulated") return "simulated server";
  const std::string version = major_of(target.server_version);
  return (version.empty() ? "PostgreSQL" : "PostgreSQL " + version) + " " +
         (target.kind == "server" ? "at " + target.address : target.kind);
}

}  // namespace

std::string series_of(const Report& report) {
  const TargetFacts& target = report.target;
  SortedJson asked;
  asked["command"] = report.command;
  asked["tool"] = report.tool_version;
  asked["scenario"] = scenario_asked(report);
  asked["target"] = {target.kind, target.address, major_of(target.server_version)};
  if (target.replica) asked["replica"] = target.replica->address;
  if (target.pooler) {
    const PoolerFacts& pooler = *target.pooler;
    asked["pooler"] = {pooler.kind, pooler.pool_mode, pooler.pool_size};
  }
  return fmt::format("{:016x}",
                     fnv1a(asked.dump(-1, ' ', false, SortedJson::error_handler_t::replace)));
}

std::string asked_of(const Report& report) {
  std::vector<std::string> parts = {report.command};
  for (const std::string& text : {report.load_text, report.pool_text, report.fleet_text}) {
    if (!text.empty()) parts.push_back(text);
  }
  parts.push_back(target_words(report.target));
  if (report.target.pooler) parts.push_back(pooler_text(*report.target.pooler));
  parts.push_back("poolgauge " + report.tool_version);
  return fmt::format("{}", fmt::join(parts, " · "));
}

std::vector<HistorySeries> series_in(const std::vector<HistoryEntry>& entries) {
  std::vector<HistorySeries> all;
  for (const HistoryEntry& entry : entries) {
    const auto known = std::find_if(all.begin(), all.end(), [&entry](const HistorySeries& series) {
      return series.id == entry.series;
    });
    if (known == all.end()) {
      all.push_back({entry.series, entry.asked, 1, entry.started_at});
      continue;
    }
    ++known->runs;
    known->latest = std::max(known->latest, entry.started_at);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.latest > b.latest; });
  return all;
}

std::string series_name(const HistorySeries& series) {
  constexpr std::size_t kShown = 8;
  return series.id.empty() ? kUnknown : series.id.substr(0, kShown);
}

Result<std::vector<HistoryEntry>> entries_of_series(std::vector<HistoryEntry> entries,
                                                    const std::string& wanted,
                                                    std::vector<HistorySeries>& others) {
  others = series_in(entries);
  std::vector<HistorySeries> fitting;
  for (const HistorySeries& series : others) {
    const bool fits = series.id.empty() ? wanted == kUnknown : series.id.starts_with(wanted);
    if (wanted.empty() || fits) fitting.push_back(series);
  }
  if (fitting.empty() || (!wanted.empty() && fitting.size() > 1)) {
    std::string known;
    for (const HistorySeries& series : others) {
      known += (known.empty() ? "" : ", ") + series_name(series);
    }
    return Error{ErrorKind::usage,
                 fitting.empty()
                     ? fmt::format("--series {0}: no series ID starts with \"{0}\"", wanted)
                     : fmt::format("--series {0}: several series IDs start with \"{0}\"", wanted),
                 "series: " + known};
  }
  const std::string chosen = fitting.front().id;
  std::erase_if(others, [&chosen](const HistorySeries& s) { return s.id == chosen; });
  std::erase_if(entries, [&chosen](const HistoryEntry& e) { return e.series != chosen; });
  return entries;
}

}  // namespace poolgauge
