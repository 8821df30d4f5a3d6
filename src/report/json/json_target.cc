// Facts to JSON, in the order in which the schema describes them.
#include "report/json/json_target.h"

namespace poolgauge {

using Json = nlohmann::ordered_json;

Json replica_facts_json(const std::optional<ReplicaFacts>& facts) {
  if (!facts) return nullptr;
  return {{"address", facts->address},
          {"server_version", facts->server_version},
          {"max_connections", facts->max_connections},
          {"reserved_connections", facts->reserved_connections}};
}

Json simulation_facts_json(const SimulationFacts& facts) {
  Json json = {{"costs", facts.costs}, {"assumes", facts.assumes}};
  if (!facts.locks.empty()) json["locks"] = facts.locks;
  return json;
}

}  // namespace poolgauge
