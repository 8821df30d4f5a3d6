// `doctor` on the terminal: verdict, what matters, what is unknown, and a line for each group.
#include <fmt/format.h>

#include "report/doctor_words.h"
#include "report/terminal/screen.h"

namespace poolgauge {
namespace {

constexpr std::size_t kDoctorLabel = 9;

Tone doctor_tone(DoctorVerdict verdict) {
  switch (verdict) {
    case DoctorVerdict::healthy: return Tone::good;
    case DoctorVerdict::warning: return Tone::doubtful;
    case DoctorVerdict::unhealthy: return Tone::bad;
  }
  return Tone::bad;
}

std::string_view doctor_sign(DoctorVerdict verdict) {
  switch (verdict) {
    case DoctorVerdict::healthy: return "✓";
    case DoctorVerdict::warning: return "!";
    case DoctorVerdict::unhealthy: return "✗";
  }
  return "✗";
}

void add_finding(Screen& screen, const DoctorFinding& finding) {
  screen.gap();
  const Tone tone = finding.level == DoctorLevel::stop   ? Tone::bad
                    : finding.level == DoctorLevel::warn ? Tone::doubtful
                                                         : Tone::strong;
  screen.labelled(name_of(finding.level), kDoctorLabel,
                  fmt::format("{} {}: {}", finding.id, finding.title, finding.seen), tone);
  const std::string limit = doctor_limit(finding);
  if (!limit.empty()) screen.labelled("  limit", kDoctorLabel, limit);
  screen.labelled("  why", kDoctorLabel, finding.why);
  if (!finding.cure.empty()) screen.labelled("  do", kDoctorLabel, finding.cure);
}

}  // namespace

std::string to_terminal(const Diagnosed& diagnosed, const TerminalStyle& style) {
  Screen screen(style);
  const DoctorVerdict verdict = diagnosed.verdict();
  screen.labelled(doctor_sign(verdict), 2, doctor_headline(diagnosed), doctor_tone(verdict));
  screen.labelled("", 2, doctor_place(diagnosed), Tone::faint);
  for (const DoctorFinding* finding : doctor_matters(diagnosed)) add_finding(screen, *finding);
  for (const DoctorUnknown& unknown : doctor_unknown(diagnosed)) {
    screen.gap();
    screen.labelled("unknown", kDoctorLabel, unknown.ids + ": " + unknown.reason, Tone::strong);
    if (!unknown.cure.empty()) screen.labelled("  do", kDoctorLabel, unknown.cure);
  }
  screen.gap();
  for (const DoctorTally& tally : doctor_tallies(diagnosed)) {
    screen.labelled(fmt::format("{}  {}", tally.all_fine() ? "✓" : " ", tally.letter), 6,
                    doctor_tally_text(tally), tally.all_fine() ? Tone::good : Tone::plain);
  }
  return screen.str();
}

}  // namespace poolgauge
