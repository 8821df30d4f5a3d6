// `scenario`: list, show, check, schema; new and import have files of their own.
#include <string>
#include <vector>

#include "base/json_layout.h"
#include "base/visible_text.h"
#include "cli/commands/commands.h"
#include "cli/shell/messages.h"
#include "files/report_set.h"
#include "poolgauge/scenario.h"

namespace poolgauge::cli {

namespace {

int print_text(const std::string& text) {
  const Status printed = print_lines(text);
  return printed.ok() ? 0 : fail(printed.error());
}

int list_scenarios() {
  const std::vector<std::string> files = scenarios_in(scenario_directories());
  if (files.empty()) return print_text("no scenarios found in ./scenarios\n");
  return print_text(scenario_list(files));
}

int show_scenario(const ScenarioOptions& options, const Context& context) {
  const OrFailure<Scenario> loaded =
      typed_scenario(options.scenario, options.flags, context.environment);
  if (!loaded.ok()) return fail(loaded.failure());
  print_err(flags_line(loaded.value()));
  return print_text(visible_json(pretty_json(loaded.value().resolved_json)) + "\n");
}

/// Checks the file as it is: neither flags nor environment.
int check_scenario(const ScenarioOptions& options) {
  const OrFailure<Scenario> loaded = typed_scenario(options.scenario, {}, {});
  if (!loaded.ok()) return fail(loaded.failure());
  return print_text("ok\n");
}

int print_schema(bool of_reports) {
  const std::string schema(of_reports ? report_schema() : scenario_schema());
  if (schema.empty()) {
    return fail(Error{ErrorKind::internal, "this build does not contain the schema", ""});
  }
  return print_text(schema);
}

}  // namespace

int scenario_command(const ScenarioOptions& options, const Context& context) {
  switch (options.action) {
    case ScenarioAction::list: return list_scenarios();
    case ScenarioAction::show: return show_scenario(options, context);
    case ScenarioAction::check: return check_scenario(options);
    case ScenarioAction::schema: return print_schema(options.report_schema);
    case ScenarioAction::start: return new_scenario_command(options, context);
    case ScenarioAction::import: return import_command(options, context);
    case ScenarioAction::none: break;
  }
  return fail(usage_error("scenario: no action given"));
}

}  // namespace poolgauge::cli
