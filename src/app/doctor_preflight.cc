// Reading and judging as `doctor` does, a few checks only.
#include "app/doctor.h"

#include <fmt/format.h>

namespace poolgauge::app {

namespace {

doctor::Selection preflight_checks() {
  return {{"A5", "C1", "C2", "C3", "C5", "E1"}, {}};
}

}  // namespace

DoctorWishes wishes_for(const doctor::Selection& selection, DoctorPace pace) {
  const bool takes_time = pace == DoctorPace::watch;
  DoctorWishes wishes;
  const auto wanted = doctor::queries_for(selection);
  for (DoctorQuery query : doctor::queries()) {
    query.twice = query.twice && takes_time;
    if (wanted.contains(query.id)) wishes.queries.push_back(query);
  }
  wishes.active = takes_time && selection.has("D1");
  wishes.round_trips = takes_time && (selection.has("G1") || selection.has("G4"));
  wishes.connects =
      takes_time && (selection.has("G2") || selection.has("C8") || selection.has("D10"));
  return wishes;
}

Status check_with_doctor(const std::string& conninfo, const Scenario& scenario,
                         const StopFlag& stop) {
  const doctor::Selection selection = preflight_checks();
  const Result<DoctorFacts> facts =
      read_doctor_facts(conninfo, wishes_for(selection, DoctorPace::one_look), stop);
  if (!facts.ok()) return facts.error();
  DoctorPlan plan;
  take_needs(scenario, plan);
  const Diagnosed diagnosed = doctor::judge(facts.value(), plan, selection);
  std::string message;
  std::string cures;
  for (const DoctorFinding& finding : diagnosed.findings) {
    if (finding.level != DoctorLevel::stop) continue;
    message += fmt::format("\n  {} {}: {} (limit: {})", finding.id, finding.title, finding.seen,
                           finding.limit);
    if (!finding.cure.empty()) cures += (cures.empty() ? "" : "\n") + finding.cure;
  }
  if (message.empty()) return success();
  return Error{ErrorKind::target,
               fmt::format("cannot start: the server at {} does not fit the scenario{}",
                           facts.value().address, message),
               cures};
}

}  // namespace poolgauge::app
