// Charts in characters.
#include "report/observe_words.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "observe/observe.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/terminal/screen.h"

namespace poolgauge {
namespace {

constexpr std::size_t kDrawnGroups = 10;
constexpr std::size_t kGroupRows = 6;
constexpr std::size_t kMostCells = 72;
constexpr std::size_t kRecordingColumn = 10;
constexpr std::int64_t kDay_s = 86'400;

/// "07:05 UTC", from the second day on with the day's number.
std::string clock_of(const Observed& observed, double t_s) {
  const std::int64_t start = observed.started_s.value_or(0);
  const std::int64_t at = start + static_cast<std::int64_t>(t_s);
  const std::string clock = fmt::format("{:02}:{:02} UTC", at / 3600 % 24, at / 60 % 60);
  const std::int64_t day = at / kDay_s - start / kDay_s;
  return day == 0 ? clock : fmt::format("{} on day {}", clock, day + 1);
}

std::string busiest_line(const ObservedGroup& group, const Observed& observed) {
  return fmt::format("{} in use from {} on; {} on average over the whole recording",
                     observe_mean(group.busiest_minute),
                     clock_of(observed, group.busiest_minute_at_s),
                     observe_mean(group.in_use.value));
}

/// Means of the points that share a column.
std::vector<std::string> recording_chart(const Observed& observed, std::size_t number,
                                         std::size_t width) {
  const std::size_t cells = std::min(width, kMostCells);
  const std::size_t each = (observed.points.size() + cells - 1) / std::max<std::size_t>(cells, 1);
  Plot plot;
  double most = 0;
  for (std::size_t from = 0; from < observed.points.size(); from += each) {
    double in_use = 0, count = 0;
    for (std::size_t i = from; i < std::min(from + each, observed.points.size()); ++i) {
      in_use += observed.points[i].in_use[number];
      count += 1;
    }
    most = std::max(most, in_use / count);
    plot.points.push_back({observed.points[from].t_s / 3600, in_use / count, false});
  }
  plot.title = "in use, by hours since " + clock_of(observed, 0);
  plot.top_label = observe_mean(most);
  return draw(plot, cells, kGroupRows);
}

std::string hours_text(const ObservedGroup& group) {
  std::string text;
  for (const ObserveHour& hour : group.hours) {
    text +=
        fmt::format("{}{:02}h {}", text.empty() ? "" : ", ", hour.hour, observe_mean(hour.in_use));
  }
  return text;
}

std::string recording_head(const Observed& observed) {
  return fmt::format("recording of {}: {} from {} on", observed.server.address,
                     observe_duration(observed.seconds), clock_of(observed, 0));
}

}  // namespace

std::string recording_to_terminal(const Observed& observed, const TerminalStyle& style) {
  Screen screen(style);
  screen.line(recording_head(observed), Tone::strong);
  if (observed.groups.empty()) screen.text("It holds no session.");
  for (std::size_t i = 0; i < std::min(observed.groups.size(), kDrawnGroups); ++i) {
    const ObservedGroup& group = observed.groups[i];
    screen.gap();
    screen.line(observe::group_name(group.key), Tone::strong);
    for (const std::string& line : recording_chart(observed, i, screen.width() - 2)) {
      screen.line("  " + line);
    }
    screen.labelled("  busiest", kRecordingColumn, busiest_line(group, observed));
    if (!group.hours.empty()) screen.labelled("  hours", kRecordingColumn, hours_text(group));
    screen.labelled("  size", kRecordingColumn, observe_verdict(group).text);
  }
  if (observed.groups.size() > kDrawnGroups) {
    screen.text(fmt::format("{} more groups are not shown here; see observe FILE --html.",
                            observed.groups.size() - kDrawnGroups));
  }
  return screen.str();
}

std::string recording_to_markdown(const Observed& observed) {
  std::string out = fmt::format("**{}**\n\n", escaped(recording_head(observed)));
  for (std::size_t i = 0; i < std::min(observed.groups.size(), kDrawnGroups); ++i) {
    const ObservedGroup& group = observed.groups[i];
    std::string chart;
    for (const std::string& line : recording_chart(observed, i, kMostCells)) chart += line + "\n";
    out += fmt::format("{}\n\n{}\n- **busiest**: {}\n", escaped(observe::group_name(group.key)),
                       fenced("text", chart), escaped(busiest_line(group, observed)));
    if (!group.hours.empty()) out += fmt::format("- **hours**: {}\n", escaped(hours_text(group)));
    out += fmt::format("- **size**: {}\n\n", escaped(observe_verdict(group).text));
  }
  return out;
}

}  // namespace poolgauge
