// A sizing as Markdown, in the order of every report: answer, reason, what to do, figures, trust.
#include <fmt/format.h>

#include "base/text.h"
#include "report/markup.h"
#include "report/size_words.h"
#include "report/words.h"

namespace poolgauge {
namespace {

std::string list(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "- " + escaped(line) + "\n";
  return out + "\n";
}

std::string first_line(const Sizing& sizing) {
  const Recommendation& r = sizing.recommendation;
  std::string line = fmt::format("**{}: {}** (calculated, not measured).",
                                 sizing.inputs.pools > 1 ? "Per pool" : "Per process",
                                 escaped(joined(setting_parts(r))));
  if (!sizing.recommendable) line = "**No pool size works with these settings.**";
  const std::string warning = !sizing.problems.empty() ? check_line(sizing)
                              : r.warnings.empty()     ? ""
                                                       : r.warnings.front();
  if (!warning.empty()) line += " " + escaped(warning) + ".";
  return line + "\n\n";
}

std::string hops(const Sizing& sizing) {
  std::string out = "| connections | arithmetic | | |\n| --- | --- | --- | --- |\n";
  for (const Hop& hop : sizing.hops) {
    out +=
        table_row({escaped(hop.name), hop.arithmetic, fit_text(hop.budget, sizing.headroom),
                   !hop.budget.fits()                            ? "**does not fit**"
                   : keeps_headroom(hop.budget, sizing.headroom) ? "fits"
                                                                 : "fits, with little headroom"});
  }
  return out + "\n";
}

std::string rules(const Recommendation& r) {
  std::string out =
      "| rule | answer | whole fleet | source | assumes | caveat |\n| --- | --- | --- | --- | --- "
      "| --- |\n";
  for (const FormulaAnswer& rule : r.formulas) {
    const std::string note = rule.note.empty() ? "" : " (" + escaped(rule.note) + ")";
    out += table_row({escaped(rule.name), rule_answer_text(rule) + note, rule_fleet_text(rule),
                      escaped(rule.source), escaped(rule.assumes), escaped(rule.misleads)});
  }
  return out;
}

std::string snippets(const Recommendation& r) {
  std::string out;
  for (const Snippet& snippet : r.snippets) {
    out += folded(escaped(snippet.title), fenced(snippet.language, snippet.text));
  }
  return out;
}

std::string alternatives(const Recommendation& r) {
  std::vector<std::string> lines;
  for (const Alternative& one : r.alternatives) lines.push_back(one.change + ": " + one.effect);
  return lines.empty() ? "" : "Instead:\n\n" + list(lines);
}

std::string alerts(const Sizing& sizing) {
  std::string out = "| alert | in use | checkouts that wait | |\n| --- | --- | --- | --- |\n";
  if (sizing.alerts.empty()) {
    return "The pool has as many connections as a process can use at once: no checkout waits.";
  }
  for (const AlertLine& alert : sizing.alerts) {
    out += table_row({alert.name, percent(alert.utilization), percent(alert.wait_probability),
                      escaped(alert.meaning)});
  }
  return out;
}

}  // namespace

std::string to_markdown(const Sizing& sizing) {
  const Recommendation& r = sizing.recommendation;
  std::string out = first_line(sizing);
  if (sizing.judged) {
    out += escaped(judged_text(*sizing.judged, sizing.inputs.names)) + ".";
    const std::string own = forecast_text(sizing.judged->forecast);
    if (!own.empty()) out += " Load " + growth_text(sizing.growth) + ": " + escaped(own) + ".";
    out += "\n\n";
  }
  if (!r.warnings.empty()) out += list(r.warnings);
  out += hops(sizing);
  const std::string forecast = forecast_text(r.predicted);
  if (!forecast.empty()) {
    out += "Load " + growth_text(sizing.growth) + ": " + escaped(forecast) + ".\n\n";
  }
  out += list(r.why) + alternatives(r);
  out += folded("Rules of thumb", rules(r));
  out += folded("Alerts", alerts(sizing));
  out += folded("Timeouts", list(sizing.timeouts));
  out += folded(
      "Memory of the server, in MiB",
      fmt::format("at most {:.0f}: {}", sizing.memory.total, escaped(sizing.memory.arithmetic)));
  out += snippets(r);
  out += "Formulas only: nothing was measured.";
  if (!sizing.assumed.empty()) out += " Assumed:\n\n" + list(sizing.assumed);
  while (out.ends_with('\n')) out.pop_back();
  return out + "\n";
}

}  // namespace poolgauge
