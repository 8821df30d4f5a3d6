// A gate on the terminal and in Markdown: verdict, reason, where to look, figures, trust.
#include "report/gate_screen.h"

#include <fmt/format.h>

#include <algorithm>

#include "advise/gate_words.h"
#include "advise/goals.h"
#include "base/text.h"
#include "report/layout.h"
#include "report/markdown_text.h"
#include "report/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kLabelWidth = 13;
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
  if (side.unusable > 0) text += fmt::format(", {} left out", side.unusable);
  return text;
}

std::string sides_text(const GateResult& gate) {
  return fmt::format("{} → {}", side_text(gate.baseline), side_text(gate.candidate));
}

using Rows = std::vector<std::vector<std::string>>;

/// Columns as wide as they must be; a note that does not fit goes to a line of its own.
void add_table(Screen& screen, const Rows& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  for (const auto& row : rows) {
    std::string line = pad_right(row[0], widths[0]);
    for (std::size_t i = 1; i + 1 < row.size(); ++i) line += "  " + pad_left(row[i], widths[i]);
    const bool fits = display_width(line) + 2 + widths.back() <= screen.width();
    if (fits || row.back().empty()) {
      screen.line(line + (row.back().empty() ? "" : "  " + row.back()));
    } else {
      screen.line(line);
      screen.labelled("", 2, row.back());
    }
  }
}

void add_figures(Screen& screen, const GateResult& gate) {
  Rows rows{{"", "baseline", "candidate", "change (interval)", "allowed", ""}};
  bool shown_only = false;
  for (const GateMetric& metric : gate.metrics) {
    if (!metric.gated && !shown_only) {
      shown_only = true;
      rows.push_back({"also seen:", "", "", "", "", ""});
    }
    rows.push_back(gate_cells(metric));
  }
  if (rows.size() > 1) add_table(screen, rows);
}

void add_differences(Screen& screen, const GateResult& gate) {
  for (std::size_t i = 0; i < std::min(gate.differences.size(), kShownDifferences); ++i) {
    const GateDifference& d = gate.differences[i];
    screen.labelled(
        i == 0 ? "differs" : "", kLabelWidth,
        fmt::format("{}: {} → {} ({})", d.field, d.baseline, d.candidate, gate_effect(d.effect)));
  }
  if (gate.differences.size() > kShownDifferences) {
    screen.labelled("", kLabelWidth,
                    fmt::format("and {} more: see the JSON report",
                                gate.differences.size() - kShownDifferences));
  }
}

void add_goals(Screen& screen, const Report& report) {
  for (const GoalResult& goal : report.verdict.goals) {
    const std::string sign = !goal.judged() ? "? " : goal.met ? "✓ " : "✗ ";
    const Tone tone = !goal.judged() ? Tone::doubtful : goal.met ? Tone::good : Tone::bad;
    screen.labelled(sign + pad_right(goal_state(goal), 14), kLabelWidth + 3,
                    goal.goal + ": " + measured_text(goal), tone);
  }
}

std::string table_of(const GateResult& gate) {
  std::string out =
      "| | baseline | candidate | change (interval) | allowed | |\n"
      "| --- | ---: | ---: | ---: | ---: | --- |\n";
  for (const GateMetric& metric : gate.metrics) {
    std::vector<std::string> cells = gate_cells(metric);
    cells[0] = metric.gated ? "**" + code(cells[0]) + "**" : code(cells[0]);
    for (std::size_t i = 1; i < cells.size(); ++i) cells[i] = escaped(cells[i]);
    out += table_row(cells);
  }
  return out + "\n";
}

}  // namespace

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
    case GateDifference::Effect::intended: return "compared";
    case GateDifference::Effect::noted: return "noted";
    case GateDifference::Effect::doubt: return "raises doubt";
    case GateDifference::Effect::refused: return "not comparable";
  }
  return "";
}

std::vector<std::string> gate_cells(const GateMetric& m) {
  const auto value = [&m](const std::optional<double>& v, bool bounded) {
    return v ? (bounded ? "> " : "") + goal_value_text(*v, m.unit) : std::string("–");
  };
  const std::string allowed = !m.gated ? "" : (m.higher_is_better ? "−" : "+") + margin_words(m);
  const std::string change =
      m.method.empty() && m.change ? change_text(m, *m.change) : change_with_interval(m);
  return {m.metric,
          value(m.baseline, m.baseline_bounded),
          value(m.candidate, m.candidate_bounded),
          change,
          allowed,
          m.note};
}

std::vector<std::string> gate_trust(const GateResult& gate) {
  std::vector<std::string> parts;
  if (gate.paired) {
    parts.push_back(
        fmt::format("{} interleaved {}", gate.pairs, gate.pairs == 1 ? "pair" : "pairs"));
  } else {
    parts.push_back(
        fmt::format("{} and {} runs, not interleaved: drift of the machine counts as change",
                    gate.baseline.runs, gate.candidate.runs));
  }
  for (const GateMetric& m : gate.metrics) {
    if (!m.gated || m.method.empty()) continue;
    std::string text = m.metric + ": " + m.method;
    if (m.detectable) {
      text += fmt::format(
          ", shows changes from about {}",
          m.difference ? significant(*m.detectable * 100) + " points" : percent(*m.detectable));
    }
    if (m.runs_needed && m.verdict == GateVerdict::inconclusive) {
      text += fmt::format(", {} {} would do", *m.runs_needed,
                          gate.paired ? "pairs" : "runs of each side");
    }
    parts.push_back(std::move(text));
  }
  return parts;
}

std::string gate_to_terminal(const Report& report, const TerminalStyle& style) {
  if (!report.gate) return "";
  const GateResult& gate = *report.gate;
  Screen screen(style);
  screen.text(joined({report.scenario_name, sides_text(gate)}));
  screen.gap();
  const Tone tone = tone_of(gate.verdict);
  screen.labelled(sign_of(gate.verdict) + gate_title(gate), gate_title(gate).size() + 4,
                  gate.headline, tone);
  for (const std::string& reason : gate.reasons) screen.labelled("", 2, reason);
  add_goals(screen, report);
  if (gate.advisory && gate.verdict != GateVerdict::pass) {
    screen.text("Advisory: the exit status is 0 all the same.");
  }
  screen.gap();
  for (std::size_t i = 0; i < gate.look_at.size(); ++i) {
    screen.labelled(i == 0 ? "Look at:" : "", 9, gate.look_at[i]);
  }
  screen.gap();
  add_figures(screen, gate);
  screen.gap();
  add_differences(screen, gate);
  screen.labelled("trust", kLabelWidth, joined(gate_trust(gate)));
  return screen.str();
}

std::string gate_markdown(const Report& report) {
  if (!report.gate) return "";
  const GateResult& gate = *report.gate;
  std::string out = fmt::format("**{}**: {}\n\n", gate_title(gate), escaped(gate.headline));
  out += escaped(sides_text(gate)) + "\n\n";
  for (const std::string& reason : gate.reasons) out += "- " + escaped(reason) + "\n";
  if (!gate.reasons.empty()) out += "\n";
  if (!gate.look_at.empty()) {
    out += "Look at:\n\n";
    for (const std::string& look : gate.look_at) out += "- " + escaped(look) + "\n";
    out += "\n";
  }
  out += table_of(gate);
  out += "- trust: " + escaped(joined(gate_trust(gate))) + "\n";
  for (const GateDifference& d : gate.differences) {
    out += fmt::format("- differs: {} {} → {} ({})\n", code(d.field), escaped(d.baseline),
                       escaped(d.candidate), gate_effect(d.effect));
  }
  return out + "\n";
}

}  // namespace poolgauge
