// A sizing on the terminal: the answer, its reason and the configuration on the first screen; then
// the rules side by side, the arithmetic and what was assumed.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/layout.h"
#include "report/screen.h"
#include "report/size_words.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kLabel = 13;

void add_answer(Screen& screen, const Sizing& sizing) {
  const Recommendation& r = sizing.recommendation;
  const std::string per = sizing.inputs.pools > 1 ? "per pool" : "per process";
  screen.labelled(
      "RECOMMENDATION", 17,
      per + " · " + joined(setting_parts(r)) + " · confidence: " + confidence_name(r.confidence),
      Tone::strong);
  screen.gap();
  for (const Hop& hop : sizing.hops) {
    const std::string sign = hop.budget.fits() ? "✓ fits " : "✗ does not fit ";
    screen.labelled(
        "", 2, fmt::format("{}{}: {}: {}", sign, hop.name, hop.arithmetic, budget_text(hop.budget)),
        hop.budget.fits() ? Tone::good : Tone::bad);
  }
  const std::string forecast = forecast_text(r.predicted);
  if (!forecast.empty()) screen.labelled("", 2, "then " + forecast);
  for (const std::string& why : r.why) screen.labelled("", 2, why);
}

void add_judged(Screen& screen, const Sizing& sizing) {
  if (!sizing.judged) return;
  const JudgedSetting& judged = *sizing.judged;
  screen.labelled(judged.fits() ? "✓" : "✗", 2, judged_text(judged),
                  judged.fits() ? Tone::good : Tone::bad);
  const std::string forecast = forecast_text(judged.forecast);
  if (!forecast.empty()) screen.labelled("", 2, "its own: " + forecast);
  screen.gap();
}

void add_warnings(Screen& screen, const Recommendation& r) {
  for (const std::string& warning : r.warnings) {
    screen.labelled("✗", 2, warning, Tone::bad);
  }
  screen.gap();
}

void add_snippets(Screen& screen, const Recommendation& r, std::string_view wanted) {
  for (const Snippet& snippet : r.snippets) {
    if (wanted != "all" && wanted != snippet.id) continue;
    screen.gap();
    screen.line("--- " + snippet.title, Tone::faint);
    std::string_view rest = snippet.text;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      screen.line(rest.substr(0, end));
      rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
  }
}

void add_alternatives(Screen& screen, const Recommendation& r) {
  if (r.alternatives.empty()) return;
  screen.gap();
  screen.line("Instead", Tone::strong);
  for (const Alternative& one : r.alternatives) {
    screen.labelled("", 2, one.change + ": " + one.effect);
  }
}

void add_rules(Screen& screen, const Recommendation& r) {
  screen.gap();
  screen.line("Published rules here", Tone::strong);
  for (const FormulaAnswer& rule : r.formulas) {
    std::string answer = rule_answer_text(rule);
    if (!rule.note.empty()) answer += " (" + rule.note + ")";
    if (rule.fleet) answer += " → fleet " + rule_fleet_text(rule);
    screen.labelled("", 2, rule.name + " = " + answer,
                    rule.fits.value_or(true) ? Tone::plain : Tone::bad);
    screen.labelled(
        "", 6,
        fmt::format("{}. Assumes {}. Misleads: {}.", rule.source, rule.assumes, rule.misleads),
        Tone::faint);
  }
}

void add_alerts(Screen& screen, const Sizing& sizing) {
  screen.gap();
  screen.line(fmt::format("Alerts on a pool of {}", sizing.recommendation.total()), Tone::strong);
  for (const AlertLine& alert : sizing.alerts) {
    const std::string share = alert.name.find('%') == std::string::npos
                                  ? " (" + percent(alert.utilization) + " checked out)"
                                  : "";
    screen.labelled("", 2,
                    fmt::format("{}{}: {} of the checkouts wait ({})", alert.name, share,
                                percent(alert.wait_probability), alert.meaning));
  }
  screen.labelled("", 2,
                  "watch the wait itself and the timeouts first; no percentage fits every "
                  "size");
}

void add_rest(Screen& screen, const Sizing& sizing) {
  screen.gap();
  screen.line("Timeouts", Tone::strong);
  for (const std::string& line : sizing.timeouts) screen.labelled("", 2, line);
  screen.gap();
  const MemoryBound& memory = sizing.memory;
  std::string total =
      fmt::format("at most {} MiB", whole_number(static_cast<std::int64_t>(memory.total)));
  if (memory.ram) {
    total += fmt::format(" of {}", whole_number(static_cast<std::int64_t>(*memory.ram)));
  }
  screen.labelled("memory", kLabel, total + " = " + memory.arithmetic + " (MiB)");
  if (!sizing.assumed.empty()) {
    std::string all;
    for (const std::string& one : sizing.assumed) all += (all.empty() ? "" : " · ") + one;
    screen.labelled("assumed", kLabel, all, Tone::faint);
  }
  screen.labelled("trust", kLabel,
                  "formulas only: nothing was measured. poolgauge run and simulate with your own "
                  "scenario say what really happens",
                  Tone::faint);
}

}  // namespace

std::string to_terminal(const Sizing& sizing, const TerminalStyle& style,
                        std::string_view snippet) {
  Screen screen(style);
  add_judged(screen, sizing);
  add_warnings(screen, sizing.recommendation);
  add_answer(screen, sizing);
  add_snippets(screen, sizing.recommendation, snippet);
  add_alternatives(screen, sizing.recommendation);
  add_rules(screen, sizing.recommendation);
  add_alerts(screen, sizing);
  add_rest(screen, sizing);
  return screen.str();
}

}  // namespace poolgauge
