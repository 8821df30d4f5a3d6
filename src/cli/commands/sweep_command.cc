// `sweep`: a range of sizes, users or rates, and the curve through them.
#include <utility>
#include <variant>

#include "app/sweep.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/commands/load.h"
#include "cli/commands/outputs.h"
#include "cli/commands/stage.h"
#include "cli/shell/messages.h"

namespace poolgauge::cli {

int sweep_command(const SweepOptions& options, const Context& context) {
  const Loaded loaded = load(options.run.scenario, options.run.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  const Scenario& scenario = std::get<Scenario>(loaded);
  say_flags(scenario, options.run.output.quiet);
  if (const Status can = check_over(scenario, options.over); !can.ok()) return fail(can.error());
  Result<SweepRange> range = options.sizes.empty()
                                 ? usual_range(scenario, options.over)
                                 : parse_sizes(options.sizes, options.over != "rate");
  if (!range.ok()) return fail(range.error());
  range.value().asked = !options.sizes.empty();
  if (const Status checked = check_outputs(options.run.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  SearchSetup stage(options, context, scenario);
  if (!stage.world.ok()) return fail(stage.world.error());
  EarlyReport early(options.run.output, stage.started);
  const Result<Report> report = sweep(
      options, context, scenario, std::move(range).value(), *stage.world.value(), stage.progress,
      options.run.seed, stage.started, [&early](const Report& so_far) { early.write(so_far); });
  if (!report.ok()) return fail(report.error());
  return finish(report.value(), options.run.output, stage.started, &early);
}

}  // namespace poolgauge::cli
