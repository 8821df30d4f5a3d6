// What to set: the answer of `advise`, with what it was measured at.
#include <fmt/format.h>

#include <algorithm>

#include "advise/snippets.h"
#include "base/text.h"
#include "report/advice_words.h"
#include "report/html/html_parts.h"
#include "report/html/picture.h"
#include "report/markup.h"
#include "report/terminal/parts.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr double kAdviceHeight = 220;

std::string settings(const Recommendation& r) {
  std::string out;
  for (const std::string& part : own_parts(r)) out += (out.empty() ? "" : "\n") + part;
  return "<pre tabindex=\"0\"><code>" + markup_text(out) + "</code></pre>\n";
}

std::string alternatives(const Recommendation& r) {
  std::vector<std::string> lines;
  for (const Alternative& one : r.alternatives) {
    if (!one.first) lines.push_back(one.change + ": " + one.effect);
  }
  return lines.empty() ? "" : html_heading("Instead of a bigger pool") + html_list(lines);
}

std::string runs(const Recommendation& r) {
  const std::vector<std::vector<std::string>> rows = run_table(r);
  if (rows.size() < 2) return "";
  const std::string words = run_table_words(r);
  HtmlTable table(words.empty() ? "What was measured and predicted" : words, rows.front(), "ww");
  for (std::size_t i = 1; i < rows.size(); ++i) table.row(rows[i]);
  return table.str() + html_list(run_notes(r));
}

/// Latency of the runs against the connections of a process: measured as dots, predicted as a line.
std::string chart(const Recommendation& r) {
  std::vector<const SearchRun*> sorted;
  for (const SearchRun& run : r.search->runs) {
    if (plotted_ms(r, run)) sorted.push_back(&run);
  }
  if (sorted.size() < 3) return "";
  const auto total = [](const SearchRun* run) {
    return static_cast<double>(run->pool_size + run->max_overflow);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const auto* a, const auto* b) { return total(a) < total(b); });
  double most = 0;
  for (const SearchRun* run : sorted) {
    most = std::max({most, *plotted_ms(r, *run), plotted_expectation_ms(r, *run).value_or(0)});
  }
  const std::string title = plotted_figure(r) + " by connections per process";
  Picture picture("chart-advice", title, r.search->sentence, kAdviceHeight);
  picture.y_axis(time_axis(most));
  picture.x_axis(size_axis(total(sorted.front()), total(sorted.back())), true);
  Trace predicted;
  for (const SearchRun* run : sorted) {
    const auto expected = plotted_expectation_ms(r, *run);
    if (!expected) continue;
    predicted.x.push_back(total(run));
    predicted.y.push_back(expected);
  }
  picture.line(predicted, "thin");
  if (!predicted.y.empty()) picture.name(*predicted.y.back(), "thin", "predicted");
  for (const SearchRun* run : sorted) {
    const double figure = *plotted_ms(r, *run);
    picture.dot(total(run), figure,
                !run->usable ? "hollow"
                : run->met   ? ""
                             : "goal",
                fmt::format("{:.0f}: {} measured, {}", total(run), time_text(figure),
                            !run->usable ? "run unusable"
                            : run->met   ? "goals met"
                                         : "a goal missed"));
  }
  picture.rule_x(static_cast<double>(r.total()), "",
                 fmt::format("{} {}", marked_words(r), r.total()));
  return html_figure(title, "Dots are runs: red ones missed a goal, hollow ones are unusable.",
                     picture.svg(), "");
}

std::string snippets(const Recommendation& r) {
  std::string out;
  for (const Snippet& snippet : r.snippets) {
    if (!shown_snippet(r, snippet)) continue;
    out += html_folded(snippet.title, "<pre tabindex=\"0\"><code>" + markup_text(snippet.text) +
                                          "</code></pre>\n");
  }
  return out.empty() ? "" : html_heading("Configuration to copy") + out;
}

}  // namespace

std::string html_advice(const Report& report) {
  if (!report.recommendation) return "";
  const Recommendation& r = *report.recommendation;
  const std::string title = advice_title(r);
  const char* const start = title == "RECOMMENDATION" ? "Recommended per process"
                            : title == "NO SIZE WORKS"
                                ? "No size meets the goals. Nearest, per process"
                            : title == "NOT RECOMMENDED" ? "Not recommended. Per process"
                                                         : "Not confirmed. Per process";
  std::string inside =
      html_paragraph(fmt::format("{} ({}):", start, trust_words(r)), "lead") + settings(r);
  if (const std::string first = first_words(r); !first.empty()) {
    inside += html_paragraph(first, "lead");
  }
  std::vector<std::string> lines;
  if (r.search) {
    const std::vector<std::string> sentences = sentences_of(r.search->sentence);
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      if (i == 0) inside += html_paragraph(sentences[i], "says");
      if (i > 0) lines.push_back(sentences[i]);
    }
  }
  if (const std::string load = load_words(report); !load.empty()) lines.push_back(load);
  lines.push_back((r.fits() ? "fits: " : "does not fit: ") + fit_words(report));
  const std::vector<std::string> limits = limit_lines(r);
  lines.insert(lines.end(), limits.begin(), limits.end());
  if (r.search) {
    for (const std::string& one : sentences_of(r.search->binds)) lines.push_back(one);
  }
  if (r.search) {
    lines.insert(lines.end(), r.search->neighbours.begin(), r.search->neighbours.end());
  }
  lines.insert(lines.end(), r.warnings.begin(), r.warnings.end());
  inside += html_list(lines) + alternatives(r);
  if (r.search) inside += chart(r) + runs(r);
  inside += html_folded("Why these settings", html_list(r.why));
  inside += html_folded("Rules of thumb for this case", html_list(rule_parts(r)));
  return html_section("advice", html_advice_title(report), inside + snippets(r));
}

const char* html_advice_title(const Report& report) {
  const bool some =
      report.recommendation && advice_title(*report.recommendation) == "RECOMMENDATION";
  return some ? "What to set" : "What was found";
}

}  // namespace poolgauge
