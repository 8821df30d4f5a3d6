// A history for people: table, sparklines, a chart of one figure, and where levels changed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/goals.h"
#include "base/text.h"
#include "gate/history.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/size_words.h"
#include "report/terminal/parts.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kShownRows = 20;
constexpr std::size_t kSparkCells = 40;
constexpr std::size_t kMarkdownWidth = 100;
constexpr std::size_t kChartRows = 8;
constexpr std::size_t kMostChartCells = 60;

const HistoryMetric& metric_named(const std::string& name) {
  for (const HistoryMetric& metric : kHistoryMetrics) {
    if (name == metric.name) return metric;
  }
  return kHistoryMetrics[2];
}

std::string value_text(const std::optional<double>& value, const std::string& unit) {
  return value ? goal_value_text(*value, unit) : "–";
}

std::vector<std::optional<double>> values_of(const History& history, const HistoryMetric& metric) {
  std::vector<std::optional<double>> values;
  for (const HistoryEntry& entry : history.entries) values.push_back(metric.of(entry));
  return values;
}

/// "2026-01-31 12:00"
std::string to_the_minute(const std::string& iso_time) {
  constexpr std::size_t kToTheMinute = 16;
  std::string text = iso_time.substr(0, kToTheMinute);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

std::string when(const HistoryEntry& entry) {
  return to_the_minute(entry.started_at);
}

std::string place_name(const HistoryEntry& entry) {
  const std::string name = entry.name();
  return name.empty() ? when(entry) : fmt::format("{} ({})", name, when(entry));
}

/// "worse: p95(latency) rose by 12 % at 4f2a9c1 (2026-01-31 12:00), from 1.20 s to 1.35 s"
std::string change_sentence(const History& history, const HistoryChange& change) {
  const bool rate = change.unit == "fraction";
  const double by = rate ? change.after - change.before : change.after / change.before - 1;
  const std::string size =
      rate ? significant(std::abs(by) * 100) + " points" : percent(std::abs(by));
  return fmt::format(
      "{}: {} {} by {} at {}, from {} to {}", change.worse ? "worse" : "better", change.metric,
      by < 0 ? "fell" : "rose", size, place_name(history.entries[change.at]),
      goal_value_text(change.before, change.unit), goal_value_text(change.after, change.unit));
}

std::vector<std::vector<std::string>> table_of(const History& history) {
  std::vector<std::vector<std::string>> rows{
      {"started", "label or commit", "throughput", "p50", "p95", "p99", "timeouts", "verdict", ""}};
  const std::size_t all = history.entries.size();
  for (std::size_t i = all > kShownRows ? all - kShownRows : 0; i < all; ++i) {
    const HistoryEntry& e = history.entries[i];
    const bool changed = std::any_of(history.changes.begin(), history.changes.end(),
                                     [i](const HistoryChange& c) { return c.at == i; });
    rows.push_back({when(e), e.name(), value_text(e.throughput_per_s, "1/s"),
                    time_text(e.latency_p50_ms), time_text(e.latency_p95_ms),
                    time_text(e.latency_p99_ms), value_text(e.pool_timeout_rate, "fraction"),
                    e.verdict == "slo_missed" ? "goal missed" : e.verdict,
                    changed ? "◀ change" : ""});
  }
  return rows;
}

/// Whether the table has a column for them.
bool any_timeouts(const History& history) {
  return std::any_of(history.entries.begin(), history.entries.end(), [](const HistoryEntry& entry) {
    return entry.pool_timeout_rate.value_or(0) > 0;
  });
}

void add_table(Screen& screen, const History& history) {
  auto rows = table_of(history);
  std::vector<Column> columns;
  for (std::size_t i = 0; i < rows.front().size(); ++i) {
    columns.push_back({rows.front()[i], i < 2 || i > 6});
  }
  rows.erase(rows.begin());
  constexpr std::size_t kMedianCell = 3, kTailCell = 5, kTimeoutCell = 6;
  const bool timeouts = any_timeouts(history);
  for (auto& row : rows) {
    if (!timeouts) row[kTimeoutCell].clear();
  }
  columns[kMedianCell].spare = 2;
  columns[kTailCell].spare = 1;
  add_columns(screen, std::move(columns), std::move(rows));
}

/// The values as columns of dots over time, from zero to the largest; ◆ where the level changed.
std::vector<std::string> chart_of(const History& history, std::size_t cells) {
  const HistoryMetric& metric = metric_named(history.metric);
  const std::vector<std::optional<double>> values = values_of(history, metric);
  const std::size_t shown = std::min({values.size(), cells, kMostChartCells});
  const std::size_t first = values.size() - shown;
  double top = 0;
  for (std::size_t i = first; i < values.size(); ++i) top = std::max(top, values[i].value_or(0));
  if (top <= 0) return {};
  std::vector<std::string> lines;
  for (std::size_t row = kChartRows; row-- > 0;) {
    const bool is_top = row + 1 == kChartRows;
    const std::string axis = is_top ? goal_value_text(top, metric.unit) : row == 0 ? "0" : "";
    std::string line = pad_left(axis, 10) + " │";
    for (std::size_t i = first; i < values.size(); ++i) {
      const auto level = [&] {
        return std::min(kChartRows - 1, static_cast<std::size_t>(*values[i] / top * kChartRows));
      };
      const bool here = values[i] && level() == row;
      const bool changed =
          std::any_of(history.changes.begin(), history.changes.end(),
                      [&](const HistoryChange& c) { return c.at == i && c.metric == metric.name; });
      line += !here ? " " : changed ? "◆" : "•";
    }
    lines.push_back(line);
  }
  return lines;
}

/// A line for each figure, at most `width` cells.
std::vector<std::string> sparks_of(const History& history, std::size_t width) {
  std::vector<std::string> lines;
  for (const HistoryMetric& metric : kHistoryMetrics) {
    const std::vector<std::optional<double>> values = values_of(history, metric);
    double top = 0;
    for (const auto& value : values) top = std::max(top, value.value_or(0));
    const auto last = std::find_if(values.rbegin(), values.rend(),
                                   [](const auto& value) { return value.has_value(); });
    if (last == values.rend() || top <= 0) continue;
    const std::string name = pad_right(metric.name, 19);
    const std::string ends = fmt::format("up to {}, now {}", goal_value_text(top, metric.unit),
                                         goal_value_text(**last, metric.unit));
    const std::size_t used = display_width(name) + display_width(ends) + 2;
    const std::size_t room = width > used ? width - used : 1;
    lines.push_back(name + " " + sparkline(values, std::min(kSparkCells, room)) + " " + ends);
  }
  return lines;
}

/// The settings that all of these runs share; empty where they do not share them.
std::string series_sentence(const History& history) {
  const std::vector<HistorySeries> shown = series_in(history.entries);
  if (shown.size() > 1) return "";
  if (shown.front().id.empty()) {
    return "These lines were written by a version that did not record the settings: they may mix "
           "pool settings, targets, and commands.";
  }
  return "Command and settings of all runs: " + shown.front().asked;
}

std::string others_heading(const History& history) {
  const std::size_t count = history.others.size();
  return fmt::format(
      "{} other series of {} {} not shown (--series ID shows one, --all mixes them):", count,
      history.scenario, count == 1 ? "is" : "are");
}

/// "3f2a91c0  4 runs, latest 2026-01-31 12:00: simulate · 100 users · ..."
std::string other_line(const HistorySeries& series) {
  return fmt::format("{}  {} {}, latest {}: {}", series_name(series), series.runs,
                     series.runs == 1 ? "run" : "runs", to_the_minute(series.latest),
                     series.id.empty() ? "settings not recorded" : series.asked);
}

void add_others(Screen& screen, const History& history) {
  constexpr std::size_t kMostListed = 10;
  if (history.others.empty()) return;
  screen.gap();
  screen.text(others_heading(history));
  std::size_t listed = 0;
  for (const HistorySeries& series : history.others) {
    if (listed++ == kMostListed) break;
    screen.text(other_line(series), 2, Tone::faint);
  }
  if (history.others.size() > kMostListed) {
    screen.text(fmt::format("and {} more", history.others.size() - kMostListed), 2, Tone::faint);
  }
}

std::string heading(const History& history) {
  return fmt::format("{} · {} {}, {} to {}", history.scenario, history.entries.size(),
                     history.entries.size() == 1 ? "run" : "runs", when(history.entries.front()),
                     when(history.entries.back()));
}

std::string no_change(const History& history) {
  constexpr std::size_t kFewest = 6;
  if (history.examined == 0) {
    return fmt::format(
        "Not searched for changes: the runs are of {} series, which differ in settings, target, or "
        "command (--all). Without --all, the series of the latest run is searched.",
        series_in(history.entries).size());
  }
  if (history.entries.size() < kFewest) {
    return fmt::format("Too few runs to detect a change: {}; at least {} are needed.",
                       history.entries.size(), kFewest);
  }
  return fmt::format("No change of 5 % or more was detected in the last {} runs.",
                     history.examined);
}

void add_changes_found(Screen& screen, const History& history) {
  for (const HistoryChange& change : history.changes) {
    screen.text(change_sentence(history, change), 2, change.worse ? Tone::bad : Tone::good);
  }
  if (history.changes.empty()) screen.text(no_change(history));
}

}  // namespace

std::string history_closing(const History& history, const TerminalStyle& style) {
  Screen screen(style);
  add_changes_found(screen, history);
  return screen.str();
}

std::vector<std::string> history_metrics() {
  std::vector<std::string> names;
  for (const HistoryMetric& metric : kHistoryMetrics) names.emplace_back(metric.name);
  return names;
}

std::string history_to_terminal(const History& history, const TerminalStyle& style) {
  Screen screen(style);
  screen.text(heading(history));
  screen.gap();
  add_changes_found(screen, history);
  screen.gap();
  const std::string series = series_sentence(history);
  if (!series.empty()) screen.text(series, 0, Tone::faint);
  screen.gap();
  add_table(screen, history);
  if (history.entries.size() > kShownRows) {
    screen.text(fmt::format("the last {} of {} runs", kShownRows, history.entries.size()), 0,
                Tone::faint);
  }
  screen.gap();
  for (const std::string& line : sparks_of(history, screen.width())) screen.line(line);
  screen.gap();
  const std::size_t room = screen.width() > 12 ? screen.width() - 12 : 0;
  const std::vector<std::string> chart = chart_of(history, room);
  if (!chart.empty()) screen.line(history.metric + " by run");
  for (const std::string& line : chart) screen.line(line);
  add_others(screen, history);
  if (style.explain) {
    screen.gap();
    add_explanations(screen, history_explanations(any_timeouts(history)));
  }
  return screen.str();
}

std::string history_to_markdown(const History& history) {
  std::string out = "**" + escaped(heading(history)) + "**\n\n";
  for (const HistoryChange& change : history.changes) {
    out += "- " + escaped(change_sentence(history, change)) + "\n";
  }
  out += history.changes.empty() ? escaped(no_change(history)) + "\n\n" : "\n";
  const std::string shared = series_sentence(history);
  if (!shared.empty()) out += escaped(shared) + "\n\n";
  out += "```text\n";
  for (const std::string& line : sparks_of(history, kMarkdownWidth)) out += line + "\n";
  out += "```\n\n";
  const auto rows = table_of(history);
  out +=
      "| started | label or commit | throughput | p50 | p95 | p99 | timeouts | verdict | |\n"
      "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |\n";
  for (std::size_t i = 1; i < rows.size(); ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : rows[i]) cells.push_back(escaped(cell));
    out += table_row(cells);
  }
  if (history.others.empty()) return out;
  out += "\n" + escaped(others_heading(history)) + "\n\n";
  for (const HistorySeries& other : history.others) {
    out += "- " + escaped(other_line(other)) + "\n";
  }
  return out;
}

}  // namespace poolgauge
