// What a sweep measured, and the curve through it.
#include <fmt/format.h>

#include <algorithm>

#include "advise/score.h"
#include "base/text.h"
#include "report/html/html_parts.h"
#include "report/html/picture.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr double kCurveHeight = 220;

std::string over_text(const Curve& curve) {
  if (curve.over == "users") return "users";
  if (curve.over == "rate") return "arrival rate";
  return "connections per process";
}

Axis places(const Curve& curve) {
  double low = curve.points.front().at, high = low;
  for (const CurvePoint& point : curve.points) {
    low = std::min(low, point.at);
    high = std::max(high, point.at);
  }
  return size_axis(low, high);
}

std::string dot_kind(const CurvePoint& point) {
  if (!point.usable) return "hollow";
  return point.goals_met && !*point.goals_met ? "goal" : "";
}

std::string dot_words(const CurvePoint& point) {
  std::string words =
      fmt::format("{:.6g}: {}, p95 {}", point.at, per_second(point.throughput_per_s),
                  time_text(point.latency_p95_ms));
  if (point.goals_met) words += *point.goals_met ? ", goals met" : ", a goal missed";
  return point.usable ? words : words + ", but the run was not usable: " + point.note;
}

void mark_goals(Picture& picture, const Curve& curve, const Axis& x) {
  if (!curve.smallest_meeting_goals) return;
  picture.zone(*curve.smallest_meeting_goals, curve.largest_meeting_goals.value_or(x.high), "good",
               "goals met");
  picture.text(*curve.smallest_meeting_goals, kCurveHeight - 8, "note within", "goals met");
}

std::string throughput(const Curve& curve) {
  const Axis x = places(curve);
  double most = 0;
  for (const CurvePoint& point : curve.points) most = std::max(most, point.throughput_per_s);
  for (const CurveLine& line : curve.line) most = std::max(most, line.high);
  const std::string title = "Throughput by " + over_text(curve);
  Picture picture("chart-curve", title, curve.finding, kCurveHeight);
  picture.y_axis(count_axis(most));
  picture.x_axis(x, true);
  mark_goals(picture, curve, x);
  Trace line, low, high;
  for (const CurveLine& place : curve.line) {
    for (Trace* trace : {&line, &low, &high}) trace->x.push_back(place.at);
    line.y.emplace_back(place.throughput_per_s);
    low.y.emplace_back(place.low);
    high.y.emplace_back(place.high);
  }
  if (!curve.line.empty()) {
    picture.band(low, high, "sql");
    picture.line(line, "strong");
    picture.name(curve.line.back().throughput_per_s, "strong", "fitted");
  }
  for (const CurvePoint& point : curve.points) {
    picture.dot(point.at, point.throughput_per_s, dot_kind(point), dot_words(point));
  }
  if (const auto knee = knee_place(curve)) {
    const std::string at = curve.over == "rate" ? significant(*knee) : fmt::format("{:.0f}", *knee);
    picture.rule_x(*knee, "", "knee " + at);
  }
  return html_figure(title + ", requests per second", curve.finding, picture.svg(), "");
}

Trace trace_of(const Curve& curve, std::optional<double> CurvePoint::*member) {
  std::vector<const CurvePoint*> sorted;
  for (const CurvePoint& point : curve.points) {
    if (point.usable) sorted.push_back(&point);
  }
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->at < b->at; });
  Trace trace;
  for (const CurvePoint* point : sorted) {
    trace.x.push_back(point->at);
    trace.y.push_back(point->*member);
  }
  return trace;
}

std::string latency(const Curve& curve) {
  const Axis x = places(curve);
  double most = 0, least = 0;
  for (const CurvePoint& point : curve.points) {
    for (const auto& ms : {point.latency_p95_ms, point.pool_wait_p95_ms}) {
      most = std::max(most, ms.value_or(0));
      if (ms && *ms > 0) least = least > 0 ? std::min(least, *ms) : *ms;
    }
  }
  if (most <= 0) return "";
  constexpr double kMostDecades = 1e4;
  const std::string title = "Latency and pool wait (p95) by " + over_text(curve);
  Picture picture("chart-curve-latency", title, "", kCurveHeight);
  picture.y_axis(log_time_axis(std::max(least, most / kMostDecades), most));
  picture.x_axis(x, true);
  mark_goals(picture, curve, x);
  const Trace waits = trace_of(curve, &CurvePoint::pool_wait_p95_ms);
  const Trace whole = trace_of(curve, &CurvePoint::latency_p95_ms);
  for (const auto& [trace, kind, name] :
       {std::tuple(&waits, "wait", "pool wait"), std::tuple(&whole, "strong", "latency")}) {
    picture.line(*trace, kind);
    for (std::size_t i = 0; i < trace->x.size(); ++i) {
      if (trace->y[i]) picture.dot(trace->x[i], *trace->y[i], kind, time_text(trace->y[i]));
    }
    if (!trace->y.empty() && trace->y.back()) picture.name(*trace->y.back(), kind, name);
  }
  return html_figure(title + ", logarithmic", "", picture.svg(), "");
}

std::string table_of(const Curve& curve) {
  HtmlTable table("Measured points",
                  {curve.over, "throughput", "p50", "p95", "p99", "pool wait p95", "timeouts",
                   "errors", "pool in use", "result"});
  for (const CurvePoint& point : curve.points) {
    const std::string result = !point.usable      ? "run unusable: " + point.note
                               : !point.goals_met ? "–"
                               : *point.goals_met ? "met"
                                                  : "missed";
    table.row({fmt::format("{:.6g}", point.at), per_second(point.throughput_per_s),
               time_text(point.latency_p50_ms), time_text(point.latency_p95_ms),
               time_text(point.latency_p99_ms), time_text(point.pool_wait_p95_ms),
               percent(point.rate_pool_timeout), percent(point.rate_error),
               point.utilization ? percent(*point.utilization) : "–", result});
  }
  return table.str();
}

}  // namespace

std::string html_curve(const Report& report) {
  if (!report.curve || report.curve->points.empty()) return "";
  const Curve& curve = *report.curve;
  std::string inside = throughput(curve) + latency(curve);
  inside += html_list(curve.notes) + html_folded("As a table", table_of(curve));
  return html_section("curve", "By size", inside);
}

}  // namespace poolgauge
