// A recommendation read back from JSON.
#include "advise/snippets.h"
#include "report/json/json_parts.h"
#include "report/json/report_fields.h"

namespace poolgauge {
namespace {

std::optional<std::int64_t> maybe_whole(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  return node.integer();
}

std::vector<std::string> texts(const JsonNode& node) {
  std::vector<std::string> all;
  if (node.is_null()) return all;
  for (const JsonNode& item : node.items()) all.push_back(item.text());
  return all;
}

Confidence read_confidence(const JsonNode& node) {
  const std::string name = node.text();
  if (name == "formula") return Confidence::formula;
  if (name == "simulated") return Confidence::simulated;
  if (name != "measured") node.expected("formula, simulated or measured");
  return Confidence::measured;
}

/// Titles and languages are not in the file; the texts are.
void read_snippets(Recommendation& r, const JsonNode& node) {
  const auto members = node.members();
  for (Snippet& snippet : every_snippet()) {
    for (const auto& [id, text] : members) {
      if (snippet.id != id) continue;
      snippet.text = text.text();
      r.snippets.push_back(snippet);
    }
  }
}

void read_times(Recommendation& r, const JsonNode& node) {
  r.pool_timeout_s = node["pool_timeout_s"].number_or(0);
  r.pool_recycle_s = node["pool_recycle_s"].number_or(0);
  r.pre_ping = node["pre_ping"].is_null() || node["pre_ping"].flag();
  r.connect_timeout_s = node["connect_timeout_s"].number_or(0);
  r.statement_timeout_s = node["statement_timeout_s"].number_or(0);
  r.idle_in_transaction_timeout_s = node["idle_in_transaction_timeout_s"].number_or(0);
}

void read_lists(Recommendation& r, const JsonNode& node) {
  r.formulas = InJson<std::vector<FormulaAnswer>>::read(node["formulas"]);
  for (FormulaAnswer& rule : r.formulas) {
    if (rule.name.empty()) rule.name = rule.id;
  }
  r.alternatives = InJson<std::vector<Alternative>>::read(node["alternatives"]);
  r.why = texts(node["why"]);
  r.warnings = texts(node["warnings"]);
}

}  // namespace

Recommendation read_recommendation(const JsonNode& node) {
  Recommendation r;
  r.pool_size = node["pool_size"].integer();
  r.max_overflow = node["max_overflow"].integer();
  read_times(r, node);
  r.max_connections = maybe_whole(node["max_connections"]).value_or(0);
  r.present_max_connections = maybe_whole(node["present_max_connections"]);
  r.growth = node["growth"].number_or(0);
  r.beyond_limits = maybe_whole(node["beyond_limits"]);
  r.limits = read_list<ConnectionLimit>(node["limits"]);
  r.pooler = InJson<std::optional<PoolerSizes>>::read(node["pooler"]);
  r.capacity = node["capacity"].integer();
  if (!node["budget"].is_null()) r.budget = InJson<ConnectionBudget>::read(node["budget"]);
  r.confidence = read_confidence(node["confidence"]);
  r.confirmed = node["confirmed"].flag();
  r.predicted = InJson<PoolForecast>::read(node["predicted"]);
  r.measured = InJson<std::optional<PoolForecast>>::read(node["measured"]);
  read_lists(r, node);
  read_snippets(r, node["snippets"]);
  r.kind = node["kind"].text_or("");
  if (!node["options"].is_null()) {
    for (const auto& [name, value] : node["options"].members()) {
      r.options.emplace_back(name, read_option(value));
    }
  }
  r.own_snippet = node["own_snippet"].text_or("");
  r.other_pools = read_list<OtherPool>(node["other_pools"]);
  r.search = InJson<std::optional<SearchRecord>>::read(node["search"]);
  return r;
}

}  // namespace poolgauge
