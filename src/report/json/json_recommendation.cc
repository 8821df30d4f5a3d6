// A recommendation as scripts read it: "recommendation" in scenarios/report.schema.json.
#include "report/json/json_recommendation.h"

#include "report/json/json_number.h"
#include "report/json/json_option.h"
#include "report/size_words.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

Json formula(const FormulaAnswer& rule) {
  Json inputs = Json::object();
  for (const auto& [name, value] : rule.inputs) inputs[name] = rounded(value);
  return {{"id", rule.id},
          {"name", rule.name},
          {"source", rule.source},
          {"assumes", rule.assumes},
          {"misleads", rule.misleads},
          {"inputs", inputs},
          {"pool_size", or_null(rule.pool_size)},
          {"max_overflow", or_null(rule.max_overflow)},
          {"max_connections", or_null(rule.max_connections)},
          {"fleet", or_null(rule.fleet)},
          {"fits", or_null(rule.fits)},
          {"latency_p95_ms", rounded(rule.latency_p95_ms)},
          {"meets_goals", or_null(rule.meets_goals)},
          {"note", text_or_null(rule.note)}};
}

Json alternative(const Alternative& one) {
  return {{"change", one.change},
          {"pool_size", or_null(one.pool_size)},
          {"max_overflow", or_null(one.max_overflow)},
          {"needed", or_null(one.needed)},
          {"effect", one.effect},
          {"first", one.first}};
}

Json limit(const ConnectionLimit& one) {
  return {{"of", one.of},
          {"name", text_or_null(one.name)},
          {"setting", one.setting},
          {"present", or_null(one.present)},
          {"reserved", one.reserved},
          {"others", one.others},
          {"available", or_null(one.available())},
          {"needed", one.needed},
          {"fits", one.fits()},
          {"recommended", one.recommended},
          {"change", one.must_change()}};
}

Json run(const SearchRun& one) {
  return {{"pool_size", one.pool_size},
          {"max_overflow", one.max_overflow},
          {"purpose", one.purpose},
          {"seconds", rounded(one.seconds)},
          {"usable", one.usable},
          {"met", one.met},
          {"note", text_or_null(one.note)},
          {"throughput_per_s", rounded(one.throughput_per_s)},
          {"predicted", forecast_json(one.predicted)},
          {"measured", forecast_json(one.measured)},
          {"goal_predicted", rounded(one.goal_predicted)},
          {"goal_measured", rounded(one.goal_measured)}};
}

Json search(const SearchRecord& record) {
  Json root = {{"outcome", record.outcome},
               {"certainty", text_or_null(record.certainty)},
               {"runs_met", record.runs_met},
               {"runs_of", record.runs_of},
               {"runs_needed", record.runs_needed},
               {"decides", text_or_null(record.decides)},
               {"decides_unit", text_or_null(record.decides_unit)},
               {"headroom", rounded(record.headroom)},
               {"spread", rounded(record.spread)},
               {"sentence", record.sentence},
               {"binds", text_or_null(record.binds)},
               {"neighbours", record.neighbours},
               {"seconds", rounded(record.seconds)}};
  root["runs"] = Json::array();
  for (const SearchRun& one : record.runs) root["runs"].push_back(run(one));
  return root;
}

/// As the scenario would write them.
Json options(const NamedOptions& all) {
  Json root = Json::object();
  for (const auto& [name, value] : all) root[name] = option_json(value);
  return root;
}

Json pooler(const PoolerSizes& sizes) {
  return {{"pool_mode", sizes.pool_mode},
          {"default_pool_size", sizes.default_pool_size},
          {"reserve_pool_size", sizes.reserve_pool_size},
          {"max_client_conn", sizes.max_client_conn},
          {"max_db_connections", sizes.max_db_connections},
          {"query_wait_timeout_s", rounded(sizes.query_wait_timeout_s)}};
}

}  // namespace

Json budget_json(const ConnectionBudget& budget) {
  return {{"max_connections", budget.max_connections},
          {"reserved", budget.reserved},
          {"other_clients", budget.other_clients},
          {"available", budget.available},
          {"needed", budget.needed},
          {"headroom", budget.headroom()},
          {"fits", budget.fits()}};
}

Json forecast_json(const PoolForecast& forecast) {
  return {{"latency_p95_ms", rounded(forecast.latency_p95_ms)},
          {"pool_timeout_rate", rounded(forecast.pool_timeout_rate)},
          {"wait_probability", rounded(forecast.wait_probability)},
          {"pool_wait_p95_ms", rounded(forecast.pool_wait_p95_ms)},
          {"utilization", rounded(forecast.utilization)}};
}

Json other_pool(const OtherPool& pool) {
  return {{"name", pool.name},
          {"target", pool.target},
          {"pool_size", or_null(pool.pool_size)},
          {"now", or_null(pool.now)},
          {"most", pool.most},
          {"needed", pool.needed},
          {"available", or_null(pool.available)}};
}

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
               {"budget", r.max_connections > 0 ? budget_json(r.budget) : Json(nullptr)},
               {"pooler", r.pooler ? pooler(*r.pooler) : Json(nullptr)},
               {"confidence", confidence_name(r.confidence)},
               {"confirmed", r.confirmed}};
  if (r.search) {
    root["limits"] = Json::array();
    for (const ConnectionLimit& one : r.limits) root["limits"].push_back(limit(one));
    root["beyond_limits"] = or_null(r.beyond_limits);
  }
  root["formulas"] = Json::array();
  for (const FormulaAnswer& rule : r.formulas) root["formulas"].push_back(formula(rule));
  root["predicted"] = forecast_json(r.predicted);
  root["measured"] = r.measured ? forecast_json(*r.measured) : Json(nullptr);
  root["alternatives"] = Json::array();
  for (const Alternative& one : r.alternatives) root["alternatives"].push_back(alternative(one));
  root["why"] = r.why;
  root["warnings"] = r.warnings;
  root["snippets"] = Json::object();
  for (const Snippet& snippet : r.snippets) root["snippets"][snippet.id] = snippet.text;
  for (const OtherPool& one : r.other_pools) root["other_pools"].push_back(other_pool(one));
  if (!r.kind.empty()) {
    root["kind"] = r.kind;
    root["options"] = options(r.options);
    root["own_snippet"] = text_or_null(r.own_snippet);
  }
  if (r.search) root["search"] = search(*r.search);
  return root;
}

}  // namespace poolgauge
