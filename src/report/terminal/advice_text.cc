// The answer first, then why, what would be better still, what was measured, and what to paste.
#include "report/terminal/parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "advise/snippets.h"
#include "base/letters.h"
#include "base/text.h"
#include "base/visible_text.h"
#include "report/advice_words.h"
#include "report/markup.h"
#include "report/sentences.h"
#include "report/size_words.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kAdviceLabel = 13;
constexpr std::size_t kAdvicePlotWidth = 60;

std::string per_words(const Report& report) {
  return report.pools.size() > 1 ? "pool " + report.pools.front().measured.name + ", per process"
                                 : "per process";
}

Tone tone_of(const Report& report) {
  const std::string title = advice_title(*report.recommendation);
  if (title == "NO SIZE WORKS" || title == "NOT RECOMMENDED") return Tone::bad;
  return report.recommendation->confirmed ? Tone::strong : Tone::doubtful;
}

/// Settings that are not to be used say so themselves.
std::string settings_words(const Report& report) {
  const bool best = advice_title(*report.recommendation) == "NO SIZE WORKS";
  return (best ? "nearest: " : "") + per_words(report) + " · " +
         joined(own_parts(*report.recommendation));
}

void add_answer(Screen& screen, const Report& report) {
  const Recommendation& r = *report.recommendation;
  screen.labelled(advice_title(r), 17, settings_words(report) + "\n" + trust_words(r),
                  tone_of(report));
  screen.gap();
  if (const std::string first = first_words(r); !first.empty()) {
    screen.labelled("", 2, first, Tone::strong);
  }
  if (r.search) {
    for (const std::string& one : sentences_of(r.search->sentence)) screen.labelled("", 2, one);
  }
  if (const std::string load = load_words(report); !load.empty()) screen.labelled("", 2, load);
  const std::string goals = joined(goal_parts(report));
  if (!goals.empty()) screen.labelled("", 2, shown_run_words(report) + ": " + goals);
  screen.labelled(r.fits() ? "  ✓" : "  ✗", 4,
                  (r.fits() ? "fits: " : "does not fit: ") + fit_words(report),
                  r.fits() ? Tone::good : Tone::bad);
  for (const std::string& line : limit_lines(r)) screen.labelled("", 4, line);
  if (r.search) {
    for (const std::string& one : sentences_of(r.search->binds)) screen.labelled("", 2, one);
  }
  for (const std::string& warning : r.warnings) {
    screen.labelled("  !", 4, warning, Tone::doubtful);
  }
}

void add_alternatives(Screen& screen, const Recommendation& r) {
  const char* label = "Better than a bigger pool:";
  for (const Alternative& one : r.alternatives) {
    if (one.first || one.pool_size.value_or(INT64_MAX) >= r.total()) continue;
    screen.labelled("", 2, fmt::format("{} {}: {}", label, one.change, one.effect));
    label = "or:";
  }
  if (r.search) {
    for (const std::string& one : r.search->neighbours) screen.labelled("", 2, one);
  }
  const std::vector<std::string> rules = rule_parts(r);
  if (!rules.empty()) screen.labelled("", 2, "Rules of thumb for this case: " + joined(rules));
}

void add_runs(Screen& screen, const Recommendation& r) {
  const auto rows = run_table(r);
  if (rows.size() < 2) return;
  if (const std::string words = run_table_words(r); !words.empty()) screen.text(words);
  std::vector<Column> columns;
  for (std::size_t i = 0; i < rows.front().size(); ++i) {
    // How long a run was may be left out.
    columns.push_back({rows.front()[i], i < 2, rows.front()[i] == "seconds" ? 1 : 0});
  }
  add_columns(screen, std::move(columns), {rows.begin() + 1, rows.end()}, [&r](std::size_t row) {
    return r.search->runs[row].usable ? Tone::plain : Tone::faint;
  });
  for (const std::string& note : run_notes(r)) screen.labelled("note", kAdviceLabel, note);
  const auto plot = run_plot(r, std::min(kAdvicePlotWidth, screen.width()));
  if (plot.empty()) return;
  screen.gap();
  for (const std::string& line : plot) screen.line(line);
}

void add_snippets(Screen& screen, const Recommendation& r) {
  for (const Snippet& snippet : r.snippets) {
    if (shown_snippet(r, snippet)) add_snippet(screen, snippet);
  }
  const bool pools = std::any_of(r.snippets.begin(), r.snippets.end(),
                                 [](const Snippet& one) { return one.id != "limits"; });
  if (r.own_snippet != "all" && pools) {
    screen.text("For other libraries and files: --snippet NAME, or --snippet all.", 0, Tone::faint);
  }
}

/// The title as words in a sentence.
std::string title_words(const Recommendation& r) {
  const std::string title = advice_title(r);
  if (title == "RECOMMENDATION") return "recommended";
  return title == "NO SIZE WORKS" ? no_size_words(r) : lower_case(title);
}

std::string list(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "- " + escaped(line) + "\n";
  return lines.empty() ? "" : out + "\n";
}

std::string runs_markdown(const Recommendation& r) {
  const auto rows = run_table(r);
  const std::string words = run_table_words(r);
  std::string out = (words.empty() ? "" : escaped(words) + "\n\n") + table_row(rows.front());
  std::vector<std::string> rule(rows.front().size(), "---:");
  rule[0] = rule[1] = "---";
  out += table_row(rule);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : rows[i]) cells.push_back(escaped(cell));
    out += table_row(cells);
  }
  const std::vector<std::string> notes = run_notes(r);
  if (!notes.empty()) out += "\n" + list(notes);
  const auto plot = run_plot(r, kAdvicePlotWidth);
  if (!plot.empty()) {
    out += "\n```text\n";
    for (const std::string& line : plot) out += visible_text(line) + "\n";
    out += "```\n";
  }
  return out + "\n";
}

std::string snippets_markdown(const Recommendation& r) {
  std::string out;
  for (const Snippet& snippet : r.snippets) {
    if (!shown_snippet(r, snippet)) continue;
    out += folded(escaped(snippet.title), fenced(snippet.language, snippet.text));
  }
  return out;
}

}  // namespace

std::string advice_terminal(const Report& report, const TerminalStyle& style) {
  const Recommendation& r = *report.recommendation;
  Screen screen(style);
  std::vector<std::string> context = advice_context(report);
  context.push_back(fmt::format("seed {}", report.seed));
  screen.text(joined(context));
  screen.gap();
  add_answer(screen, report);
  add_alternatives(screen, r);
  screen.gap();
  const char* label = "why";
  for (const std::string& why : r.why) {
    screen.labelled(label, kAdviceLabel, why);
    label = "";
  }
  screen.gap();
  if (r.search) add_runs(screen, r);
  add_snippets(screen, r);
  screen.gap();
  screen.labelled("trust", kAdviceLabel,
                  shown_run_words(report) + ": " + joined(trust_parts(report)));
  for (const std::string& note : report.notes) screen.labelled("note", kAdviceLabel, note);
  if (style.explain) {
    screen.gap();
    add_explanations(screen, advice_explanations(report));
  }
  return screen.str();
}

std::string advice_markdown(const Report& report) {
  const Recommendation& r = *report.recommendation;
  std::string out =
      fmt::format("**{}: {}: {} ({}).**\n\n", escaped(report.scenario_name), title_words(r),
                  escaped(settings_words(report)), escaped(trust_words(r)));
  if (const std::string first = first_words(r); !first.empty()) {
    out += "**" + escaped(first) + "**\n\n";
  }
  std::vector<std::string> lines =
      r.search ? sentences_of(r.search->sentence) : std::vector<std::string>{};
  if (const std::string load = load_words(report); !load.empty()) lines.push_back(load);
  out += list(lines);
  lines = {(r.fits() ? "fits: " : "does not fit: ") + fit_words(report)};
  const std::vector<std::string> limits = limit_lines(r);
  lines.insert(lines.end(), limits.begin(), limits.end());
  if (r.search) {
    for (const std::string& one : sentences_of(r.search->binds)) lines.push_back(one);
    lines.insert(lines.end(), r.search->neighbours.begin(), r.search->neighbours.end());
  }
  lines.insert(lines.end(), r.warnings.begin(), r.warnings.end());
  out += list(lines);
  lines.clear();
  for (const Alternative& one : r.alternatives) {
    if (!one.first) lines.push_back(one.change + ": " + one.effect);
  }
  if (!lines.empty()) out += "Instead of a bigger pool:\n\n" + list(lines);
  if (r.search) out += runs_markdown(r);
  out += folded("Why these settings", list(r.why));
  const std::string rules = list(rule_parts(r));
  if (!rules.empty()) out += folded("Rules of thumb for this case", rules);
  if (const std::string snippets = snippets_markdown(r); !snippets.empty()) {
    out += folded("Configuration", snippets);
  }
  return out + "\n### " + escaped(shown_run_words(report)) + "\n\n";
}

}  // namespace poolgauge
