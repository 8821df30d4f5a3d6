// Sentences on guards.
#include "report/sentences.h"

#include <fmt/format.h>

#include "base/text.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostEventsShown = 5;

std::string moment_text(double s) {
  if (s >= 0) return fmt::format("at {:.1f} s", s);
  return fmt::format("{:.1f} s before the measurement", -s);
}

std::string span_text(const GuardEvent& event) {
  const std::string from = event.start_s >= 0 ? fmt::format("from {:.1f} s", event.start_s)
                                              : fmt::format("from {}", moment_text(event.start_s));
  if (!event.end_s) return from + " to the end";
  const std::string to =
      *event.end_s >= 0 ? fmt::format("{:.1f} s", *event.end_s) : moment_text(*event.end_s);
  return fmt::format("{} to {} ({})", from, to,
                     human_duration(from_s(*event.end_s - event.start_s)));
}

std::string event_text(const GuardEvent& event) {
  if (event.action == "stop") {
    return fmt::format("{} stopped the run {}: {}", event.guard, moment_text(event.start_s),
                       event.seen);
  }
  if (event.action == "pause") return "paused by SIGUSR2 " + span_text(event);
  return fmt::format("{} held requests back {}: {}", event.guard, span_text(event), event.seen);
}

std::string watched_text(const GuardLog& guards) {
  std::string names;
  for (const GuardRule& rule : guards.rules) names += (names.empty() ? "" : ", ") + rule.text;
  std::string text = fmt::format("watched {}; {}, {} each", names,
                                 counted(static_cast<std::int64_t>(guards.looks), "check"),
                                 human_duration(from_ms(guards.look_ms)));
  if (guards.withheld > 0) {
    text += fmt::format("; {} withheld",
                        counted(static_cast<std::int64_t>(guards.withheld), "arrival"));
  }
  return text;
}

}  // namespace

std::vector<std::string> guard_lines(const Report& report) {
  const GuardLog& guards = report.guards;
  std::vector<std::string> lines;
  if (!guards.rules.empty()) lines.push_back(watched_text(guards));
  std::size_t shown = 0;
  for (const GuardEvent& event : guards.events) {
    if (shown == kMostEventsShown && event.action != "stop") continue;
    if (shown < kMostEventsShown) ++shown;
    lines.push_back(event_text(event));
  }
  const std::uint64_t all = guards.events.size() + guards.events_left_out;
  const std::size_t said = lines.size() - (guards.rules.empty() ? 0 : 1);
  if (all > said) {
    lines.push_back(fmt::format("and {} more: see the JSON report", with_thousands(all - said)));
  }
  return lines;
}

}  // namespace poolgauge
