// The page's part on a gate: what it says, both sides' figures, what differs.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "report/html/html_parts.h"
#include "report/terminal/parts.h"
#include "report/words.h"

namespace poolgauge {

namespace {

/// What holds for every figure of which there is one value on each side.
std::string unjudged_note(const GateResult& gate) {
  for (const GateMetric& metric : gate.metrics) {
    if (metric.method.empty() && metric.baseline && metric.candidate) return metric.note;
  }
  return "";
}

}  // namespace

std::string html_gate(const Report& report) {
  if (!report.gate) return "";
  const GateResult& gate = *report.gate;
  // The verdict above has said it already where the gate decided.
  const std::vector<std::string>& above = report.verdict.reasons;
  const bool said = report.verdict.status != VerdictStatus::pass &&
                    report.verdict.status != VerdictStatus::slo_missed && !above.empty() &&
                    above.front() == gate.headline;
  const bool compared = report.command == "compare";
  const bool single = compared && is_one_beside_one(gate);
  std::string out;
  if (single) {  // nothing is judged
    out = html_paragraph(
        "One run on each side cannot distinguish a change from the noise between runs; poolgauge "
        "gate SCENARIO --pairs 6 can.");
  } else {
    out = html_paragraph(said ? gate_title(gate) : gate_title(gate) + ": " + gate.headline);
  }
  if (!said) out += html_list(gate_own_reasons(gate));
  if (!gate.look_at.empty()) out += html_heading("Look at") + html_list(gate.look_at);
  HtmlTable table("Both sides, medians over the runs",
                  {"", gate.baseline.name, gate.candidate.name, "change (interval)", "allowed", ""},
                  "w    w");
  for (const GateMetric& metric : gate.metrics) {
    std::vector<std::string> cells = gate_cells(metric);
    if (single && metric.note == unjudged_note(gate)) cells.back().clear();
    table.row(cells);
  }
  out += table.str();
  if (const std::string meaning = gate_change_meaning(gate); !meaning.empty()) {
    out += html_paragraph(meaning);
  }
  HtmlTable differences("What differs", {"field", "baseline", "candidate", ""}, "wwww");
  for (const GateDifference& d : gate_differences_by_weight(gate)) {
    const bool noted = d.effect == GateDifference::Effect::noted;
    differences.row({d.field, d.baseline, d.candidate, noted ? "" : gate_effect(d.effect)});
  }
  if (!differences.empty()) out += differences.str();
  out += html_paragraph("Trust: " + joined(gate_trust(report)));
  if (const std::string which = gate_shown_run(report); !which.empty()) {
    out += html_paragraph(which);
  }
  return html_section("gate", compared ? "Comparison" : "Gate", out);
}

}  // namespace poolgauge
