// The exit statuses of a gate: its own verdict's, and together with that of the goals.
#include "gate/gate.h"
#include "poolgauge/exit_status.h"

namespace poolgauge {

int exit_code_of(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::pass: return kExitSuccess;
    case GateVerdict::regression: return kExitRegression;
    case GateVerdict::inconclusive: return kExitInconclusive;
    case GateVerdict::invalid: return kExitUsage;
  }
  return kExitInternal;
}

int gate_exit_code(const GateResult& gate, const Verdict& goals) {
  if (gate.advisory) return 0;
  if (gate.verdict == GateVerdict::invalid || gate.verdict == GateVerdict::regression) {
    return exit_code_of(gate.verdict);
  }
  if (goals.status == VerdictStatus::slo_missed) return goals.exit_code;
  const bool unsure =
      gate.verdict == GateVerdict::inconclusive || goals.status == VerdictStatus::inconclusive;
  if (unsure) return gate.strict ? 11 : 12;
  return goals.exit_code;
}

}  // namespace poolgauge
