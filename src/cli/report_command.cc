// `report`: a saved report in another form.
#include <string>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/formats.h"
#include "cli/messages.h"
#include "cli/outputs.h"
#include "cli/terminal.h"
#include "poolgauge/report.h"

namespace poolgauge::cli {

namespace {

Result<Report> load_report(const std::string& file) {
  const Result<std::string> text = read_file(file);
  if (!text.ok()) return text.error();
  return report_from_json(text.value(), file);
}

std::string rendered(const Report& report, const ReportOptions& options) {
  for (const ReportFormat& format : report_formats()) {
    if (options.format == format.name) return format.render(report);
  }
  const Terminal terminal = inspect_terminal(1, options.output.no_color);
  return to_terminal(report, style_for(terminal, options.output.explain));
}

Status show(const Report& report, const ReportOptions& options) {
  if (options.beside.empty()) return print_out(rendered(report, options));
  const Result<Report> other = load_report(options.beside);
  if (!other.ok()) return other.error();
  const Terminal terminal = inspect_terminal(1, options.output.no_color);
  return print_out(
      side_by_side(other.value(), report, style_for(terminal, options.output.explain)));
}

}  // namespace

int report_command(const ReportOptions& options, const Context& /*context*/) {
  if (!options.beside.empty() && options.format != "text") {
    return fail(usage_error("--beside is shown as text only", "leave --format away"));
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
