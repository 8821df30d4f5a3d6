// `compare`: what changed between two reports, or two sets of them. It decides nothing.
#include <string>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/commands/gate_rules.h"
#include "cli/commands/outputs.h"
#include "cli/shell/messages.h"
#include "cli/shell/report_set.h"
#include "report/terminal/gate_screen.h"

namespace poolgauge::cli {

int compare_command(const CompareOptions& options, const Context& context) {
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  Result<std::vector<SavedReport>> after = load_reports({options.after}, "");
  if (!after.ok()) return fail(after.error());
  const std::string& scenario = after.value().front().report.scenario_name;
  const bool one_name = options.before.find(',') == std::string::npos;
  Result<std::vector<SavedReport>> before =
      load_reports({options.before}, one_name ? scenario : "");
  if (!before.ok()) return fail(before.error());
  Sides sides;
  sides.baseline = std::move(before).value();
  sides.candidate = std::move(after).value();
  sides.paired = options.paired;
  sides.differing = Differing::shown;
  if (sides.paired && sides.baseline.size() != sides.candidate.size()) {
    return fail(usage_error("--paired needs the same number of reports on both sides, found " +
                            std::to_string(sides.baseline.size()) + " and " +
                            std::to_string(sides.candidate.size())));
  }
  Result<std::vector<GateRule>> rules = rules_of(options.judge, sides.candidate.front().report);
  if (!rules.ok()) return fail(rules.error());
  JudgeOptions judge = options.judge;
  judge.advisory = true;
  Report report = judged(sides, rules.value(), {}, judge);
  report.command = "compare";
  report.command_line = context.command_line;
  if (!is_one_beside_one(*report.gate)) return show_judged(report, options.output, "");
  return show_judged(report, options.output, [&sides](const TerminalStyle& style) {
    return side_by_side(sides.baseline.front().report, sides.candidate.front().report, style);
  });
}

}  // namespace poolgauge::cli
