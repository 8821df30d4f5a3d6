// `advise`: the smallest pools that meet the goals.
#include "app/advise.h"

#include <variant>

#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/commands/load.h"
#include "cli/commands/outputs.h"
#include "cli/commands/stage.h"
#include "cli/shell/messages.h"

namespace poolgauge::cli {

int advise_command(const AdviseOptions& options, const Context& context) {
  const Loaded loaded = load(options.run.scenario, options.run.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  const Scenario& scenario = std::get<Scenario>(loaded);
  say_flags(scenario, options.run.output.quiet);
  const Result<AdviseQuestion> question = advise_question(scenario, options);
  if (!question.ok()) return fail(question.error());
  if (const Status checked = check_outputs(options.run.output, true); !checked.ok()) {
    return fail(checked.error());
  }
  SearchSetup stage(options, context, question.value().grown);
  if (!stage.world.ok()) return fail(stage.world.error());
  EarlyReport early(options.run.output, stage.started);
  const Result<Report> report = advise(options, context, question.value(), *stage.world.value(),
                                       stage.progress, options.run.seed, stage.started,
                                       [&early](const Report& so_far) { early.write(so_far); });
  if (!report.ok()) return fail(report.error());
  return finish(report.value(), options.run.output, stage.started, &early);
}

}  // namespace poolgauge::cli
