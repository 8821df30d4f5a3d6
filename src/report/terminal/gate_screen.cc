// A gate on the terminal and in Markdown: verdict, reason, where to look, figures, trust.
#include "report/terminal/parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "assess/goals.h"
#include "base/text.h"
#include "gate/gate_words.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/sentences.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kGateLabelWidth = 13;
constexpr std::size_t kShownDifferences = 12;

Tone tone_of(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::pass: return Tone::good;
    case GateVerdict::regression: return Tone::bad;
    case GateVerdict::inconclusive:
    case GateVerdict::invalid: return Tone::doubtful;
  }
  return Tone::plain;
}

std::string sign_of(GateVerdict verdict) {
  if (verdict == GateVerdict::pass) return "✓ ";
  return verdict == GateVerdict::regression ? "✗ " : "? ";
}

std::string side_text(const GateSide& side) {
  std::string text =
      fmt::format("{} ({} {})", side.name, side.runs, side.runs == 1 ? "run" : "runs");
  if (side.unusable > 0) text += fmt::format(", {} excluded", side.unusable);
  return text;
}

std::string sides_text(const GateResult& gate) {
  return fmt::format("{} → {}", side_text(gate.baseline), side_text(gate.candidate));
}

using Rows = std::vector<std::vector<std::string>>;
using Cell = std::size_t;
constexpr Cell kNameCell = 0, kBaselineCell = 1, kCandidateCell = 2, kChangeCell = 3,
               kAllowedCell = 4, kNoteCell = 5;

/// "+12.4 % (+8.1 % to +15.9 %)" in the change and its interval.
std::pair<std::string, std::string> change_parts(const std::string& change) {
  const std::size_t open = change.find(" (");
  if (open == std::string::npos) return {change, ""};
  return {change.substr(0, open), change.substr(open + 2, change.size() - open - 3)};
}

std::vector<std::size_t> widths_of(const Rows& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  return widths;
}

/// How wide a line of the table is without its note.
std::size_t line_width(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (Cell i = kNameCell; i <= kAllowedCell; ++i) sum += widths[i] + (i > kNameCell ? 2 : 0);
  return sum;
}

/// One line for each figure; a note that does not fit goes to a line of its own.
void add_lines(Screen& screen, const Rows& rows) {
  const std::vector<std::size_t> widths = widths_of(rows);
  for (const auto& row : rows) {
    std::string line = pad_right(row[kNameCell], widths[kNameCell]);
    for (Cell i = kBaselineCell; i <= kAllowedCell; ++i) line += "  " + pad_left(row[i], widths[i]);
    const bool fits = display_width(line) + 2 + widths[kNoteCell] <= screen.width();
    if (fits || row[kNoteCell].empty()) {
      screen.line(line + (row[kNoteCell].empty() ? "" : "  " + row[kNoteCell]));
    } else {
      screen.line(line);
      screen.labelled("", 2, row[kNoteCell]);
    }
  }
}

/// The intervals to the notes, where the lines would be wider than the screen.
Rows without_intervals(Rows rows) {
  rows.front()[kChangeCell] = "change";
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto [change, interval] = change_parts(rows[i][kChangeCell]);
    rows[i][kChangeCell] = change;
    if (interval.empty()) continue;
    std::string& note = rows[i][kNoteCell];
    note = note.empty() ? interval : interval + ": " + note;
  }
  return rows;
}

/// A paragraph for each figure, where there is no room for columns.
void add_paragraphs(Screen& screen, const Rows& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& row = rows[i];
    if (row[kBaselineCell].empty()) {
      screen.line(row[kNameCell]);
      continue;
    }
    std::string text = row[kNameCell] + ": " + row[kBaselineCell] + " → " + row[kCandidateCell];
    if (row[kChangeCell] != "–") text += ", " + row[kChangeCell];
    if (!row[kAllowedCell].empty()) text += ", allowed " + row[kAllowedCell];
    screen.text(text + (row[kNoteCell].empty() ? "" : ": " + row[kNoteCell]), 2);
  }
}

void add_table(Screen& screen, const Rows& rows) {
  if (line_width(widths_of(rows)) <= screen.width()) return add_lines(screen, rows);
  const Rows narrower = without_intervals(rows);
  if (line_width(widths_of(narrower)) <= screen.width()) return add_lines(screen, narrower);
  add_paragraphs(screen, rows);
}

/// Why nothing is known of several figures; empty where that holds for one or none.
std::string shared_note(const GateResult& gate) {
  for (const GateMetric& metric : gate.metrics) {
    const auto alike = [&metric](const GateMetric& other) {
      return !other.change && other.note == metric.note;
    };
    if (metric.change || metric.note.empty()) continue;
    if (std::count_if(gate.metrics.begin(), gate.metrics.end(), alike) > 1) return metric.note;
  }
  return "";
}

/// The same where nothing above the table says it, as a sentence.
std::string unsaid_note(const GateResult& gate) {
  const std::string note = shared_note(gate);
  const bool said = gate.headline.find(note) != std::string::npos;
  if (said || note.empty() || gate.verdict == GateVerdict::invalid) return "";
  return "Where no interval is shown: " + note + ".";
}

/// A note that is said once of every figure that it holds for.
bool is_said(const GateResult& gate, const GateMetric& metric) {
  if (metric.change || metric.note.empty()) return false;
  return metric.note == shared_note(gate) || gate.headline.find(metric.note) != std::string::npos;
}

std::vector<std::string> cells_beside(const GateResult& gate, const GateMetric& metric) {
  std::vector<std::string> cells = gate_cells(metric);
  if (is_said(gate, metric)) cells.back().clear();
  return cells;
}

void add_figures(Screen& screen, const GateResult& gate) {
  Rows rows{{"", "baseline", "candidate", "change (interval)", "allowed", ""}};
  bool shown_only = false;
  for (const GateMetric& metric : gate.metrics) {
    if (!metric.gated && !shown_only) {
      shown_only = true;
      rows.push_back({"other metrics:", "", "", "", "", ""});
    }
    rows.push_back(cells_beside(gate, metric));
  }
  if (rows.size() > 1) add_table(screen, rows);
  if (const std::string note = unsaid_note(gate); !note.empty()) screen.text(note);
  if (const std::string meaning = gate_change_meaning(gate); !meaning.empty()) screen.text(meaning);
}

std::string table_of(const GateResult& gate) {
  std::string out =
      "| | baseline | candidate | change (interval) | allowed | |\n"
      "| --- | ---: | ---: | ---: | ---: | --- |\n";
  for (const GateMetric& metric : gate.metrics) {
    std::vector<std::string> cells = cells_beside(gate, metric);
    cells[0] = metric.gated ? "**" + code(cells[0]) + "**" : code(cells[0]);
    for (std::size_t i = 1; i < cells.size(); ++i) cells[i] = escaped(cells[i]);
    out += table_row(cells);
  }
  return out + "\n";
}

/// Whose the goal's figure is, so that it is not taken for the median in the table.
std::string goal_text_of(const GateResult& gate, const GoalResult& goal) {
  const std::string whose = gate_whose(gate);
  return goal.goal + ": " + measured_text(goal) + (whose.empty() ? "" : "; " + whose);
}

/// " (intended)"; what is only noted needs no word.
std::string effect_words(GateDifference::Effect effect) {
  return effect == GateDifference::Effect::noted ? "" : " (" + gate_effect(effect) + ")";
}

}  // namespace

bool is_one_beside_one(const GateResult& gate) {
  return gate.baseline.sources.size() == 1 && gate.candidate.sources.size() == 1 &&
         std::none_of(gate.metrics.begin(), gate.metrics.end(),
                      [](const GateMetric& metric) { return !metric.method.empty(); });
}

std::string one_beside_one(const Report& report) {
  if (report.command != "compare" || !report.gate || !is_one_beside_one(*report.gate)) return "";
  std::string text;
  for (const GateMetric& metric : report.gate->metrics) {
    if (!metric.gated) continue;
    const std::vector<std::string> cells = gate_cells(metric);
    text += fmt::format("{}{} {} → {} ({})", text.empty() ? "" : "; ", cells[kNameCell],
                        cells[kBaselineCell], cells[kCandidateCell], cells[kChangeCell]);
  }
  return text;
}

void add_gate_verdict(Screen& screen, const GateResult& gate) {
  screen.labelled(sign_of(gate.verdict) + gate_title(gate), gate_title(gate).size() + 4,
                  gate.headline, tone_of(gate.verdict));
  for (const std::string& reason : gate_own_reasons(gate)) screen.labelled("", 2, reason);
}

void add_gate_goals(Screen& screen, const Report& report, bool missed_only) {
  for (const GoalResult& goal : report.verdict.goals) {
    if (missed_only && (goal.met || !goal.judged())) continue;
    const std::string sign = !goal.judged() ? "? " : goal.met ? "✓ " : "✗ ";
    const Tone tone = !goal.judged() ? Tone::doubtful : goal.met ? Tone::good : Tone::bad;
    screen.labelled(sign + pad_right(goal_state(goal), 14), kGateLabelWidth + 3,
                    goal_text_of(*report.gate, goal), tone);
  }
}

void add_gate_differences(Screen& screen, const GateResult& gate, std::size_t most) {
  const std::vector<GateDifference> differences = gate_differences_by_weight(gate);
  for (std::size_t i = 0; i < std::min(differences.size(), most); ++i) {
    const GateDifference& d = differences[i];
    screen.labelled(
        i == 0 ? "differs" : "", kGateLabelWidth,
        fmt::format("{}: {} → {}{}", d.field, d.baseline, d.candidate, effect_words(d.effect)));
  }
  if (gate.differences.size() > most) {
    screen.labelled(
        "", kGateLabelWidth,
        fmt::format("and {} more (--json FILE lists all)", gate.differences.size() - most));
  }
}

std::string gate_title(const GateResult& gate) {
  switch (gate.verdict) {
    case GateVerdict::pass: return "NO REGRESSION";
    case GateVerdict::regression: return "REGRESSION";
    case GateVerdict::inconclusive: return "INCONCLUSIVE";
    case GateVerdict::invalid: return "NOT COMPARABLE";
  }
  return "";
}

std::string gate_effect(GateDifference::Effect effect) {
  switch (effect) {
    case GateDifference::Effect::intended: return "intended";
    case GateDifference::Effect::noted: return "noted";
    case GateDifference::Effect::doubt: return "may explain the change";
    case GateDifference::Effect::refused: return "not comparable";
  }
  return "";
}

std::string gate_to_terminal(const Report& report, const TerminalStyle& style) {
  if (!report.gate) return "";
  const GateResult& gate = *report.gate;
  Screen screen(style);
  // Sides of different scenarios say themselves which they are.
  const bool told = gate.candidate.name.starts_with(report.scenario_name + ": ");
  screen.text(told ? sides_text(gate) : joined({report.scenario_name, sides_text(gate)}));
  screen.gap();
  add_gate_verdict(screen, gate);
  add_gate_goals(screen, report, false);
  if (gate.advisory && gate.verdict != GateVerdict::pass) {
    screen.text(report.command == "compare"
                    ? "compare only shows the verdict. To block a change, use gate."
                    : "Advisory only (--advisory): the exit status is 0.");
  }
  screen.gap();
  for (std::size_t i = 0; i < gate.look_at.size(); ++i) {
    screen.labelled(i == 0 ? "Look at:" : "", 9, gate.look_at[i]);
  }
  screen.gap();
  add_figures(screen, gate);
  screen.gap();
  add_gate_differences(screen, gate, kShownDifferences);
  screen.labelled("trust", kGateLabelWidth, joined(gate_trust(report)));
  if (style.explain) {
    screen.gap();
    add_explanations(screen, gate_explanations(report));
  }
  return screen.str();
}

std::string gate_markdown(const Report& report) {
  if (!report.gate) return "";
  const GateResult& gate = *report.gate;
  // The line above everything has the headline already where the gate decided.
  const std::vector<std::string>& reasons = report.verdict.reasons;
  const bool single = !one_beside_one(report).empty();
  const bool said = !single && report.verdict.status != VerdictStatus::pass && !reasons.empty() &&
                    reasons.front() == gate.headline;
  const bool decides = !single && !said;
  std::string out;
  if (decides) out = fmt::format("**{}**: {}\n\n", gate_title(gate), escaped(gate.headline));
  if (said) out = fmt::format("**{}**: ", gate_title(gate));
  out += escaped(sides_text(gate)) + "\n\n";
  const std::vector<std::string> own = gate_own_reasons(gate);
  for (const std::string& reason : own) out += "- " + escaped(reason) + "\n";
  if (!own.empty()) out += "\n";
  if (!gate.look_at.empty()) {
    out += "Look at:\n\n";
    for (const std::string& look : gate.look_at) out += "- " + escaped(look) + "\n";
    out += "\n";
  }
  out += table_of(gate);
  if (const std::string note = unsaid_note(gate); !note.empty()) out += escaped(note) + "\n\n";
  if (const std::string meaning = gate_change_meaning(gate); !meaning.empty()) {
    out += escaped(meaning) + "\n\n";
  }
  out += "- trust: " + escaped(joined(gate_trust(report))) + "\n";
  for (const GateDifference& d : gate_differences_by_weight(gate)) {
    out += fmt::format("- differs: {} {} → {}{}\n", code(d.field), escaped(d.baseline),
                       escaped(d.candidate), effect_words(d.effect));
  }
  return out + "\n";
}

}  // namespace poolgauge
