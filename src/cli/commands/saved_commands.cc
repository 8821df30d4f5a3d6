// `report`, `history`, and `size`: reports that are there already, and formulas.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "advise/snippets.h"
#include "app/observe.h"
#include "app/saved.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/shell/messages.h"
#include "files/outputs.h"
#include "files/record_file.h"
#include "files/report_set.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/report.h"
#include "poolgauge/sizing.h"
#include "report/observe_words.h"
#include "report/size_words.h"
#include "report/terminal/parts.h"

namespace poolgauge::cli {

namespace {

Status show(const Report& report, const ReportOptions& options) {
  for (const ReportFormat& format : report_formats()) {
    if (options.format == format.name) return print_out(format.render(report));
  }
  if (options.beside.empty()) {
    return show_text(
        options.output,
        [&report](const TerminalStyle& style) { return to_terminal(report, style); },
        [&report](const TerminalStyle& style) { return closing_block(report, style); });
  }
  const Result<Report> other = load_report(options.beside);
  if (!other.ok()) return other.error();
  return show_text(
      options.output,
      [&](const TerminalStyle& style) { return side_by_side(other.value(), report, style); },
      [](const TerminalStyle&) { return std::string(); });
}

}  // namespace

int report_command(const ReportOptions& options, const Context& /*context*/) {
  if (!options.beside.empty() && options.format != "text") {
    return fail(usage_error("--beside is available only as text", "remove --format"));
  }
  const Result<Report> report = load_report(options.report);
  if (!report.ok()) return fail(report.error());
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  const Status written = write_requested(options.output, report.value());
  if (!written.ok()) return fail(written.error());
  if (options.output.uses_stdout()) return 0;
  const Status shown = show(report.value(), options);
  return shown.ok() ? 0 : fail(shown.error());
}

namespace {

Status show(const History& history, const OutputOptions& output) {
  const Status written =
      write_requested(output, output.json.empty() ? "" : history_to_json(history),
                      output.markdown.empty() ? "" : history_to_markdown(history));
  if (!written.ok()) return written.error();
  return show_text(
      output,
      [&history](const TerminalStyle& style) { return history_to_terminal(history, style); },
      [&history](const TerminalStyle& style) { return history_closing(history, style); });
}

/// A recording of observe: drawn over time.
int draw_recording(const HistoryOptions& options) {
  const std::pair<bool, const char*> others[] = {{!options.scenario.empty(), "--scenario"},
                                                 {!options.series.empty(), "--series"},
                                                 {options.mixed, "--all"},
                                                 {!options.append.empty(), "--append"},
                                                 {!options.output.json.empty(), "--json"}};
  for (const auto& [given, name] : others) {
    if (!given) continue;
    return fail(usage_error(fmt::format("{} does not apply to a recording of observe", name),
                            "for all figures, use observe " + options.source + " --json FILE"));
  }
  const Result<observe::Recording> read = read_record_file(options.source);
  if (!read.ok()) return fail(read.error());
  const Observed observed = answer_of_recording(read.value(), {});
  const Status written = write_requested(
      options.output, "", options.output.markdown.empty() ? "" : recording_to_markdown(observed));
  if (!written.ok()) return fail(written.error());
  const Status shown = show_text(
      options.output,
      [&observed](const TerminalStyle& style) { return recording_to_terminal(observed, style); },
      [](const TerminalStyle&) { return std::string(); });
  return shown.ok() ? 0 : fail(shown.error());
}

}  // namespace

int history_command(const HistoryOptions& options, const Context& context) {
  if (const Status good = check_history(options); !good.ok()) return fail(good.error());
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  if (is_record_file(options.source)) return draw_recording(options);
  ProgressPrinter progress(progress_printer(options.output));
  const Result<History> history = read_and_append(options, context, progress);
  if (!history.ok()) return fail(history.error());
  const Status shown = show(history.value(), options.output);
  return shown.ok() ? 0 : fail(shown.error());
}

namespace {

Status show(const Sizing& sizing, const SizeOptions& options) {
  if (options.output.quiet) {
    // A failing step of CI says why, even when nothing else is to be said.
    if (options.check && !sizing.problems.empty()) {
      print_err("poolgauge: " + check_line(sizing) + "\n");
    }
    return success();
  }
  std::string snippet = options.snippet;
  if (snippet.empty() && !options.check) {  // a check shows one only if asked to
    snippet = sizing.recommendation.own_snippet;
    if (snippet.empty()) snippet = kUsualSnippet;
  }
  return show_text(
      options.output,
      [&](const TerminalStyle& style) {
        return to_terminal(sizing, style, {snippet, options.rules, options.check});
      },
      [&](const TerminalStyle& style) {
        return options.check ? std::string() : size_closing(sizing, style);
      });
}

}  // namespace

int size_command(const SizeOptions& options, const Context& context) {
  const Result<SizeInputs> inputs = size_inputs(options.inputs, options.from);
  if (!inputs.ok()) return fail(inputs.error());
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  const Result<Sizing> sizing = size_fleet(inputs.value());
  if (!sizing.ok()) {
    const int usage = fail(sizing.error());
    return options.check ? kExitMissed : usage;
  }
  const SizeFacts facts{context.tool_version, context.command_line, iso_time(context.wall_clock())};
  const OutputOptions& output = options.output;
  const Status written =
      write_requested(output, output.json.empty() ? "" : to_json(sizing.value(), facts),
                      output.markdown.empty() ? "" : to_markdown(sizing.value()));
  if (!written.ok()) return fail(written.error());
  const Status shown = show(sizing.value(), options);
  if (!shown.ok()) return fail(shown.error());
  return options.check && !sizing.value().problems.empty() ? kExitMissed : 0;
}

}  // namespace poolgauge::cli
