// Where the time went, and how it was distributed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/html/html_parts.h"
#include "report/html/picture.h"
#include "report/markup.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// The colour of a part of a request.
std::string kind_of(const std::string& label) {
  if (label == "pool wait") return "wait";
  if (label.starts_with("hold")) return "hold";
  if (label.starts_with("pause")) return "pause";
  if (label.starts_with("SQL")) return "sql";
  if (label.starts_with("begin")) return "commit";
  return "other";
}

std::string shares(const std::vector<TimeRow>& rows) {
  std::vector<TimeRow> sorted = rows;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(sorted.size(), 3); ++i) {
    if (i > 0 && sorted[i].share < 0.01) break;
    text += fmt::format("{}{} {}", i > 0 ? ", " : "", percent(sorted[i].share), sorted[i].label);
  }
  return text;
}

std::string key(const std::vector<TimeRow>& rows) {
  std::string out = "<ul class=\"key\">";
  for (const TimeRow& row : rows) {
    out +=
        fmt::format("<li><i class=\"{}\"></i><b>{}</b> {} <span>{}</span></li>", kind_of(row.label),
                    markup_text(row.label), time_text(row.mean_ms), percent(row.share));
  }
  return out + "</ul>\n";
}

std::string breakdown_table(const Report& report, const std::vector<TimeRow>& rows) {
  HtmlTable table("Where the time went",
                  {"part", "mean of completed requests", "share", "p50", "p95", "p99", "max"});
  const auto add = [&table](const std::string& label, double mean, const std::string& share,
                            const LatencySummary& s) {
    std::vector<std::string> cells{label, time_text(mean), share};
    for (const auto& value : {s.p50, s.p95, s.p99, s.max}) {
      cells.push_back(s.count > 0 ? time_text(value) : "");
    }
    table.row(cells);
  };
  add("latency", report.breakdown_ms.total(), "", report.latency);
  for (const TimeRow& row : rows) add(row.label, row.mean_ms, percent(row.share), row.times);
  return table.str();
}

/// Points of a distribution; of an older report those of its summary.
Percentiles points_of(const Percentiles& list, const LatencySummary& s) {
  if (!list.empty()) return list;
  Percentiles few;
  for (const auto& [percentile, ms] :
       {std::pair(50.0, s.p50), {90.0, s.p90}, {95.0, s.p95}, {99.0, s.p99}, {99.9, s.p999}}) {
    if (ms) few.push_back({percentile, *ms});
  }
  return few;
}

double stretched(double percentile) {
  return -std::log10(1 - percentile / 100);
}

Trace trace_of(const Percentiles& points) {
  Trace trace;
  for (const PercentilePoint& point : points) {
    trace.x.push_back(stretched(point.percentile));
    trace.y.emplace_back(point.ms);
  }
  return trace;
}

std::string summary_text(const std::string& name, const LatencySummary& s) {
  return fmt::format("{}: p50 {}, p95 {}, p99 {}, max {}", name, time_text(s.p50), time_text(s.p95),
                     time_text(s.p99), time_text(s.max));
}

/// The percentile of each index is the same in all lists; only their lengths differ.
std::string percentile_table(const Report& report) {
  const Percentiles& latency = report.latency_percentiles;
  const Percentiles& wait = report.pool_wait_percentiles;
  const Percentiles& held = report.connection_time_percentiles;
  HtmlTable table("Percentiles", {"percentile", "latency", "pool wait", "connection hold time"});
  for (std::size_t i = 0; i < std::max({latency.size(), wait.size(), held.size()}); ++i) {
    std::vector<std::string> cells(1);
    for (const Percentiles* list : {&latency, &wait, &held}) {
      const bool there = i < list->size();
      if (there) cells[0] = fmt::format("{:.6g}", (*list)[i].percentile);
      cells.push_back(there ? time_text((*list)[i].ms) : "");
    }
    table.row(cells);
  }
  return table.empty() ? "" : table.str();
}

/// A goal on a percentile of what is drawn, of the whole run and all its requests.
struct Limit {
  double percentile = 0;
  double ms = 0;
  std::string goal;
};

std::vector<Limit> limits_of(const Verdict& verdict) {
  std::vector<Limit> limits;
  for (const GoalResult& goal : verdict.goals) {
    const bool narrowed = goal.goal.find(" over ") != std::string::npos ||
                          goal.goal.find(" for request ") != std::string::npos;
    if (narrowed || !goal.limit || *goal.limit <= 0) continue;
    for (const auto& [name, percentile] :
         {std::pair("p50", 50.0), {"p90", 90.0}, {"p95", 95.0}, {"p99", 99.0}, {"p999", 99.9}}) {
      const bool speaks_of_it = goal.goal.starts_with(fmt::format("{}(latency)", name)) ||
                                goal.goal.starts_with(fmt::format("{}(pool_wait)", name));
      constexpr double kMsPerS = 1000;
      if (speaks_of_it) limits.push_back({percentile, *goal.limit * kMsPerS, goal.goal});
    }
  }
  return limits;
}

/// Those that lie near enough to show the curves as well; the highest first.
std::vector<Limit> limits_near(const Verdict& verdict, const Percentiles& latency) {
  constexpr double kFar = 20;
  std::vector<Limit> limits = limits_of(verdict);
  const double largest = latency.back().ms;
  std::erase_if(limits, [largest](const Limit& limit) { return limit.ms > largest * kFar; });
  std::stable_sort(limits.begin(), limits.end(),
                   [](const Limit& a, const Limit& b) { return a.ms > b.ms; });
  return limits;
}

/// The value of the first point from `percentile` on.
double value_at(const Percentiles& points, double percentile) {
  for (const PercentilePoint& point : points) {
    if (point.percentile >= percentile) return point.ms;
  }
  return points.empty() ? 0 : points.back().ms;
}

/// From what most requests took to the slowest. The few that were much faster, and waits of next to
/// no time, would press the curves into a corner: they lie on the lower edge.
Axis axis_over(const Percentiles& latency, const Percentiles& wait,
               const std::vector<Limit>& limits) {
  constexpr double kFast = 10;       // percent of the requests
  constexpr double kLeastWait = 20;  // times below the latency of the fast ones
  const double fast = value_at(latency, kFast);
  double least = fast, largest = latency.back().ms;
  if (!wait.empty()) {
    least = std::min(least, std::max(value_at(wait, 50), fast / kLeastWait));
    largest = std::max(largest, wait.back().ms);
  }
  for (const Limit& limit : limits) {
    largest = std::max(largest, limit.ms);
    least = std::min(least, std::max(limit.ms, fast / kLeastWait));
  }
  return log_time_axis(least, largest);
}

/// The name stands beside the picture, where no curve passes.
void draw(Picture& picture, const std::vector<Limit>& limits, double last_percentile) {
  double named = 0;
  for (const Limit& limit : limits) {
    picture.rule_y(limit.ms, "goal", "");
    if (limit.ms != named) picture.name(limit.ms, "goal", "goal " + time_text(limit.ms));
    named = limit.ms;
    if (last_percentile < limit.percentile) continue;
    picture.dot(stretched(limit.percentile), limit.ms, "goal", "the limit of " + limit.goal);
  }
}

/// Says so where something lies below the axis.
std::string heading_of(const Axis& axis, const Percentiles& latency, const Percentiles& wait) {
  const auto below = [&axis](const Percentiles& points) {
    return !points.empty() && points.front().ms < axis.low;
  };
  std::string heading = "Time by percentile, both axes logarithmic";
  if (below(latency) || below(wait)) {
    heading += "; values below " + tick_time(axis.low) + " are at the lower edge";
  }
  return heading;
}

void mark(Picture& picture, const Percentiles& points, const LatencySummary& s) {
  for (const auto& [percentile, ms, words] :
       {std::tuple(50.0, s.p50, "p50"), {95.0, s.p95, "p95"}, {99.0, s.p99, "p99"}}) {
    if (!ms || points.back().percentile < percentile) continue;
    picture.dot(stretched(percentile), *ms, "", fmt::format("{} {}", words, time_text(ms)));
  }
}

}  // namespace

std::string html_breakdown(const Report& report) {
  if (report.latency.count == 0) {
    return html_section("time", "Where the time went",
                        html_paragraph("No request completed, so there are no latencies to show."));
  }
  const std::vector<TimeRow> rows = time_rows(report);
  const double total = report.breakdown_ms.total();
  const std::string sentence =
      fmt::format("A completed request took {} on average: {}.", time_text(total), shares(rows));
  constexpr double kThickness = 46;
  Picture picture("chart-time", "Where the mean latency was spent", sentence, kThickness);
  picture.x_axis(Axis{0, total > 0 ? total : 1, false, {}}, false);
  double from = 0;
  for (const TimeRow& row : rows) {
    const std::string words =
        fmt::format("{}: {}, {}", row.label, time_text(row.mean_ms), percent(row.share));
    picture.bar(from, from + row.mean_ms, 0, kThickness, kind_of(row.label), words,
                row.share > 0.3 ? row.label + " " + percent(row.share) : percent(row.share));
    from += row.mean_ms;
  }
  std::string inside = html_paragraph(sentence, "says");
  inside += "<figure><div class=\"plot full\">" + picture.svg() + "</div>\n" + key(rows);
  inside +=
      html_folded("As a table", breakdown_table(report, rows)) + "</figure>\n" + kinds_html(report);
  return html_section("time", "Where the time went", inside);
}

std::string html_distribution(const Report& report) {
  const Percentiles latency = points_of(report.latency_percentiles, report.latency);
  const Percentiles wait = points_of(report.pool_wait_percentiles, report.pool_wait);
  if (latency.size() < 2) return "";
  const std::string words =
      summary_text("Latency", report.latency) + ". " + summary_text("Pool wait", report.pool_wait);
  constexpr double kHeight = 270;
  Picture picture("chart-distribution", "Latency and pool wait by percentile", words + ".",
                  kHeight);
  const std::vector<Limit> limits = limits_near(report.verdict, latency);
  const Axis axis = axis_over(latency, wait, limits);
  picture.y_axis(axis);
  picture.x_axis(percentile_axis(static_cast<double>(report.latency.count)), true);
  if (wait.size() > 1) {
    picture.line(trace_of(wait), "wait");
    picture.name(wait.back().ms, "wait", "pool wait");
  }
  picture.line(trace_of(latency), "strong");
  picture.name(latency.back().ms, "strong", "latency");
  draw(picture, limits, latency.back().percentile);
  mark(picture, latency, report.latency);
  const std::string figure =
      html_figure(heading_of(axis, latency, wait), words + ".", picture.svg(),
                  html_folded("As a table", percentile_table(report)));
  return html_section("distribution", "How latency was distributed", figure);
}

}  // namespace poolgauge
