// Texts about stalls, goals, and connections.

#include <fmt/format.h>
#include <algorithm>
#include <cstdint>

#include "assess/sentences.h"
#include "base/text.h"
#include "poolgauge/pool_traits.h"
#include "stats/over_time.h"

namespace poolgauge {

std::string stalls_text(const std::vector<Stall>& stalls, Duration window) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < stalls.size() && i < kShown; ++i) {
    const Stall& stall = stalls[i];
    const Duration end = stall.to_the_end ? window : stall.end;
    text += fmt::format("{}from {:.1f} s to {:.1f} s{}", i == 0 ? "no request completed " : ", ",
                        to_s(stall.start), to_s(end),
                        stall.to_the_end ? ", the end of the window" : "");
  }
  if (stalls.size() > kShown) text += fmt::format(", and {} more times", stalls.size() - kShown);
  return text;
}

std::string mostly_stalled(const std::vector<Stall>& stalls, Duration window) {
  const double share = window > Duration{0} ? to_s(stalled(stalls)) / to_s(window) : 0;
  constexpr double kMost = 0.5;
  if (share < kMost) return "";
  if (window - stalled(stalls) < std::chrono::milliseconds(1)) {
    return fmt::format(
        "no request completed during the whole window ({:.1f} s), so there are no figures. Look "
        "for a lock or a stopped server, then measure again",
        to_s(window));
  }
  return fmt::format(
      "{}: the figures cover only the remaining {}. Look for a lock or a stopped server, then "
      "measure again",
      stalls_text(stalls, window), human_duration(window - stalled(stalls)));
}

std::vector<Stall> unserved(const Report& report) {
  std::vector<std::uint64_t> completed;
  for (const SeriesPoint& second : report.timeline) completed.push_back(second.completed);
  return unserved(report.stalls, report.standstills, report.outages, completed,
                  from_s(report.window_s));
}

std::string goal_subject(std::string_view goal) {
  const std::size_t op = goal.find_first_of("<>");
  if (op == std::string_view::npos) return std::string(goal);
  const std::size_t rest = std::min(goal.find(" over ", op), goal.find(" for request ", op));
  std::string_view before = goal.substr(0, op);
  while (before.ends_with(' ')) before.remove_suffix(1);
  std::string subject(before);
  if (rest != std::string_view::npos) subject += goal.substr(rest);
  return subject;
}

namespace {

/// Connections of one process.
std::int64_t total_of(const Figures& f) {
  const std::int64_t all = f.capacity >= 0 ? f.capacity : static_cast<std::int64_t>(f.peak_open);
  const auto processes = static_cast<std::int64_t>(std::max(1U, f.processes));
  return std::max<std::int64_t>(1, (all + processes - 1) / processes);
}

}  // namespace

std::string keep_open_option(const Figures& f) {
  return keep_open_option(f.pool_kind, total_of(f));
}

std::string keep_open_cure(const Figures& f) {
  return keep_open_cure(PoolSpec{f.pool_kind, f.pool_options}, total_of(f));
}

}  // namespace poolgauge
