// The answer of `observe`, in all forms that were asked for.
#include "cli/commands/observe_report.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/json_layout.h"
#include "cli/commands/show.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "files/files.h"
#include "files/outputs.h"
#include "files/report_set.h"
#include "poolgauge/observed_load.h"
#include "poolgauge/pool_sizing.h"
#include "report/observe_words.h"

namespace poolgauge::cli {

namespace {

/// The groups of the largest one's database, as a scenario has them.
ObservedLoad load_of(const Observed& observed, const std::string& name) {
  ObservedLoad load;
  load.name = name;
  load.seconds = observed.seconds;
  if (observed.question.profile == "high-traffic") load.goal = "p99";
  for (const ObservedGroup& group : observed.groups) {
    if (group.key.database != observed.groups.front().key.database) continue;
    if (!group.rate_per_s || !group.hold_s || group.in_use.value <= 0) continue;
    ObservedRequests requests;
    requests.name = group.key.application.empty() ? group.key.role : group.key.application;
    requests.rate_per_s = group.rate_per_s->value;
    requests.hold_s = group.hold_s->value;
    requests.hold_spread =
        group.hold_spread ? std::optional(group.hold_spread->value) : std::nullopt;
    requests.hold_quantiles_s = group.hold_quantiles_s;
    requests.processor_s = group.hold_s->value * group.waits[0] / group.in_use.value;
    requests.in_transaction = !group.autocommit;
    requests.processes = group.processes;
    requests.kind = group.guess.kind;
    requests.pattern = group.guess.pattern;
    const std::int64_t most =
        std::max<std::int64_t>(1, group.limit.value_or(group.sessions_most) / group.processes);
    requests.connections = most;
    if (sizing_options(requests.kind)) {
      PoolSettings settings;
      settings.kept = settings.total = most;
      requests.options = named_options(requests.kind, settings);
    }
    load.requests.push_back(std::move(requests));
  }
  return load;
}

/// What the only group's role ran in its database.
void add_statements(const Observed& observed, const std::vector<ObservedStatement>& statements,
                    ObservedLoad& load) {
  const ObserveKey& key = observed.groups.front().key;
  if (load.requests.size() != 1 || key.database != observed.server.database) return;
  load.statements.seconds = observed.seconds;
  for (const ObservedStatement& one : statements) {
    if (one.role != key.role) continue;
    load.statements.statements.push_back({one.text, one.calls, 0, {}, 0, one.rows / one.calls});
  }
}

Status write_scenario(const Observed& observed, const ObserveOptions& options,
                      const std::vector<ObservedStatement>& statements) {
  if (options.scenario.empty()) return success();
  const std::string stem = std::filesystem::path(options.scenario).stem().string();
  ObservedLoad load = load_of(observed, stem.empty() || stem == "-" ? "observed" : stem);
  if (load.requests.empty()) {
    return Error{
        ErrorKind::usage,
        "--scenario: nothing to write, because no group's transaction rate and hold time are known",
        "observe for longer with --for, while the application is busy"};
  }
  add_statements(observed, statements, load);
  const ImportedScenario scenario = import_observed(load);
  const Status written = write_output(options.scenario, pretty_json(scenario.json) + "\n");
  if (!written.ok()) return written;
  if (options.output.quiet) return success();
  for (const std::string& note : scenario.notes) print_err("poolgauge: " + note + "\n");
  return success();
}

Status write_all(const Observed& observed, const ObserveRun& run, const OutputOptions& output) {
  Status first = write_requested(output, output.json.empty() ? "" : to_json(observed, run),
                                 output.markdown.empty() ? "" : to_markdown(observed));
  const auto write = [&first](const std::string& path, const auto& render) {
    if (path.empty()) return;
    Status written = write_output(path, render());
    if (first.ok()) first = std::move(written);
  };
  write(output.html, [&observed, &run] { return to_html(observed, run); });
  write(output.prometheus, [&observed] { return to_prometheus(observed); });
  write(output.csv, [&observed] { return to_csv(observed); });
  return first;
}

Status show_observed(const Observed& observed, int status, const OutputOptions& output) {
  const std::string line = observe_headline(observed).text;
  if (output.quiet) {
    if (status != 0) print_err("poolgauge: " + line + "\n");
    return success();
  }
  return show_text(
      output, [&observed](const TerminalStyle& style) { return to_terminal(observed, style); },
      [&line](const TerminalStyle& style) { return closing_line(line, style); });
}

}  // namespace

ObserveQuestion observe_question(const ObserveOptions& options) {
  return {options.profile, options.processes, options.limits, options.gap_s(), options.for_s()};
}

int report_observed(const Observed& observed, const ObserveOptions& options, const Context& context,
                    const ObserveAnswered& answered) {
  const ObserveRun run{std::string(tool_version()), context.command_line,
                       iso_time(answered.started), answered.status};
  if (const Status written = write_all(observed, run, options.output); !written.ok()) {
    return fail(written.error());
  }
  if (const Status shown = show_observed(observed, answered.status, options.output); !shown.ok()) {
    return fail(shown.error());
  }
  const Status scenario = write_scenario(observed, options, answered.statements);
  return scenario.ok() ? answered.status : fail(scenario.error());
}

}  // namespace poolgauge::cli
