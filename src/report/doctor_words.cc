// Counting findings and putting the same reasons together.
#include "report/doctor_words.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/checks.h"

namespace poolgauge {
namespace {

std::string counted_of(std::size_t count, std::string_view noun) {
  return counted(static_cast<std::int64_t>(count), noun);
}

/// The higher the worse.
int doctor_rank(DoctorLevel level) {
  switch (level) {
    case DoctorLevel::stop: return 4;
    case DoctorLevel::warn: return 3;
    case DoctorLevel::note: return 2;
    case DoctorLevel::unknown: return 1;
    case DoctorLevel::ok: return 0;
  }
  return 0;
}

}  // namespace

std::string doctor_headline(const Diagnosed& diagnosed) {
  const std::size_t stops = diagnosed.count(DoctorLevel::stop);
  const std::size_t warnings = diagnosed.count(DoctorLevel::warn);
  const std::size_t unknown = diagnosed.count(DoctorLevel::unknown);
  // "warning: 5 warnings" would say it twice.
  std::string text;
  if (diagnosed.verdict() != DoctorVerdict::warning || warnings == 0) {
    text = std::string(name_of(diagnosed.verdict())) + ": ";
  }
  if (diagnosed.findings.empty()) return text + "none of the chosen checks applies here";
  if (diagnosed.saw_nothing()) return text + "none of the checks could be judged";
  if (stops > 0)
    text += counted_of(stops, "finding") + " that " + (stops == 1 ? "rules" : "rule") +
            " out a load test, ";
  text += counted_of(warnings, "warning");
  const std::size_t notes = diagnosed.count(DoctorLevel::note);
  if (notes > 0) text += ", " + counted_of(notes, "note");
  const std::size_t fine = diagnosed.count(DoctorLevel::ok);
  text += "; " + counted_of(fine, "check") + (fine == 1 ? " is fine" : " are fine");
  if (unknown > 0) text += fmt::format(", {} could not be checked", unknown);
  return text;
}

std::string doctor_place(const Diagnosed& diagnosed) {
  const std::string what = diagnosed.server_version.empty()
                               ? "PgBouncer's console"
                               : "PostgreSQL " + diagnosed.server_version;
  return fmt::format("{} at {}{}", what, diagnosed.address,
                     diagnosed.role.empty() ? "" : " as " + diagnosed.role);
}

std::string doctor_limit(const DoctorFinding& finding) {
  if (finding.limit.empty()) return "";
  const bool own = finding.source == "Poolgauge";
  // "none" alone would read as if there were no limit.
  const std::string limit = finding.limit == "none" ? "none allowed" : finding.limit;
  return fmt::format("{} ({})", limit, own ? "chosen by Poolgauge" : finding.source);
}

std::vector<const DoctorFinding*> doctor_matters(const Diagnosed& diagnosed) {
  std::vector<const DoctorFinding*> list;
  for (const DoctorFinding& finding : diagnosed.findings) {
    if (doctor_rank(finding.level) >= doctor_rank(DoctorLevel::note)) list.push_back(&finding);
  }
  std::stable_sort(list.begin(), list.end(), [](const DoctorFinding* a, const DoctorFinding* b) {
    return doctor_rank(a->level) > doctor_rank(b->level);
  });
  return list;
}

std::vector<DoctorUnknown> doctor_unknown(const Diagnosed& diagnosed) {
  std::vector<DoctorUnknown> list;
  std::vector<std::string> titles;  // of the first check of each
  for (const DoctorFinding& finding : diagnosed.findings) {
    if (finding.level != DoctorLevel::unknown) continue;
    const auto same = std::find_if(list.begin(), list.end(), [&finding](const auto& one) {
      return one.reason == finding.seen && one.cure == finding.cure;
    });
    if (same != list.end()) {
      same->ids += ", " + finding.id;
    } else {
      list.push_back({finding.id, finding.seen, finding.cure});
      titles.push_back(finding.title);
    }
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].ids.find(',') == std::string::npos) list[i].ids += " " + titles[i];
  }
  return list;
}

std::vector<DoctorTally> doctor_tallies(const Diagnosed& diagnosed) {
  std::vector<DoctorTally> list;
  for (const DoctorGroup& group : doctor::groups()) {
    DoctorTally tally{group.letter, std::string(group.title)};
    for (const DoctorFinding& finding : diagnosed.findings) {
      if (finding.id[0] != group.letter) continue;
      ++tally.judged;
      if (finding.level == DoctorLevel::ok) ++tally.fine;
    }
    if (tally.judged > 0) list.push_back(std::move(tally));
  }
  return list;
}

std::string doctor_tally_text(const DoctorTally& tally) {
  const std::string of = counted_of(tally.judged, "check");
  if (tally.all_fine()) return fmt::format("{}: {}, all fine", tally.title, of);
  return fmt::format("{}: {} of {} fine", tally.title, tally.fine, of);
}

}  // namespace poolgauge
