// Runs the checks: an answer that is missing makes a finding unknown, never fine.
#include <algorithm>

#include <fmt/format.h>

#include "doctor/answers.h"
#include "doctor/checks.h"

namespace poolgauge::doctor {

namespace {

constexpr std::string_view kRights = "A4";
constexpr std::string_view kTracking = "A6";

bool sees_everybody(const DoctorFacts& facts) {
  const Row rights = first_row(facts.first, kRights);
  return rights.flag("sees_all") || rights.flag("superuser");
}

/// True when nothing keeps the check from being judged. `applies`: whether this server has it.
bool can_judge_check(const DoctorFacts& facts, const Check& check, DoctorFinding& finding,
                     bool& applies) {
  applies = true;
  for (const std::string_view id : check.needed()) {
    const auto answer = facts.first.find(id);
    if (answer == facts.first.end()) {
      applies = false;
      return false;
    }
    if (answer->second.unknown.empty()) continue;
    finding.level = DoctorLevel::unknown;
    finding.seen = answer->second.unknown;
    if (answer->second.no_right) finding.cure = grant_to_see(facts);
    return false;
  }
  return true;
}

/// The setting is off that the check's answers come from; empty: none is.
std::string_view tracking_off(const DoctorFacts& facts, const Check& check) {
  const auto is_off = [&facts](std::string_view name) {
    return setting_of(facts.first, kTracking, name) == "off";
  };
  if (check.of_others && is_off("track_activities")) return "track_activities";
  const bool counts = check.id == "D8" || check.id == "D9";
  return counts && is_off("track_counts") ? "track_counts" : "";
}

/// What is not tracked was not seen.
void doubt_untracked(const DoctorFacts& facts, const Check& check, DoctorFinding& finding) {
  const std::string_view off = tracking_off(facts, check);
  if (off.empty() || finding.level != DoctorLevel::ok) return;
  finding.level = DoctorLevel::unknown;
  finding.seen = fmt::format("{} is off", off);
  finding.cure = alter_system(fmt::format("{} = on", off));
}

/// What others do is hidden: an "ok" was not seen, anything worse was.
void doubt(const DoctorFacts& facts, DoctorFinding& finding) {
  if (finding.level != DoctorLevel::ok && finding.level != DoctorLevel::unknown) return;
  finding.level = DoctorLevel::unknown;
  finding.seen =
      fmt::format("the sessions of other users are hidden from role {}", named_text(facts.role));
  finding.cure = grant_to_see(facts);
}

DoctorFinding start_of(const Check& check) {
  DoctorFinding finding;
  finding.id = check.id;
  finding.title = check.title;
  finding.source = check.source;
  finding.why = check.why;
  const bool of_scenario = check.id[0] == 'I';
  if (of_scenario) {
    for (const std::string_view id : queries_of(check.id)) finding.queries.emplace_back(id);
  }
  for (const std::string_view id : check.needed()) finding.queries.emplace_back(id);
  return finding;
}

bool names_check(const std::vector<std::string>& words, std::string_view id) {
  return std::any_of(words.begin(), words.end(), [id](const std::string& word) {
    return word == id || (word.size() == 1 && word[0] == id[0]);
  });
}

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> also_read() {
  static constexpr std::pair<std::string_view, std::string_view> kAlsoRead[] = {
      {"A7", "A7b"}, {"C1", "C0"},  {"C2", "C0"}, {"C3", "C0"},
      {"C5", "C0"},  {"D5", "D5b"}, {"G3", "C1"}, {"H5", "B1"}};
  return kAlsoRead;
}

std::span<const DoctorGroup> groups() {
  static constexpr DoctorGroup kGroups[] = {
      {'A', "server and rights"}, {'B', "available slots"}, {'C', "timeouts"},
      {'D', "activity"},          {'E', "replication"},     {'F', "settings"},
      {'G', "network path"},      {'H', "PgBouncer"},       {'I', "scenario"}};
  return kGroups;
}

std::span<const Check> checks() {
  static const std::vector<Check> all = [] {
    std::vector<Check> list;
    for (const std::span<const Check> part :
         {checks_of_target(), checks_of_slots(), checks_of_fleet(), checks_of_timeouts(),
          checks_of_activity(), checks_of_counters(), checks_of_replication(), checks_of_settings(),
          checks_of_tuning(), checks_of_path(), checks_of_pooler(), checks_of_pooler_limits(),
          checks_of_scenario()}) {
      list.insert(list.end(), part.begin(), part.end());
    }
    const auto before = [](const Check& a, const Check& b) {
      if (a.id[0] != b.id[0]) return a.id[0] < b.id[0];
      return a.id.size() != b.id.size() ? a.id.size() < b.id.size() : a.id < b.id;
    };
    std::stable_sort(list.begin(), list.end(), before);
    return list;
  }();
  return all;
}

bool Selection::has(std::string_view id) const {
  return (only.empty() || names_check(only, id)) && !names_check(skip, id);
}

std::vector<std::string> unknown_names(const std::vector<std::string>& words) {
  std::vector<std::string> unknown;
  for (const std::string& word : words) {
    const auto all = checks();
    const bool is_known = std::any_of(all.begin(), all.end(), [&word](const Check& check) {
      return names_check({word}, check.id);
    });
    if (!is_known) unknown.push_back(word);
  }
  return unknown;
}

std::set<std::string, std::less<>> queries_for(const Selection& selection) {
  std::set<std::string, std::less<>> ids = {std::string(kRights)};
  for (const Check& check : checks()) {
    if (!selection.has(check.id)) continue;
    if (check.id[0] == 'B' || check.id[0] == 'D') ids.emplace(kTracking);
    for (const std::string_view id : check.needed()) ids.emplace(id);
    for (const auto& [reader, query] : also_read()) {
      if (check.id == reader) ids.emplace(query);
    }
  }
  return ids;
}

Diagnosed judge(const DoctorFacts& facts, const DoctorPlan& plan, const Selection& selection) {
  Diagnosed diagnosed;
  diagnosed.server_version = facts.server_version;
  diagnosed.address = facts.address;
  diagnosed.role = facts.role;
  diagnosed.database = facts.database;
  for (const Check& check : checks()) {
    if (!selection.has(check.id)) continue;
    const bool of_pooler = check.id[0] == 'H';
    if (of_pooler ? !facts.pooler_asked : facts.version_num == 0) continue;
    if (check.id[0] == 'I' && !facts.scenario) continue;
    DoctorFinding finding = start_of(check);
    bool applies = true;
    if (can_judge_check(facts, check, finding, applies)) {
      applies = check.judge({facts, plan, finding}) == Applies::yes;
      if (applies && check.of_others && !sees_everybody(facts)) doubt(facts, finding);
      if (applies) doubt_untracked(facts, check, finding);
    }
    if (applies) diagnosed.findings.push_back(std::move(finding));
  }
  return diagnosed;
}

}  // namespace poolgauge::doctor

namespace poolgauge {

std::size_t Diagnosed::count(DoctorLevel level) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [level](const DoctorFinding& each) { return each.level == level; }));
}

/// As the server shows it: "public.orders", "\"Odd name\"".
bool DoctorPlan::names_table(std::string_view qualified) const {
  if (qualified.ends_with('"')) {
    const std::size_t open = qualified.rfind('"', qualified.size() - 2);
    if (open != std::string_view::npos) {
      qualified = qualified.substr(open + 1, qualified.size() - open - 2);
    }
  } else if (const std::size_t dot = qualified.rfind('.'); dot != std::string_view::npos) {
    qualified.remove_prefix(dot + 1);
  }
  return std::find(tables.begin(), tables.end(), qualified) != tables.end();
}

bool Diagnosed::saw_nothing() const {
  return !findings.empty() && count(DoctorLevel::unknown) == findings.size();
}

DoctorVerdict Diagnosed::verdict() const {
  if (count(DoctorLevel::stop) > 0) return DoctorVerdict::unhealthy;
  if (saw_nothing()) return DoctorVerdict::warning;
  return count(DoctorLevel::warn) > 0 ? DoctorVerdict::warning : DoctorVerdict::healthy;
}

std::string_view name_of(DoctorLevel level) {
  switch (level) {
    case DoctorLevel::ok: return "ok";
    case DoctorLevel::note: return "note";
    case DoctorLevel::warn: return "warn";
    case DoctorLevel::stop: return "stop";
    case DoctorLevel::unknown: return "unknown";
  }
  return "unknown";
}

std::string_view name_of(DoctorVerdict verdict) {
  switch (verdict) {
    case DoctorVerdict::healthy: return "healthy";
    case DoctorVerdict::warning: return "warning";
    case DoctorVerdict::unhealthy: return "unhealthy";
  }
  return "unhealthy";
}

}  // namespace poolgauge
