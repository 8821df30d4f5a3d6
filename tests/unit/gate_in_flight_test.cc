// Gates over runs of which a figure is known only from below, because requests were in flight.
#include <catch2/catch.hpp>

#include "gate/gate.h"

namespace poolgauge {
namespace {

/// Four runs on each side, of one figure: p95(latency) in seconds.
GateResult gate_of(double baseline, bool baseline_bound, double candidate, bool candidate_bound) {
  GateQuestion q;
  q.rules = usual_rules({}, false);
  q.rules = {q.rules[1]};
  for (int i = 0; i < 6; ++i) {
    const double noise = 1 + 0.001 * i;
    GateRun run;
    run.values = {baseline * noise};
    run.bounds = {baseline_bound};
    q.baseline.push_back(run);
    run.values = {candidate * noise};
    run.bounds = {candidate_bound};
    q.candidate.push_back(run);
  }
  return judge_gate(q);
}

TEST_CASE("a bound can show a regression, and neither a pass nor anybody's guilt", "[in_flight]") {
  CHECK(gate_of(1, false, 1, false).verdict == GateVerdict::pass);
  CHECK(gate_of(1, false, 7, true).verdict == GateVerdict::regression);
  CHECK(gate_of(1, false, 7, true).headline.find(" to > 7.0") != std::string::npos);
  const GateResult open = gate_of(1, false, 1, true);
  CHECK(open.verdict == GateVerdict::inconclusive);
  CHECK(open.headline.find("only a lower bound is known for the") != std::string::npos);
  CHECK(gate_of(1, true, 7, false).verdict == GateVerdict::inconclusive);
  CHECK(gate_of(7, true, 1, false).verdict == GateVerdict::pass);
}

}  // namespace
}  // namespace poolgauge
