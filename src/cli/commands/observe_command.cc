// `observe`: how its answer is shown and written.
#include <filesystem>
#include <string>
#include <utility>

#include "base/json_layout.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/shell/messages.h"
#include "files/files.h"
#include "files/outputs.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/import.h"
#include "report/observe_words.h"

namespace poolgauge::cli {

namespace {

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

Status write_scenario(const ObserveAnswer& answer, const ObserveOptions& options) {
  if (options.scenario.empty()) return success();
  const std::string stem = std::filesystem::path(options.scenario).stem().string();
  const Result<ImportedScenario> scenario =
      observed_scenario(answer, stem.empty() || stem == "-" ? "observed" : stem);
  if (!scenario.ok()) return scenario.error();
  const Status written = write_output(options.scenario, pretty_json(scenario.value().json) + "\n");
  if (!written.ok()) return written;
  if (options.output.quiet) return success();
  for (const std::string& note : scenario.value().notes) print_err("poolgauge: " + note + "\n");
  return success();
}

/// Writes and shows the answer; the exit status.
int report_observed(const ObserveAnswer& answer, const ObserveOptions& options,
                    const Context& context) {
  const ObserveRun run{context.tool_version, context.command_line, iso_time(answer.started),
                       answer.status};
  const Status written = write_all(answer.observed, run, options.output);
  if (!written.ok()) return fail(written.error());
  const Status shown = show_observed(answer.observed, answer.status, options.output);
  if (!shown.ok()) return fail(shown.error());
  const Status scenario = write_scenario(answer, options);
  return scenario.ok() ? answer.status : fail(scenario.error());
}

Result<ObserveAnswer> answer_of(const ObserveOptions& options, const Context& context) {
  const bool metrics = !options.metrics.empty();
  if (const Status can = check_outputs(options.output, false); !can.ok()) return can.error();
  const Status checked = metrics ? check_metrics(options) : check_observe(options);
  if (!checked.ok()) return checked.error();
  if (!metrics && !options.file.empty()) return observe_recording(options);
  ProgressPrinter progress(progress_printer(options.output));
  return metrics ? observe_metrics(options, context, progress)
                 : observe_server(options, options.output.directory, context, progress);
}

}  // namespace

int observe_command(const ObserveOptions& options, const Context& context) {
  if (!options.token_file.empty() && options.listen.empty()) {
    return fail(usage_error("--token-file needs --listen"));
  }
  if (!options.listen.empty()) return observe_listen(options, context);
  const Result<ObserveAnswer> answer = answer_of(options, context);
  return answer.ok() ? report_observed(answer.value(), options, context) : fail(answer.error());
}

}  // namespace poolgauge::cli
