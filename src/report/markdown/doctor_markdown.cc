// `doctor` as Markdown, in the terminal's order.
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "report/doctor_words.h"
#include "report/markup.h"

namespace poolgauge {
namespace {

/// What can be pasted is code; advice is not.
std::string cure_text(const std::string& cure) {
  constexpr std::string_view kCommands[] = {"ALTER ",  "GRANT ",  "CREATE ", "ANALYZE ",
                                            "VACUUM ", "ulimit ", "sysctl "};
  for (const std::string_view command : kCommands) {
    if (cure.starts_with(command)) return code(cure);
  }
  return escaped(cure);
}

}  // namespace

std::string to_markdown(const Diagnosed& diagnosed) {
  std::string out = fmt::format("**{}**\n\n{}\n\n", escaped(doctor_headline(diagnosed)),
                                escaped(doctor_place(diagnosed)));
  const auto matters = doctor_matters(diagnosed);
  if (!matters.empty()) {
    out +=
        "| level | check | seen | limit | why | what to do |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const DoctorFinding* finding : matters) {
      out += table_row({std::string(name_of(finding->level)),
                        escaped(finding->id + " " + finding->title), escaped(finding->seen),
                        escaped(doctor_limit(*finding)), escaped(finding->why),
                        cure_text(finding->cure)});
    }
    out += "\n";
  }
  for (const DoctorUnknown& unknown : doctor_unknown(diagnosed)) {
    out += fmt::format("- unknown: {}: {}{}\n", escaped(unknown.ids), escaped(unknown.reason),
                       unknown.cure.empty() ? "" : ": " + cure_text(unknown.cure));
  }
  for (const DoctorTally& tally : doctor_tallies(diagnosed)) {
    out += fmt::format("- {} {}\n", tally.letter, escaped(doctor_tally_text(tally)));
  }
  return out;
}

}  // namespace poolgauge
