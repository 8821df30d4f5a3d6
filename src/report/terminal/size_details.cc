// The rules of thumb, and on request everything else that a sizing knows.
#include "report/terminal/parts.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/size_words.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

void add_rule_table(Screen& screen, const Recommendation& r) {
  constexpr std::size_t kName = 24;
  screen.text(
      "Rules of thumb, calculated without load growth (except erlang-c); --rules explains them", 2,
      Tone::strong);
  std::string unanswered;
  for (const FormulaAnswer& rule : r.formulas) {
    if (!rule.pool_size && !rule.max_connections) {
      unanswered += (unanswered.empty() ? "" : ", ") + rule.id;
      continue;
    }
    screen.labelled("  " + rule.id, kName, rule_whole_text(rule),
                    rule.fits.value_or(true) ? Tone::plain : Tone::bad);
  }
  if (!unanswered.empty()) {
    screen.labelled("  more input needed", kName, unanswered, Tone::faint);
  }
}

void add_rules(Screen& screen, const Recommendation& r) {
  screen.line("Rules of thumb", Tone::strong);
  for (const FormulaAnswer& rule : r.formulas) {
    std::string answer = rule_whole_text(rule);
    if (!rule.note.empty()) answer += " (" + rule.note + ")";
    screen.labelled("", 2, rule.id + " (" + rule.name + "): " + answer,
                    rule.fits.value_or(true) ? Tone::plain : Tone::bad);
    screen.labelled(
        "", 6, fmt::format("{}. Assumes {}. Caveat: {}.", rule.source, rule.assumes, rule.misleads),
        Tone::faint);
  }
}

void add_alerts(Screen& screen, const Sizing& sizing) {
  screen.gap();
  screen.line(
      fmt::format("Alerts for a pool of {}", counted(sizing.recommendation.total(), "connection")),
      Tone::strong);
  if (sizing.alerts.empty()) {
    screen.labelled(
        "", 2, "the pool has as many connections as a process can use at once: no checkout waits");
    return;
  }
  for (const AlertLine& alert : sizing.alerts) {
    const std::string share = alert.name.find('%') == std::string::npos
                                  ? " at " + percent(alert.utilization) + " in use"
                                  : "";
    screen.labelled("", 2,
                    fmt::format("{}{} ({}): {} of checkouts wait", alert.name, share, alert.meaning,
                                percent(alert.wait_probability)));
  }
  screen.labelled(
      "", 2,
      "alert on pool wait and pool timeouts first: no utilization threshold fits every size");
}

void add_rest(Screen& screen, const Sizing& sizing) {
  screen.gap();
  screen.line("Timeouts", Tone::strong);
  for (const std::string& line : sizing.timeouts) screen.labelled("", 2, line);
  screen.gap();
  const MemoryBound& memory = sizing.memory;
  std::string total = whole_number(static_cast<std::int64_t>(memory.total)) + " MiB";
  if (memory.ram) {
    total += fmt::format(" of {} MiB", whole_number(static_cast<std::int64_t>(*memory.ram)));
  }
  screen.line("Memory of the server", Tone::strong);
  screen.labelled("", 2, "at most " + total + " (in MiB: " + memory.arithmetic + ")");
  if (memory.connections) {
    screen.labelled("", 2,
                    fmt::format("the memory is enough for {} connections of all processes "
                                "together, with 10 % left for the "
                                "operating system",
                                whole_number(*memory.connections)));
  }
}

}  // namespace

std::string size_details(const Sizing& sizing, const TerminalStyle& style, bool whole) {
  Screen screen(style);
  if (!whole) {
    add_rule_table(screen, sizing.recommendation);
    return screen.str();
  }
  add_rules(screen, sizing.recommendation);
  add_alerts(screen, sizing);
  add_rest(screen, sizing);
  return screen.str();
}

void add_snippet(Screen& screen, const Snippet& snippet) {
  screen.gap();
  screen.line("--- " + snippet.title, Tone::faint);
  std::string_view rest = snippet.text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    screen.line(rest.substr(0, end));
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
}

}  // namespace poolgauge
