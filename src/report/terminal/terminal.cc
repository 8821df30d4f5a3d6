// The first screen after a run: verdict, reason, what to do, figures, trust.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis.h"
#include "base/text.h"
#include "poolgauge/report.h"
#include "report/layout.h"
#include "report/sentences.h"
#include "report/terminal/parts.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kLabelWidth = 13;
constexpr std::size_t kShownFailures = 5;

bool conclusive(const Report& report) {
  return report.verdict.status == VerdictStatus::pass ||
         report.verdict.status == VerdictStatus::slo_missed ||
         report.verdict.status == VerdictStatus::regression;
}

/// What to try to prove each finding wrong.
void add_experiments(Screen& screen, const Report& report) {
  for (const Finding& finding : report.diagnosis) {
    if (finding.experiment.empty()) continue;
    screen.text(fmt::format("Test ({}): {}", short_name(finding.finding), finding.experiment), 2);
  }
}

/// The main finding takes a line for each of its sentences, the second a paragraph; what else was
/// found is only named, unless everything is to be explained.
void add_diagnosis(Screen& screen, const Report& report, bool explain) {
  for (std::size_t i = 0; i < report.diagnosis.size(); ++i) {
    const Finding& finding = report.diagnosis[i];
    const std::string start = i > 0 ? further_headline(finding) : headline(finding);
    if (i > 0) {
      const bool whole = i == 1 || explain;
      // Its evidence says what its headline does, with figures.
      const bool tells = finding.finding == "hold_bound" && !finding.evidence.empty();
      const std::string text = tells ? finding.evidence : start + " " + finding.evidence;
      const std::vector<std::string> told = sentences_of(finding.evidence);
      const std::string figures = told.empty() ? "" : " " + told.front();
      screen.labelled("Also:", 6, whole ? text : tells ? told.front() : start + figures);
      continue;
    }
    const std::vector<std::string> lines = sentences_of(finding.evidence);
    screen.text(start + (lines.empty() ? "" : " " + lines[0]), 2, Tone::strong);
    for (std::size_t k = 1; k < lines.size(); ++k) screen.labelled("", 2, lines[k]);
  }
  bool first = true;
  for (const Finding& finding : report.diagnosis) {
    if (finding.advice.empty()) continue;
    screen.labelled(first ? "Next:" : "Then:", 6, finding.advice);
    first = false;
  }
  if (explain) add_experiments(screen, report);
}

/// Each figure with its interval, and beside it what was measured, where that is the same question.
void add_prediction(Screen& screen, const Report& report) {
  if (!report.prediction) return;
  const Prediction& prediction = *report.prediction;
  screen.gap();
  screen.text(prediction_origin(prediction));
  std::vector<std::vector<std::string>> rows;
  for (const PredictionRow& row : prediction_rows(prediction)) {
    rows.push_back({row.figure, row.value, row.interval, row.measured});
  }
  add_columns(screen,
              {{"", true}, {"predicted", true}, {"in 9 of 10 cases", true}, {"measured", true}},
              std::move(rows));
  for (const std::string& beyond : prediction.beyond)
    screen.labelled("caution", kLabelWidth, beyond);
}

std::string failure_line(const FailureCount& failure) {
  const std::string count = with_thousands(failure.count);
  if (failure.failure == FailureClass::deadline) {
    const std::string waiting =
        failure.waiting > 0
            ? fmt::format(" ({} while waiting for a connection)", with_thousands(failure.waiting))
            : "";
    return fmt::format("{} deadline: the request's own deadline passed{}", count, waiting);
  }
  std::string text =
      fmt::format("{} {} at {}", count, name_of(failure.failure), name_of(failure.phase));
  if (!failure.sqlstate.empty()) text += fmt::format(" (SQLSTATE {})", failure.sqlstate);
  return failure.example.empty() ? text : text + ": " + failure.example;
}

void add_failures(Screen& screen, const Report& report) {
  std::vector<FailureCount> failures = report.failures;
  std::stable_sort(failures.begin(), failures.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  for (std::size_t i = 0; i < std::min(failures.size(), kShownFailures); ++i) {
    const FailureCount& failure = failures[i];
    screen.labelled(i == 0 ? "failures" : "", kLabelWidth, failure_line(failure));
  }
  if (failures.size() > kShownFailures) {
    screen.labelled("", kLabelWidth,
                    fmt::format("and {} more kinds of failure: see the JSON report",
                                failures.size() - kShownFailures));
  }
}

void add_figures(Screen& screen, const Report& report, Tone tone) {
  if (report.latency.count > 0) {
    add_time_table(screen, report, tone);
    add_kind_table(screen, report, tone);
  } else {
    screen.text("No request completed, so there are no latencies to show.");
  }
  screen.gap();
  screen.labelled("requests", kLabelWidth, joined(request_parts(report)), tone);
  add_failures(screen, report);
  if (!report.pools.empty()) {
    screen.labelled("connections", kLabelWidth, joined(connection_parts(report)), tone);
  }
  for (const std::string& line : pool_lines(report)) {
    screen.labelled("- pool", kLabelWidth, line, tone);
  }
  if (const std::string stall = stall_line(report); !stall.empty()) {
    screen.labelled("stall", kLabelWidth, stall, tone);
  }
  const char* label = "outage";
  for (const std::string& line : outage_lines(report)) {
    screen.labelled(label, kLabelWidth, line, tone);
    label = "";
  }
  label = "guards";
  for (const std::string& line : guard_lines(report)) {
    screen.labelled(label, kLabelWidth, line, tone);
    label = "";
  }
  const std::string pooler = joined(pooler_parts(report));
  if (!pooler.empty()) screen.labelled("pooler", kLabelWidth, pooler, tone);
  screen.labelled("trust", kLabelWidth, joined(trust_parts(report)), tone);
  for (const std::string& note : report.notes) screen.labelled("note", kLabelWidth, note, tone);
}

/// The slowest, a typical and a failed one: what a request's time looks like.
void add_examples(Screen& screen, const Report& report) {
  constexpr std::size_t kShownSlow = 3;
  const std::size_t cells = std::min<std::size_t>(screen.width() - 2, 60);
  std::string last;
  std::size_t shown = 0;
  for (const ExampleRequest& example : report.samples) {
    shown = example.why == last ? shown + 1 : 1;
    last = example.why;
    if (shown > (example.why == "slowest" ? kShownSlow : 1)) continue;
    screen.text(example_title(example), 2);
    screen.line("  " + time_bar(example, cells));
    screen.labelled("", 2, joined(example_parts(example)));
  }
  if (!report.samples.empty()) screen.labelled("", 2, time_bar_legend());
}

}  // namespace

std::string to_terminal(const Report& report, const TerminalStyle& style) {
  if (report.curve) return sweep_terminal(report, style);
  if (report.recommendation) return advice_terminal(report, style);
  if (report.gate) return gate_to_terminal(report, style);
  Screen screen(style);
  std::vector<std::string> context = context_parts(report);
  context.push_back(fmt::format("seed {}", report.seed));
  screen.text(joined(context));
  screen.gap();
  add_status(screen, report);
  add_goals(screen, report);
  screen.gap();
  add_diagnosis(screen, report, style.explain);
  add_prediction(screen, report);
  screen.gap();
  add_figures(screen, report, conclusive(report) ? Tone::plain : Tone::faint);
  if (style.explain) {
    screen.gap();
    add_examples(screen, report);
    screen.gap();
    add_explanations(screen, explanations(report));
  }
  return screen.str();
}

}  // namespace poolgauge
