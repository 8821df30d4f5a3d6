// Threads, loop lag, descriptors and the machine: to JSON and back. What was not seen is null.
#include "report/json/json_parts.h"

#include <array>

#include "report/json/json_number.h"
#include "report/json/report_fields.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

struct MachinePart {
  const char* name;
  double MachineView::*value;
};
constexpr std::array kMachineParts{
    MachinePart{"others", &MachineView::others}, MachinePart{"databases", &MachineView::databases},
    MachinePart{"own", &MachineView::own}, MachinePart{"stolen", &MachineView::stolen}};

Json seen(double value) {
  return value < 0 ? Json(nullptr) : rounded(value);
}

Json count_or_null(std::uint64_t count) {
  return count > 0 ? Json(count) : Json(nullptr);
}

}  // namespace

void write_client_details(Json& client, const ClientFigures& figures) {
  Json& threads = client["by_thread"] = Json::array();
  for (const ThreadView& thread : figures.by_thread) {
    threads.push_back(
        {{"cpu_busy", seen(thread.cpu_busy_ratio)}, {"run_wait", seen(thread.run_wait_ratio)}});
  }
  client["loop_lag_ms"] = in_json(figures.loop_lag);
  client["descriptors"] = {{"peak", count_or_null(figures.descriptors_peak)},
                           {"limit", count_or_null(figures.descriptors_limit)}};
  Json& machine = client["machine_cpu"] = Json::object();
  machine["processors"] = count_or_null(figures.machine.processors);
  for (const MachinePart& part : kMachineParts) {
    machine[part.name] = seen(figures.machine.*part.value);
  }
}

ClientFigures read_client_details(const JsonNode& client) {
  ClientFigures figures;
  if (client["by_thread"].is_null()) return figures;
  for (const JsonNode& thread : client["by_thread"].items()) {
    figures.by_thread.push_back({thread["cpu_busy"].number_or(0), thread["run_wait"].number_or(0)});
  }
  figures.loop_lag = extra_summary(client["loop_lag_ms"]);
  const auto count = [](const JsonNode& node) { return node.is_null() ? 0 : node.count(); };
  figures.descriptors_peak = count(client["descriptors"]["peak"]);
  figures.descriptors_limit = count(client["descriptors"]["limit"]);
  const JsonNode machine = client["machine_cpu"];
  for (const MachinePart& part : kMachineParts) {
    figures.machine.*part.value = machine[part.name].number_or(-1);
  }
  if (!machine["processors"].is_null()) {
    figures.machine.processors = machine["processors"].small_count();
  }
  return figures;
}

}  // namespace poolgauge
