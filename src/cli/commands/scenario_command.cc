// `scenario`: list, show, check, schema; new and import have files of their own.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/visible_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/load.h"
#include "cli/commands/scenario_files.h"
#include "cli/shell/built_in.h"
#include "cli/shell/json_layout.h"
#include "cli/shell/messages.h"
#include "poolgauge/scenario.h"

namespace poolgauge::cli {

namespace {

int print_text(const std::string& text) {
  const Status printed = print_lines(text);
  return printed.ok() ? 0 : fail(printed.error());
}

struct BuiltInQuestion {
  std::string_view name, question;
};

/// What each built-in scenario is good for.
constexpr std::array kQuestions = {
    BuiltInQuestion{"chat-100", "Do 100 concurrent chat requests run well with a pool of 20+40?"},
    BuiltInQuestion{"chat-100-before",
                    "What happens to 100 concurrent chat requests with SQLAlchemy's default pool?"},
    BuiltInQuestion{"cpu-bound", "What if the CPUs of the server are the bottleneck?"},
    BuiltInQuestion{"hold-bound", "What if requests hold connections but hardly use the database?"},
    BuiltInQuestion{"lock-bound", "What if transactions wait for locks on the same row?"},
    BuiltInQuestion{"pgbouncer-1000",
                    "How do 1,000 clients run through PgBouncer with 20 server connections?"},
    BuiltInQuestion{"read-replica", "How do I size pools for a primary and a read replica?"},
    BuiltInQuestion{"select-only", "Are the results comparable to pgbench -S -M prepared?"},
    BuiltInQuestion{"tpcb-like", "Are the results comparable to pgbench -M prepared?"}};

/// The question that a built-in scenario answers, else the scenario's own description.
std::string description_of(const std::string& file) {
  for (const auto& [name, question] : kQuestions) {
    if (scenario_name_of(file) == name) return std::string(question);
  }
  const ScenarioResult result = load_scenario(file, {});
  if (const auto* scenario = std::get_if<Scenario>(&result)) return scenario->description;
  return "(invalid, see poolgauge scenario check " + file + ")";
}

int list_scenarios() {
  const std::vector<std::string> files = scenarios_in(scenario_directories());
  if (files.empty()) return print_text("no scenarios found in ./scenarios\n");
  std::size_t widest = 0;
  for (const std::string& file : files) widest = std::max(widest, scenario_name_of(file).size());
  std::string text;
  for (const std::string& file : files) {
    const std::string name = scenario_name_of(file);
    text += visible_text(name) + std::string(widest + 2 - name.size(), ' ') +
            visible_text(description_of(file)) + "\n";
  }
  return print_text(text);
}

int show_scenario(const ScenarioOptions& options, const Context& context) {
  const Loaded loaded = load(options.scenario, options.flags, context.environment);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
  say_flags(std::get<Scenario>(loaded), false);
  return print_text(visible_json(pretty_json(std::get<Scenario>(loaded).resolved_json)) + "\n");
}

/// Checks the file as it is: neither flags nor environment.
int check_scenario(const ScenarioOptions& options) {
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const Loaded loaded = load(options.scenario, {}, nothing);
  if (const int* status = std::get_if<int>(&loaded)) return *status;
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
