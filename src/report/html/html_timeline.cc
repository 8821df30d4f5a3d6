// What happened over time: four charts above one time axis, and the table behind them.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/html/html_parts.h"
#include "report/html/picture.h"
#include "report/words.h"

namespace poolgauge {
namespace {

using Value = std::optional<double>;

/// Long runs are drawn in this many pieces at most.
constexpr std::size_t kMostPoints = 600;
constexpr double kTimelineHeight = 130;

/// A second of the run, or several of a long one: rates are means, what hurts is the worst.
struct Moment {
  double t_s = 0;
  double completed_per_s = 0, failed_per_s = 0;
  Value p50, p95, p99;
  double checked_out = 0, overflow = 0, waiting = 0;
  Value active, idle_in_transaction, lock_waits;
};

void raise(Value& highest, const Value& value) {
  if (value) highest = std::max(highest.value_or(0), *value);
}

Moment moment_of(const std::vector<SeriesPoint>& points, std::size_t from, std::size_t to) {
  Moment moment;
  const double begin = from > 0 ? points[from - 1].t_s : 0;
  moment.t_s = points[to - 1].t_s;
  const double seconds = std::max(moment.t_s - begin, 1e-3);
  for (std::size_t i = from; i < to; ++i) {
    const SeriesPoint& point = points[i];
    moment.completed_per_s += static_cast<double>(point.completed) / seconds;
    moment.failed_per_s += static_cast<double>(point.failed) / seconds;
    raise(moment.p50, point.latency_p50_ms);
    raise(moment.p95, point.latency_p95_ms);
    raise(moment.p99, point.latency_p99_ms);
    moment.checked_out = std::max(moment.checked_out, static_cast<double>(point.checked_out));
    moment.overflow = std::max(moment.overflow, static_cast<double>(point.overflow));
    moment.waiting = std::max(moment.waiting, static_cast<double>(point.waiting));
    raise(moment.active, point.server_active);
    raise(moment.idle_in_transaction, point.server_idle_in_transaction);
    raise(moment.lock_waits, point.server_lock_waits);
  }
  return moment;
}

std::vector<Moment> moments_of(const std::vector<SeriesPoint>& points) {
  const std::size_t each = (points.size() + kMostPoints - 1) / kMostPoints;
  std::vector<Moment> all;
  for (std::size_t from = 0; from < points.size(); from += each) {
    all.push_back(moment_of(points, from, std::min(from + each, points.size())));
  }
  return all;
}

/// One curve of a chart: its values, how it is drawn and what it is called.
struct Series {
  std::vector<Value> values;
  std::string kind, name;
  bool filled = false;

  bool any() const {
    return std::any_of(values.begin(), values.end(), [](const Value& v) { return v.has_value(); });
  }
  bool above_zero() const { return largest() > 0; }
  double largest() const {
    double most = 0;
    for (const Value& value : values) most = std::max(most, value.value_or(0));
    return most;
  }
  double least() const {
    double least = largest();
    for (const Value& value : values) {
      if (value && *value > 0) least = std::min(least, *value);
    }
    return least;
  }
  Value last() const {
    for (std::size_t i = values.size(); i-- > 0;) {
      if (values[i]) return values[i];
    }
    return std::nullopt;
  }
};

template <typename Member>
Series curve(const std::vector<Moment>& moments, Member member, std::string kind, std::string name,
             bool filled = false) {
  Series made{{}, std::move(kind), std::move(name), filled};
  for (const Moment& moment : moments) made.values.push_back(Value(moment.*member));
  return made;
}

std::string standstill_of(const Standstill& still) {
  return still.whose == "client" ? "Poolgauge itself was paused"
                                 : "the " + still.whose + " did not respond";
}

std::string mark_of(const GuardEvent& event) {
  if (event.action == "pause") return "paused by hand";
  return event.guard + (event.action == "stop" ? " stopped the run: " : " held requests back: ") +
         event.seen;
}

/// The charts of one report, one after the other.
class Panels {
 public:
  Panels(const Report& report, const std::vector<Moment>& moments)
      : report_(report), clock_(clock_axis(moments.back().t_s)) {
    for (const Moment& moment : moments) x_.push_back(moment.t_s);
  }

  Picture picture(const std::string& id, const std::string& title, const std::string& words,
                  const Axis& y, bool labels) const {
    Picture made(id, title, words, kTimelineHeight);
    made.y_axis(y);
    made.x_axis(clock_, labels);
    for (const Stall& stall : report_.stalls) {
      made.zone(to_s(stall.start), to_s(stall.end), "", "no request completed");
    }
    for (const Outage& outage : report_.outages) {
      const double end = outage.end ? to_s(*outage.end) : clock_.high;
      made.zone(to_s(outage.start), end, "", "outage of the " + outage.target);
    }
    for (const Standstill& still : report_.standstills) {
      const double end = still.end ? to_s(*still.end) : clock_.high;
      made.zone(to_s(still.start), end, "", standstill_of(still));
    }
    for (const GuardEvent& event : report_.guards.events) {
      // A moment is drawn as a sliver that can be seen.
      const bool stop = event.action == "stop";
      const double start = std::max(0.0, event.start_s);
      const double end = event.end_s ? *event.end_s
                         : stop      ? start + clock_.high / 200
                                     : clock_.high;
      if (end > 0) made.zone(start, std::min(end, clock_.high), "", mark_of(event));
    }
    return made;
  }

  void draw(Picture& into, const std::vector<Series>& curves) const {
    for (const Series& each : curves) {
      if (!each.any()) continue;
      // A second is drawn at its end; what it says holds from its begin on, also for the first.
      Trace trace{{0}, {each.values.front()}};
      trace.x.insert(trace.x.end(), x_.begin(), x_.end());
      trace.y.insert(trace.y.end(), each.values.begin(), each.values.end());
      if (each.filled) into.area(trace, each.kind);
      if (each.kind != "over" && each.kind != "bad") into.line(trace, each.kind);
      into.name(each.last().value_or(0), each.kind, each.name);
    }
  }

  double end() const { return clock_.high; }

 private:
  const Report& report_;
  Axis clock_;
  std::vector<double> x_;
};

double largest_of(const std::vector<Series>& curves) {
  double most = 0;
  for (const Series& each : curves) most = std::max(most, each.largest());
  return most;
}

std::string throughput(const Panels& panels, const Report& report,
                       const std::vector<Moment>& moments) {
  std::vector<Series> curves{curve(moments, &Moment::completed_per_s, "sql", "completed", true)};
  Series failed = curve(moments, &Moment::failed_per_s, "bad", "failed", true);
  if (failed.above_zero()) curves.push_back(std::move(failed));
  const std::string words = fmt::format(
      "{} on average, at most {} in a second; {}", per_second(report.throughput_per_s),
      per_second(curves[0].largest()),
      curves.size() > 1 ? fmt::format("failures reached {}.", per_second(curves[1].largest()))
                        : std::string("no request failed."));
  Picture picture = panels.picture("chart-throughput", "Requests completed and failed per second",
                                   words, count_axis(largest_of(curves)), false);
  panels.draw(picture, curves);
  return html_figure("Requests per second", words, picture.svg(), "");
}

std::string latency(const Panels& panels, const std::vector<Moment>& moments) {
  constexpr double kWide = 30;  // p99 over p50, from which a linear axis hides the lower one
  const std::vector<Series> curves{curve(moments, &Moment::p50, "thin", "p50"),
                                   curve(moments, &Moment::p95, "strong", "p95"),
                                   curve(moments, &Moment::p99, "deep", "p99")};
  const double most = largest_of(curves);
  if (most <= 0) return "";
  const double least = curves[0].any() ? curves[0].least() : most;
  const bool log = most / std::max(least, 1e-6) > kWide;
  const std::size_t shown = curves[1].any() ? 1 : 0;  // few values a second have no p95
  const std::string words =
      fmt::format("The {} of each second lay between {} and {}.", curves[shown].name,
                  time_text(curves[shown].least()), time_text(curves[shown].largest()));
  Picture picture = panels.picture("chart-latency", "Latency percentiles of each second", words,
                                   log ? log_time_axis(least, most) : time_axis(most), false);
  panels.draw(picture, curves);
  return html_figure(log ? "Latency (logarithmic)" : "Latency", words, picture.svg(), "");
}

std::string pools(const Panels& panels, const Report& report, const std::vector<Moment>& moments) {
  std::vector<Series> curves{curve(moments, &Moment::checked_out, "sql", "in use")};
  Series overflow = curve(moments, &Moment::overflow, "over", "overflow", true);
  if (overflow.above_zero()) curves.insert(curves.begin(), std::move(overflow));
  curves.push_back(curve(moments, &Moment::waiting, "wait", "waiting", true));
  double capacity = 0;
  for (const PoolSummary& pool : report.pools) {
    if (pool.measured.capacity < 0 || capacity < 0) capacity = -1;
    if (capacity >= 0) capacity += static_cast<double>(pool.measured.capacity);
  }
  double most = largest_of(curves);
  const bool shown = capacity > 0 && capacity <= 3 * std::max(most, 1.0);
  constexpr double kHeadroom = 1.15;  // for the words above the line
  if (shown) most = std::max(most, capacity * kHeadroom);
  const std::string words = "All pools: " + joined(connection_parts(report)) + ".";
  Picture picture = panels.picture("chart-pools", "Connections in use and requests waiting", words,
                                   count_axis(most), false);
  if (shown) picture.rule_y(capacity, "", fmt::format("capacity {:.0f}", capacity));
  panels.draw(picture, curves);
  return html_figure("Pool: connections in use, requests waiting", words, picture.svg(), "");
}

std::string server(const Panels& panels, const Report& report, const std::vector<Moment>& moments) {
  std::vector<Series> curves{curve(moments, &Moment::active, "strong", "running"),
                             curve(moments, &Moment::idle_in_transaction, "hold", "idle in tx"),
                             curve(moments, &Moment::lock_waits, "wait", "lock waits")};
  if (!curves[0].any()) return "";
  const bool no_lock_waits = curves[2].any() && !curves[2].above_zero();
  if (!curves[2].above_zero()) curves.pop_back();
  const std::string words = fmt::format(
      "On average, {} statements running and {} connections idle in transaction{}.",
      significant(report.server.active_mean), significant(report.server.idle_in_transaction_mean),
      no_lock_waits ? "; none waited for a lock in any sample" : "");
  Picture picture =
      panels.picture("chart-server", "Statements running, idle in transaction, waiting on locks",
                     words, count_axis(largest_of(curves)), true);
  panels.draw(picture, curves);
  return html_figure("Server: this load's connections by state", words, picture.svg(), "");
}

/// The time's figures below the last chart, where the server was not seen.
std::string clock_below(const Panels& panels) {
  Picture picture("chart-clock", "Time in the run", "The time axis of the charts above.", 4);
  picture.x_axis(clock_axis(panels.end()), true);
  return "<div class=\"plot\">" + picture.svg() + "</div>\n";
}

std::string table_of(const std::vector<Moment>& moments) {
  HtmlTable table("Over time",
                  {"second", "completed/s", "failed/s", "p50", "p95", "p99", "in use", "overflow",
                   "waiting", "running", "idle in transaction", "lock waits"});
  const auto gauge = [](const Value& value) { return value ? significant(*value) : "–"; };
  for (const Moment& m : moments) {
    table.row({fmt::format("{:.6g}", m.t_s), significant(m.completed_per_s),
               significant(m.failed_per_s), time_text(m.p50), time_text(m.p95), time_text(m.p99),
               fmt::format("{:.0f}", m.checked_out), fmt::format("{:.0f}", m.overflow),
               fmt::format("{:.0f}", m.waiting), gauge(m.active), gauge(m.idle_in_transaction),
               gauge(m.lock_waits)});
  }
  return table.str();
}

}  // namespace

std::string html_timeline(const Report& report) {
  if (report.timeline.size() < 2) return "";
  const std::vector<Moment> moments = moments_of(report.timeline);
  const Panels panels(report, moments);
  constexpr std::size_t kDense = 120;  // points from which dashes are noise
  std::string inside = fmt::format(
      "<div class=\"series{}\" tabindex=\"0\" role=\"group\" data-end=\"{:.6g}\" aria-label=\"Time "
      "series; use the arrow keys to read the values at one moment\">\n<output "
      "aria-live=\"polite\">Hover over a chart, or use the arrow keys, to read the values at one "
      "moment.</output>\n",
      moments.size() > kDense ? " dense" : "", panels.end());
  inside += throughput(panels, report, moments) + latency(panels, moments) +
            pools(panels, report, moments);
  const std::string last = server(panels, report, moments);
  inside += last.empty() ? clock_below(panels) : last;
  const bool grouped = moments.size() < report.timeline.size();
  if (grouped) {
    inside += html_paragraph(
        "Each point covers several seconds: rates are means, all other values are the worst.");
  }
  inside += html_folded("As a table", table_of(moments)) + "</div>\n";
  return html_section("series", "Over time", inside);
}

}  // namespace poolgauge
