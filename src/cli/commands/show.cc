// Choosing the stream, and what stands last on it.
#include "cli/commands/finish.h"

#include <algorithm>

#include "cli/shell/messages.h"
#include "report/terminal/parts.h"

namespace poolgauge::cli {

Status show_text(const OutputOptions& output, const Rendering& text, const Rendering& closing) {
  const bool to_stderr = output.uses_stdout();
  const Terminal terminal = inspect_terminal(to_stderr ? 2 : 1, output.no_color);
  const TerminalStyle style = style_for(terminal, output.explain);
  std::string shown = text(style);
  const auto lines = static_cast<unsigned>(std::count(shown.begin(), shown.end(), '\n'));
  // The prompt that follows takes a line, too.
  if (terminal.height > 0 && lines + 1 > terminal.height) {
    const std::string last = closing(style);
    if (!last.empty()) shown += "\n" + last;
  }
  if (!to_stderr) return print_out(shown);
  print_dressed_err(shown);
  return success();
}

std::string closing_line(const std::string& sentence, const TerminalStyle& style) {
  Screen screen(style);
  screen.text(sentence, 2);
  return screen.str();
}

Status show_answer(const Report& report, const OutputOptions& output, const Rendering& text) {
  if (!output.quiet) {
    return show_text(output, text, [&report](const TerminalStyle& style) {
      return closing_block(report, style);
    });
  }
  if (report.verdict.exit_code != 0) print_err("poolgauge: " + verdict_line(report) + "\n");
  return success();
}

}  // namespace poolgauge::cli
