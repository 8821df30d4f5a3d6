// Plots and tables of a sweep.
#include "report/terminal/parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "advise/score.h"
#include "base/text.h"
#include "base/visible_text.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/sentences.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kPlotWidth = 76;
constexpr std::size_t kPlotHeight = 9;
constexpr std::size_t kLowPlot = 6;

std::string over_title(const Curve& curve) {
  if (curve.over == "users") return "users";
  return curve.over == "rate" ? "arrival rate" : "connections per process";
}

std::string at_text(const Curve& curve, double at) {
  return curve.over == "rate" ? significant(at) : fmt::format("{:.0f}", at);
}

Plot throughput_plot(const Curve& curve) {
  Plot plot;
  plot.title = "throughput by " + over_title(curve);
  double top = 0;
  for (const CurvePoint& point : curve.points) {
    plot.points.push_back({point.at, point.throughput_per_s, !point.usable});
    top = std::max(top, point.throughput_per_s);
  }
  for (const CurveLine& place : curve.line)
    plot.line.emplace_back(place.at, place.throughput_per_s);
  plot.mark = knee_place(curve);
  plot.top_label = per_second(top);
  return plot;
}

using Figure = std::optional<double> CurvePoint::*;

Plot time_plot(const Curve& curve, const std::string& title, Figure figure) {
  Plot plot;
  plot.title = title + " by " + over_title(curve);
  double top = 0;
  for (const CurvePoint& point : curve.points) {
    const std::optional<double>& value = point.*figure;
    if (!value) continue;
    plot.points.push_back({point.at, *value, !point.usable});
    top = std::max(top, *value);
  }
  plot.top_label = time_text(top);
  return plot;
}

std::vector<std::vector<std::string>> plots(const Curve& curve, std::size_t width) {
  return {draw(throughput_plot(curve), width, kPlotHeight),
          draw(time_plot(curve, "p95 latency", &CurvePoint::latency_p95_ms), width, kLowPlot),
          draw(time_plot(curve, "p95 pool wait", &CurvePoint::pool_wait_p95_ms), width, kLowPlot)};
}

const std::vector<std::string> kHeads = {
    "", "throughput", "p50", "p95", "p95 wait", "timeouts", "errors", "pool in use", "result"};

std::vector<std::string> cells(const Curve& curve, const CurvePoint& point) {
  const auto result = [&]() -> std::string {
    if (!point.usable) return "unusable";
    if (!point.goals_met) return "";
    return *point.goals_met ? "met" : "missed";
  };
  return {at_text(curve, point.at),
          per_second(point.throughput_per_s),
          time_text(point.latency_p50_ms),
          time_text(point.latency_p95_ms),
          time_text(point.pool_wait_p95_ms),
          percent(point.rate_pool_timeout),
          percent(point.rate_error),
          point.utilization ? percent(*point.utilization) : "–",
          result()};
}

void add_table(Screen& screen, const Curve& curve) {
  std::vector<Column> columns;
  for (const std::string& head : kHeads) columns.push_back({head});
  columns.front().head = curve.over == "pool" ? "size" : curve.over;
  std::vector<std::vector<std::string>> rows;
  for (const CurvePoint& point : curve.points) rows.push_back(cells(curve, point));
  add_columns(screen, std::move(columns), std::move(rows), [&curve](std::size_t row) {
    return curve.points[row].goals_met == std::optional(false) ? Tone::bad : Tone::plain;
  });
}

/// The fitted families' names; "knee" in JSON is a curve, not the curve's knee.
std::string family_words(const std::string& name) {
  if (name == "usl") return "universal scalability law";
  if (name == "knee") return "saturation curve";
  return name;
}

std::string families_text(const Curve& curve) {
  std::vector<std::string> parts;
  for (const CurveFamily& family : curve.families) {
    std::string text = family_words(family.name);
    text += family.left_out_error ? " " + percent(*family.left_out_error)
                                  : " (not cross-validated: too few points)";
    if (family.chosen) text += " (used alone)";
    parts.push_back(text);
  }
  if (parts.empty()) return "";
  double spread = 0;
  for (const CurveLine& place : curve.line) {
    if (place.throughput_per_s > 0) {
      spread = std::max(spread, (place.high - place.low) / place.throughput_per_s);
    }
  }
  const bool validated = std::any_of(curve.families.begin(), curve.families.end(),
                                     [](const CurveFamily& f) { return f.left_out_error; });
  return fmt::format("{}; the fitted curves differ by at most {}",
                     validated ? "cross-validation error of each fit: " + joined(parts)
                               : "too few usable points to cross-validate the fits",
                     percent(spread));
}

std::vector<std::string> notes_of(const Report& report) {
  std::vector<std::string> notes = report.curve->notes;
  for (const CurvePoint& point : report.curve->points) {
    if (!point.note.empty()) {
      notes.push_back(at_text(*report.curve, point.at) + ": " + point.note);
    }
  }
  notes.insert(notes.end(), report.notes.begin(), report.notes.end());
  return notes;
}

/// What the command was, without the point whose figures the report holds.
std::vector<std::string> context_of(const Report& report) {
  const Curve& curve = *report.curve;
  Report whole = report;
  if (!curve.points.empty()) {
    const std::string range =
        at_text(curve, curve.points.front().at) + " to " + at_text(curve, curve.points.back().at);
    if (curve.over == "pool") {
      const std::string kind = report.pool_text.substr(0, report.pool_text.find(' '));
      whole.pool_text = kind + " with " + range + " connections";
    } else {
      whole.load_text = range + " " + place_unit(curve.over);
    }
  }
  std::vector<std::string> context = context_parts(whole);
  context.push_back(fmt::format("seed {}", report.seed));
  return context;
}

}  // namespace

std::string sweep_terminal(const Report& report, const TerminalStyle& style) {
  const Curve& curve = *report.curve;
  Screen screen(style);
  screen.text(joined(context_of(report)));
  screen.gap();
  add_partial_curve(screen, report);
  for (const std::string& reason : report.verdict.reasons) {
    if (reason != "interrupted") screen.labelled("?", 2, reason, Tone::doubtful);
  }
  screen.text(curve.finding, 2, Tone::strong);
  for (const auto& lines : plots(curve, std::min(kPlotWidth, screen.width()))) {
    screen.gap();
    for (const std::string& line : lines) screen.line(line);
  }
  screen.gap();
  add_table(screen, curve);
  screen.gap();
  const std::string families = families_text(curve);
  if (!families.empty()) screen.labelled("trust", 13, families);
  for (const std::string& note : notes_of(report)) screen.labelled("note", 13, note);
  if (style.explain) {
    screen.gap();
    add_explanations(screen, sweep_explanations(report));
  }
  return screen.str();
}

std::string sweep_markdown(const Report& report) {
  const Curve& curve = *report.curve;
  std::string out = fmt::format("**{}: {}**{}\n\n", escaped(report.scenario_name),
                                escaped(curve.finding), report.partial ? " (partial)" : "");
  if (report.verdict.status == VerdictStatus::guard) {
    for (const std::string& reason : report.verdict.reasons) out += escaped(reason) + "\n\n";
  }
  out += escaped(joined(context_of(report))) + "\n\n";
  out += "```text\n";
  for (const auto& lines : plots(curve, kPlotWidth)) {
    for (const std::string& line : lines) out += visible_text(line) + "\n";
  }
  out += "```\n\n";
  std::vector<std::string> heads = kHeads;
  heads.front() = curve.over == "pool" ? "size" : escaped(curve.over);
  out += table_row(heads) + table_row(std::vector<std::string>(heads.size(), "---:"));
  for (const CurvePoint& point : curve.points) {
    std::vector<std::string> row;
    for (const std::string& cell : cells(curve, point)) row.push_back(escaped(cell));
    out += table_row(row);
  }
  out += "\n";
  const std::string families = families_text(curve);
  if (!families.empty()) out += "- trust: " + escaped(families) + "\n";
  for (const std::string& note : notes_of(report)) out += "- note: " + escaped(note) + "\n";
  return out + "\n";
}

}  // namespace poolgauge
