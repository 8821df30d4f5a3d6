// `report`: a saved report in another form.
#include <string>

#include "cli/args/formats.h"
#include "cli/commands/commands.h"
#include "cli/commands/outputs.h"
#include "cli/commands/show.h"
#include "cli/shell/messages.h"
#include "cli/shell/report_set.h"
#include "poolgauge/report.h"
#include "report/terminal/closing.h"

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

}  // namespace poolgauge::cli
