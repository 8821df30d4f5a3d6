// A hold becomes a pause; the engine splits the transaction around it.
#include "advise/prediction.h"

#include <fmt/format.h>

namespace poolgauge {
namespace {

bool names(const std::string& wanted, const RequestSpec& request, const Step& step) {
  return wanted == step.name || wanted == request.name + "." + step.name;
}

/// The holds there are, for an error.
std::string holds_of(const Scenario& scenario) {
  std::string all;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      if (step.kind != StepKind::hold) continue;
      all += (all.empty() ? "" : ", ") + request.name + "." + step.name;
    }
  }
  return all;
}

}  // namespace

Result<Scenario> release_during(Scenario scenario, const std::string& step) {
  bool found = false;
  for (RequestSpec& request : scenario.requests) {
    for (Step& candidate : request.steps) {
      if (candidate.kind != StepKind::hold || !names(step, request, candidate)) continue;
      candidate.kind = StepKind::pause;
      found = true;
    }
  }
  if (found) return scenario;
  const std::string holds = holds_of(scenario);
  return Error{ErrorKind::usage,
               fmt::format("no hold step is named \"{}\", so there is nothing to release", step),
               holds.empty() ? "the scenario has no hold steps" : "hold steps: " + holds};
}

}  // namespace poolgauge
