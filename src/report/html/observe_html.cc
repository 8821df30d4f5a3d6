// `observe` as one HTML page that needs nothing else.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "observe/observe.h"
#include "report/html/html_parts.h"
#include "report/html/picture.h"
#include "report/markup.h"
#include "report/observe_words.h"

namespace poolgauge {
namespace {

constexpr double kChartHeight = 150;
constexpr std::size_t kMostDrawn = 6;  // groups

const char* tone_class(ObserveTone tone) {
  switch (tone) {
    case ObserveTone::good: return "pass";
    case ObserveTone::doubtful: return "open";
    case ObserveTone::bad: return "miss";
  }
  return "open";
}

/// What a chart shows besides what is open and in use, and how it is called.
struct TimeChart {
  const char* title;
  const char* about;
  const char* column;
  const char* name;
  const char* caption;
  std::vector<double> ObservePoint::*third;
};

/// Of a server's group, and of a pool's own metrics.
constexpr TimeChart kSessionsChart{
    "Sessions over time",
    "Open sessions, those in use, and those idle in a transaction",
    "idle in transaction",
    "idle in tx",
    "Each point is the mean of a few seconds; shorter peaks are not visible.",
    &ObservePoint::idle_in_transaction};
constexpr TimeChart kPoolChart{"Connections over time",
                               "Open connections, those in use, and requests waiting for one",
                               "waiting requests",
                               "waiting",
                               "Each point is the time from one scrape to the next.",
                               &ObservePoint::waiting};

std::string time_chart(const Observed& observed, std::size_t number, const TimeChart& chart,
                       const std::string& id) {
  Trace open, used, third;
  double most = 1, end_s = 1;
  HtmlTable table("Over time", {"from", "open", "in use", chart.column});
  for (const ObservePoint& point : observed.points) {
    std::vector<std::string> row = {fmt::format("{:.{}f} s", point.t_s, point.seconds < 1 ? 1 : 0)};
    for (const auto& [trace, values] : {std::pair(&open, &point.sessions),
                                        {&used, &point.in_use},
                                        {&third, &(point.*chart.third)}}) {
      const double value = (*values)[number];
      trace->x.push_back(point.t_s + point.seconds / 2);
      trace->y.emplace_back(value);
      most = std::max(most, value);
      row.push_back(significant(value));
    }
    end_s = std::max(end_s, point.t_s + point.seconds);
    table.row(row);
  }
  Picture picture(id, chart.title, chart.about, kChartHeight);
  picture.y_axis(count_axis(most));
  picture.x_axis(clock_axis(end_s), true);
  picture.line(open, "thin");
  picture.area(used, "sql");
  picture.line(used, "sql");
  picture.line(third, "hold");
  if (!open.y.empty()) {
    picture.name(*open.y.back(), "thin", "open");
    picture.name(*used.y.back(), "sql", "in use");
    picture.name(*third.y.back(), "hold", chart.name);
  }
  return html_figure("Over time", chart.caption, picture.svg(), table.str());
}

/// How often how many were in use, and the size that follows.
std::string share_chart(const ObservedGroup& group, const std::string& id) {
  double most = 0.01;
  for (const double share : group.in_use_shares) most = std::max(most, share);
  const double end =
      static_cast<double>(std::max<std::int64_t>(group.size.total, group.in_use_most) + 2);
  Trace shares;
  HtmlTable table("Number in use", {"in use", "share of the time"});
  for (std::size_t i = 0; i < group.in_use_shares.size(); ++i) {
    shares.x.push_back(static_cast<double>(i));
    shares.y.emplace_back(100 * group.in_use_shares[i]);
    table.row({fmt::format("{}", i), percent(group.in_use_shares[i])});
  }
  Picture picture(id, "Connections in use", "Percent of the time, by the number of sessions in use",
                  kChartHeight);
  picture.y_axis(count_axis(100 * most));
  picture.x_axis(size_axis(0, end), true);
  picture.area(shares, "sql");
  picture.line(shares, "sql");
  picture.rule_x(static_cast<double>(group.size.total), "goal",
                 fmt::format("size {}", group.size.total));
  return html_figure("Number in use",
                     "Percent of the time during which so many sessions were in use.",
                     picture.svg(), table.str());
}

/// Hold times by their percentile.
std::string hold_chart(const ObservedGroup& group, const std::string& id) {
  if (group.hold_quantiles_s.empty()) return "";
  Trace holds;
  HtmlTable table("Hold times", {"percentile", "hold time"});
  const auto count = static_cast<double>(group.hold_quantiles_s.size());
  for (std::size_t i = 0; i < group.hold_quantiles_s.size(); ++i) {
    const double percentile = 100 * (static_cast<double>(i) + 0.5) / count;
    holds.x.push_back(percentile);
    holds.y.emplace_back(1e3 * group.hold_quantiles_s[i]);
    table.row({fmt::format("{:g}", percentile), human_duration(from_s(group.hold_quantiles_s[i]))});
  }
  Picture picture(id, "Hold times", "Time a transaction keeps its connection in use, by percentile",
                  kChartHeight);
  picture.y_axis(time_axis(1e3 * group.hold_quantiles_s.back()));
  picture.x_axis(size_axis(0, 100), true);
  picture.line(holds, "hold");
  return html_figure("Hold times",
                     group.waiting
                         ? "By percentile, from the pool's histogram."
                         : "By percentile, estimated from the ages of running transactions.",
                     picture.svg(), table.str());
}

std::string group_section(const Observed& observed, std::size_t number) {
  const ObservedGroup& group = observed.groups[number];
  const std::string id = fmt::format("group{}", number);
  std::string inside = html_paragraph(observe_verdict(group).text);
  HtmlTable table("Figures", {"figure", "value"}, "ww");
  for (const auto& [name, text] : observe_lines(group, observed)) table.row({name, text});
  inside += table.str();
  if (number < kMostDrawn) {
    if (!observed.points.empty()) {
      inside +=
          time_chart(observed, number, group.waiting ? kPoolChart : kSessionsChart, id + "time");
    }
    if (!group.in_use_shares.empty()) inside += share_chart(group, id + "share");
    inside += hold_chart(group, id + "hold");
  }
  return html_section(id, observe::group_name(group.key), inside);
}

std::string server_section(const Observed& observed) {
  std::string inside;
  if (observed.knows_server()) {
    HtmlTable table("Server", {"figure", "value"}, "ww");
    for (const auto& [name, text] : observe_server_lines(observed)) table.row({name, text});
    inside += table.str();
  }
  if (observed.recommendation) {
    inside += html_paragraph("Settings for " + observe::group_name(observed.groups.front().key));
    for (const Snippet& snippet : observed.recommendation->snippets) {
      inside += html_folded(snippet.title, "<pre tabindex=\"0\"><code>" +
                                               markup_text(snippet.text) + "</code></pre>\n");
    }
  }
  if (inside.empty()) return "";
  return html_section("server", observed.knows_server() ? "Server" : "Settings", inside);
}

}  // namespace

std::string to_html(const Observed& observed, const ObserveRun& run) {
  const ObserveVerdict headline = observe_headline(observed);
  const std::string about =
      observed.metrics_of.empty() ? observed.server.address : observed.metrics_of;
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Poolgauge observe: {}</title>\n<style>\n{}</style>\n</head>\n<body>\n"
      "<header><p class=\"brand\">Poolgauge observe</p><h1>{}</h1><p class=\"about\">{}</p>"
      "</header>\n<main>\n",
      markup_text(about), html_style(), markup_text(about),
      markup_text(observe_place(observed) + " · " + run.started_at));
  out += fmt::format(
      "<section id=\"verdict\" class=\"verdict {}\" aria-labelledby=\"verdict-h\">"
      "<h2 id=\"verdict-h\">{}</h2>\n{}</section>\n",
      tone_class(headline.tone), markup_text(headline.text), html_list(observed.warnings));
  for (std::size_t i = 0; i < observed.groups.size(); ++i) out += group_section(observed, i);
  if (observed.pooler) {
    HtmlTable table("PgBouncer", {"pool", "observed"}, "ww");
    for (const auto& [name, text] : observe_pooler_lines(observed)) table.row({name, text});
    out += html_section("pooler", "PgBouncer", table.str());
  }
  out += server_section(observed);
  if (!observed.limits.empty()) {
    out += html_section("limits", "Limits of this observation", html_list(observed.limits));
  }
  out += html_section(
      "again", "How to reproduce it",
      "<pre tabindex=\"0\"><code>" + markup_text(run.command_line) + "</code></pre>\n" +
          html_pairs({{"poolgauge", run.tool_version}, {"started", run.started_at}}));
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace poolgauge
