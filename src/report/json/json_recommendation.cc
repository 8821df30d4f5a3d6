// A recommendation as scripts read it: "recommendation" in scenarios/report.schema.json.
#include "report/json/json_parts.h"

#include "report/json/json_number.h"
#include "report/json/report_fields.h"
#include "report/size_words.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// As the scenario would write them.
Json options(const NamedOptions& all) {
  Json root = Json::object();
  for (const auto& [name, value] : all) root[name] = option_json(value);
  return root;
}

}  // namespace

Json recommendation_json(const Recommendation& r) {
  Json root = {{"pool_size", r.pool_size},
               {"max_overflow", r.max_overflow},
               {"pool_timeout_s", rounded(r.pool_timeout_s)},
               {"pool_recycle_s", rounded(r.pool_recycle_s)},
               {"pre_ping", r.pre_ping},
               {"connect_timeout_s", rounded(r.connect_timeout_s)},
               {"statement_timeout_s", rounded(r.statement_timeout_s)},
               {"idle_in_transaction_timeout_s", rounded(r.idle_in_transaction_timeout_s)},
               {"max_connections", r.max_connections > 0 ? Json(r.max_connections) : Json(nullptr)},
               {"present_max_connections", or_null(r.present_max_connections)},
               {"growth", rounded(r.growth)},
               {"per", "process"},
               {"capacity", r.capacity},
               {"budget", r.max_connections > 0 ? in_json(r.budget) : Json(nullptr)},
               {"pooler", in_json(r.pooler)},
               {"confidence", confidence_name(r.confidence)},
               {"confirmed", r.confirmed}};
  if (r.search) {
    root["limits"] = in_json(r.limits);
    root["beyond_limits"] = or_null(r.beyond_limits);
  }
  root["formulas"] = in_json(r.formulas);
  root["predicted"] = in_json(r.predicted);
  root["measured"] = in_json(r.measured);
  root["alternatives"] = in_json(r.alternatives);
  root["why"] = r.why;
  root["warnings"] = r.warnings;
  root["snippets"] = Json::object();
  for (const Snippet& snippet : r.snippets) root["snippets"][snippet.id] = snippet.text;
  if (!r.other_pools.empty()) root["other_pools"] = in_json(r.other_pools);
  if (!r.kind.empty()) {
    root["kind"] = r.kind;
    root["options"] = options(r.options);
    root["own_snippet"] = text_or_null(r.own_snippet);
  }
  if (r.search) root["search"] = in_json(*r.search);
  return root;
}

}  // namespace poolgauge
