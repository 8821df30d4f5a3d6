// Guards in reports.
#include "report/guards.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"

namespace poolgauge {

namespace {

using GuardsJson = nlohmann::ordered_json;

constexpr std::size_t kMostEventsShown = 5;

double rounded_time(double s) {
  return std::strtod(fmt::format("{:.6g}", s).c_str(), nullptr);
}

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
  std::string text = fmt::format("watched {}, {} of {}", names,
                                 counted(static_cast<std::int64_t>(guards.looks), "look"),
                                 human_duration(from_ms(guards.look_ms)));
  if (guards.withheld > 0) {
    text += fmt::format("; {} did not begin",
                        counted(static_cast<std::int64_t>(guards.withheld), "arrival"));
  }
  return text;
}

}  // namespace

GuardsJson guards_json(const GuardLog& guards) {
  GuardsJson json;
  json["rules"] = GuardsJson::array();
  for (const GuardRule& rule : guards.rules) {
    json["rules"].push_back(
        {{"guard", rule.text}, {"action", rule.action == GuardAction::stop ? "stop" : "hold"}});
  }
  json["events"] = GuardsJson::array();
  for (const GuardEvent& event : guards.events) {
    json["events"].push_back(
        {{"guard", event.guard},
         {"action", event.action},
         {"start_s", rounded_time(event.start_s)},
         {"end_s", event.end_s ? GuardsJson(rounded_time(*event.end_s)) : GuardsJson(nullptr)},
         {"seen", event.seen}});
  }
  json["events_left_out"] = guards.events_left_out;
  json["withheld"] = guards.withheld;
  json["looks"] = guards.looks;
  json["look_ms"] = rounded_time(guards.look_ms);
  return json;
}

void read_guards(Report& report, const JsonNode& node) {
  if (node.is_null()) return;
  for (const JsonNode& item : node["rules"].items()) {
    GuardRule rule;
    rule.text = item["guard"].text();
    rule.action = item["action"].text() == "stop" ? GuardAction::stop : GuardAction::hold;
    report.guards.rules.push_back(rule);
  }
  for (const JsonNode& item : node["events"].items()) {
    GuardEvent event;
    event.guard = item["guard"].text();
    event.action = item["action"].text();
    event.start_s = item["start_s"].number();
    if (!item["end_s"].is_null()) event.end_s = item["end_s"].number();
    event.seen = item["seen"].text();
    report.guards.events.push_back(event);
  }
  report.guards.events_left_out = node["events_left_out"].count();
  report.guards.withheld = node["withheld"].count();
  report.guards.looks = node["looks"].small_count();
  report.guards.look_ms = node["look_ms"].number();
}

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
