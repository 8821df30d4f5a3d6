// Clients, locks, counters, statements, processor time.
#include "report/json/json_server.h"

#include <cmath>

#include "report/json/json_number.h"

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

Json applications(const std::vector<ServerView::Application>& all) {
  Json list = Json::array();
  for (const ServerView::Application& client : all) {
    list.push_back(
        {{"application_name", client.name}, {"peak", client.peak}, {"mean", rounded(client.mean)}});
  }
  return list;
}

Json blocking(const std::vector<ServerView::Blocking>& all) {
  Json list = Json::array();
  for (const ServerView::Blocking& pairs : all) {
    list.push_back({{"wait_event", pairs.wait},
                    {"blocked", pairs.blocked},
                    {"blocker", pairs.blocker},
                    {"blocker_state", pairs.blocker_state},
                    {"peak", pairs.peak},
                    {"mean", rounded(pairs.mean)}});
  }
  return list;
}

Json statements(const std::vector<ServerView::Statement>& all) {
  Json list = Json::array();
  for (const ServerView::Statement& statement : all) {
    list.push_back({{"query", statement.query},
                    {"calls", statement.calls},
                    {"total_ms", rounded(statement.total_ms)},
                    {"rows", statement.rows}});
  }
  return list;
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

std::vector<JsonNode> items_of(const JsonNode& node) {
  return node.is_null() ? std::vector<JsonNode>{} : node.items();
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
  server["applications"] = applications(view.applications);
  server["blocking"] = blocking(view.blocking);
  server["database"] = counters(view.database);
  server["checkpoints"] = counters(view.checkpoints);
  server["statements"] = statements(view.statements);
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
  for (const JsonNode& item : items_of(node["applications"])) {
    view.applications.push_back(
        {item["application_name"].text(), item["peak"].small_count(), item["mean"].number_or(0)});
  }
  for (const JsonNode& item : items_of(node["blocking"])) {
    view.blocking.push_back({item["wait_event"].text(), item["blocked"].text(),
                             item["blocker"].text(), item["blocker_state"].text(),
                             item["peak"].small_count(), item["mean"].number_or(0)});
  }
  view.database = read_counters(node["database"]);
  view.checkpoints = read_counters(node["checkpoints"]);
  for (const JsonNode& item : items_of(node["statements"])) {
    view.statements.push_back({item["query"].text(), item["calls"].count(),
                               item["total_ms"].number_or(0), item["rows"].count()});
  }
  view.cpu_s = node["cpu_s"].maybe_number();
  if (!node["cores"].is_null()) view.cores = node["cores"].small_count();
  view.memory = read_backend_memory(node["backend_memory"]);
  view.look_ms = node["look_ms"].number_or(0);
  view.look_cpu = node["look_cpu"].maybe_number();
}

}  // namespace poolgauge
