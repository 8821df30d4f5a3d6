// Clients, locks, counters, statements, processor time.
#include "report/json/json_parts.h"

#include <cmath>

#include "report/json/report_fields.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// Counters are whole but for times.
Json counters(const ServerView::Counters& all) {
  Json object = Json::object();
  for (const auto& [name, value] : all) {
    const bool whole = value == std::floor(value) && value < 9e15;
    object[name] = whole ? Json(static_cast<std::uint64_t>(value)) : rounded(value);
  }
  return object;
}

/// null where nobody looked: in simulations, and in reports of before it was measured.
Json backend_memory(const BackendMemory& memory) {
  if (!memory.seen() && memory.note.empty()) return nullptr;
  const auto size = [&memory](double mib) { return memory.seen() ? rounded(mib) : Json(nullptr); };
  return {{"readings", memory.readings},
          {"looks", memory.looks},
          {"pss_mib", size(memory.pss)},
          {"own_mib", size(memory.own)},
          {"own_max_mib", size(memory.own_max)},
          {"page_tables_mib", size(memory.page_tables)},
          {"note", memory.note}};
}

BackendMemory read_backend_memory(const JsonNode& node) {
  BackendMemory memory;
  if (node.is_null()) return memory;
  memory.readings = node["readings"].small_count();
  memory.looks = node["looks"].small_count();
  memory.pss = node["pss_mib"].number_or(0);
  memory.own = node["own_mib"].number_or(0);
  memory.own_max = node["own_max_mib"].number_or(0);
  memory.page_tables = node["page_tables_mib"].number_or(0);
  memory.note = node["note"].text_or("");
  return memory;
}

ServerView::Counters read_counters(const JsonNode& node) {
  ServerView::Counters all;
  if (node.is_null()) return all;
  for (const auto& [name, value] : node.members()) all.emplace_back(name, value.number());
  return all;
}

}  // namespace

void add_server_json(Json& server, const ServerView& view, double window_s) {
  Json& events = server["single_wait_events"] = Json::object();
  for (const ServerView::WaitEvent& event : view.single_events) {
    events[event.type] = rounded(event.mean);
  }
  const bool seen = view.samples > 0;
  std::optional<double> busy;
  if (view.cpu_s && view.cores > 0 && window_s > 0) busy = *view.cpu_s / window_s / view.cores;
  server["applications"] = in_json(view.applications);
  server["blocking"] = in_json(view.blocking);
  server["database"] = counters(view.database);
  server["checkpoints"] = counters(view.checkpoints);
  server["statements"] = in_json(view.statements);
  server["cpu_busy"] = rounded(busy);
  server["cpu_s"] = rounded(view.cpu_s);
  server["cores"] = view.cores > 0 ? Json(view.cores) : Json(nullptr);
  server["backend_memory"] = backend_memory(view.memory);
  server["look_ms"] = seen ? rounded(view.look_ms) : Json(nullptr);
  server["look_cpu"] = rounded(view.look_cpu);
}

void read_server_more(ServerView& view, const JsonNode& node) {
  if (!node["single_wait_events"].is_null()) {
    for (const auto& [event, mean] : node["single_wait_events"].members()) {
      view.single_events.push_back({event, mean.number()});
    }
  }
  view.applications = read_list<ServerView::Application>(node["applications"]);
  view.blocking = read_list<ServerView::Blocking>(node["blocking"]);
  view.statements = read_list<ServerView::Statement>(node["statements"]);
  view.database = read_counters(node["database"]);
  view.checkpoints = read_counters(node["checkpoints"]);
  view.cpu_s = node["cpu_s"].maybe_number();
  if (!node["cores"].is_null()) view.cores = node["cores"].small_count();
  view.memory = read_backend_memory(node["backend_memory"]);
  view.look_ms = node["look_ms"].number_or(0);
  view.look_cpu = node["look_cpu"].maybe_number();
}

}  // namespace poolgauge
