// Guards of a report, written and read.
#include "report/json/json_parts.h"

#include "report/json/json_number.h"

namespace poolgauge {

using GuardsJson = nlohmann::ordered_json;

GuardsJson guards_json(const GuardLog& guards) {
  GuardsJson json;
  json["rules"] = GuardsJson::array();
  for (const GuardRule& rule : guards.rules) {
    json["rules"].push_back(
        {{"guard", rule.text}, {"action", rule.action == GuardAction::stop ? "stop" : "hold"}});
  }
  json["events"] = GuardsJson::array();
  for (const GuardEvent& event : guards.events) {
    json["events"].push_back({{"guard", event.guard},
                              {"action", event.action},
                              {"start_s", six_digits(event.start_s)},
                              {"end_s", rounded(event.end_s)},
                              {"seen", event.seen}});
  }
  json["events_left_out"] = guards.events_left_out;
  json["withheld"] = guards.withheld;
  json["looks"] = guards.looks;
  json["look_ms"] = six_digits(guards.look_ms);
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

}  // namespace poolgauge
