// `doctor` as JUnit XML: a test case for each check. A warning is no failure; what is unknown is
// skipped.
#include <fmt/format.h>

#include "report/doctor_words.h"
#include "report/markup.h"

namespace poolgauge {
namespace {

std::string doctor_case(const DoctorFinding& finding) {
  std::string inside;
  const std::string what = fmt::format("{}: {}", name_of(finding.level), finding.seen);
  if (finding.level == DoctorLevel::stop) {
    inside = fmt::format("      <failure{}{}>{}</failure>\n", markup_attribute("message", what),
                         markup_attribute("type", "stop"),
                         markup_text(fmt::format("limit: {}\n{}\nwhat to do: {}\n", finding.limit,
                                                 finding.why, finding.cure)));
  } else if (finding.level == DoctorLevel::unknown) {
    inside = fmt::format("      <skipped{}/>\n", markup_attribute("message", what));
  }
  const std::string name = finding.id + " " + finding.title;
  return fmt::format("    <testcase{}{} time=\"0\"{}", markup_attribute("name", name),
                     markup_attribute("classname", "poolgauge.doctor"),
                     inside.empty() ? "/>\n" : fmt::format(">\n{}    </testcase>\n", inside));
}

}  // namespace

std::string to_junit(const Diagnosed& diagnosed, const DoctorRun& run) {
  std::string cases;
  std::string other;  // warnings and notes fail nothing
  for (const DoctorFinding& finding : diagnosed.findings) {
    cases += doctor_case(finding);
    if (finding.level == DoctorLevel::ok) continue;
    other += fmt::format("{} {} {}: {}\n", name_of(finding.level), finding.id, finding.title,
                         finding.seen);
  }
  std::string time = run.started_at;
  if (time.ends_with('Z')) time.pop_back();  // strict readers want no zone
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"poolgauge "
      "doctor\" package=\"poolgauge\" id=\"0\" hostname=\"localhost\" timestamp=\"{}\" "
      "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"0\">\n    <properties/>\n"
      "{}    <system-out>{}</system-out>\n    <system-err></system-err>\n  </testsuite>\n"
      "</testsuites>\n",
      markup_text(time), diagnosed.findings.size(), diagnosed.count(DoctorLevel::stop),
      diagnosed.count(DoctorLevel::unknown), cases, markup_text(other));
}

}  // namespace poolgauge
