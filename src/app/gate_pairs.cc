// The order of the runs, and whether there are enough.
#include "app/gate.h"

#include <fmt/format.h>

namespace poolgauge::app {

namespace {

Status add_pair(Sides& sides, const RunOfPair& run, std::uint32_t number, std::uint32_t of) {
  // A B B A A B B A ...: a drift of the machine falls on both sides alike.
  const bool baseline_first = number % 2 == 1;
  for (const bool first : {true, false}) {
    const bool of_baseline = first == baseline_first;
    const Status added = run(of_baseline ? sides.baseline : sides.candidate, of_baseline, number,
                             fmt::format("pair {} of {}", number, of));
    if (!added.ok()) return added;
  }
  return success();
}

Report settled(const Sides& sides, const std::vector<GateRule>& rules, const PairsRequest& request,
               const Context& context) {
  Report report = judged(sides, rules, {}, request.strictness);
  report.command = "gate";
  report.command_line = context.command_line;
  return report;
}

}  // namespace

Result<Report> gate_pairs(const PairsRequest& request, const Context& context, const RunOfPair& run,
                          const RulesOfGate& rules_of) {
  Sides sides;
  sides.paired = true;
  sides.differing = Differing::intended;
  sides.baseline_name = request.baseline_name;
  sides.candidate_name = request.candidate_name;
  for (std::uint32_t number = 1; number <= request.pairs; ++number) {
    const Status added = add_pair(sides, run, number, request.pairs);
    if (!added.ok()) return added.error();
  }
  const Result<std::vector<GateRule>> rules = rules_of(sides.candidate.front().report);
  if (!rules.ok()) return rules.error();
  Report report = settled(sides, rules.value(), request, context);
  if (report.gate->verdict != GateVerdict::inconclusive || !request.extend) return report;
  // Once more as many. The second look has half the chance of a false alarm, the first has spent
  // the whole one: both together have at most 1.5 times as much (7.5 % for 5 %).
  sides.alpha /= 2;
  for (std::uint32_t i = 1; i <= request.pairs; ++i) {
    const Status added = add_pair(sides, run, request.pairs + i, 2 * request.pairs);
    if (!added.ok()) return added.error();
  }
  return settled(sides, rules.value(), request, context);
}

}  // namespace poolgauge::app
