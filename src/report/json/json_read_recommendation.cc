// A recommendation read back from JSON.
#include "advise/snippets.h"
#include "report/json/json_read_figures.h"
#include "report/json/json_recommendation.h"

namespace poolgauge {
namespace {

std::optional<std::int64_t> maybe_whole(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  return node.integer();
}

std::optional<bool> maybe_flag(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  return node.flag();
}

std::vector<std::string> texts(const JsonNode& node) {
  std::vector<std::string> all;
  if (node.is_null()) return all;
  for (const JsonNode& item : node.items()) all.push_back(item.text());
  return all;
}

PoolForecast read_forecast(const JsonNode& node) {
  PoolForecast forecast;
  forecast.latency_p95_ms = node["latency_p95_ms"].maybe_number();
  forecast.pool_timeout_rate = node["pool_timeout_rate"].maybe_number();
  forecast.wait_probability = node["wait_probability"].maybe_number();
  forecast.pool_wait_p95_ms = node["pool_wait_p95_ms"].maybe_number();
  forecast.utilization = node["utilization"].maybe_number();
  return forecast;
}

FormulaAnswer read_formula(const JsonNode& node) {
  FormulaAnswer rule;
  rule.id = node["id"].text();
  rule.name = node["name"].text_or(rule.id);
  rule.source = node["source"].text_or("");
  rule.assumes = node["assumes"].text_or("");
  rule.misleads = node["misleads"].text_or("");
  if (!node["inputs"].is_null()) {
    for (const auto& [name, value] : node["inputs"].members()) {
      rule.inputs.emplace_back(name, value.number_or(0));
    }
  }
  rule.pool_size = maybe_whole(node["pool_size"]);
  rule.max_overflow = maybe_whole(node["max_overflow"]);
  rule.max_connections = maybe_whole(node["max_connections"]);
  rule.fleet = maybe_whole(node["fleet"]);
  rule.fits = maybe_flag(node["fits"]);
  rule.latency_p95_ms = node["latency_p95_ms"].maybe_number();
  rule.meets_goals = maybe_flag(node["meets_goals"]);
  rule.note = node["note"].text_or("");
  return rule;
}

Alternative read_alternative(const JsonNode& node) {
  return {node["change"].text(),
          maybe_whole(node["pool_size"]),
          maybe_whole(node["max_overflow"]),
          maybe_whole(node["needed"]),
          node["effect"].text_or(""),
          !node["first"].is_null() && node["first"].flag()};
}

ConnectionLimit read_limit(const JsonNode& node) {
  ConnectionLimit limit;
  limit.of = node["of"].text();
  limit.name = node["name"].text_or("");
  limit.setting = node["setting"].text_or("");
  limit.present = maybe_whole(node["present"]);
  limit.reserved = node["reserved"].integer();
  limit.others = node["others"].integer();
  limit.needed = node["needed"].integer();
  limit.recommended = node["recommended"].integer();
  return limit;
}

PoolerSizes read_pooler(const JsonNode& node) {
  PoolerSizes sizes;
  sizes.pool_mode = node["pool_mode"].text_or("transaction");
  sizes.default_pool_size = node["default_pool_size"].integer();
  sizes.reserve_pool_size = node["reserve_pool_size"].integer();
  sizes.max_client_conn = node["max_client_conn"].integer();
  sizes.max_db_connections = node["max_db_connections"].integer();
  sizes.query_wait_timeout_s = node["query_wait_timeout_s"].number();
  return sizes;
}

ConnectionBudget read_budget(const JsonNode& node) {
  return {node["max_connections"].integer(), node["reserved"].integer(),
          node["other_clients"].integer(), node["available"].integer(), node["needed"].integer()};
}

SearchRun read_run(const JsonNode& node) {
  SearchRun run;
  run.pool_size = node["pool_size"].integer();
  run.max_overflow = node["max_overflow"].integer();
  run.purpose = node["purpose"].text();
  run.seconds = node["seconds"].number();
  run.usable = node["usable"].flag();
  run.met = node["met"].flag();
  run.note = node["note"].text_or("");
  run.throughput_per_s = node["throughput_per_s"].number_or(0);
  run.predicted = read_forecast(node["predicted"]);
  run.measured = read_forecast(node["measured"]);
  run.goal_predicted = node["goal_predicted"].maybe_number();
  run.goal_measured = node["goal_measured"].maybe_number();
  return run;
}

SearchRecord read_search(const JsonNode& node) {
  SearchRecord record;
  record.outcome = node["outcome"].text();
  record.sentence = node["sentence"].text_or("");
  record.certainty = node["certainty"].text_or("");
  record.runs_met = static_cast<int>(maybe_whole(node["runs_met"]).value_or(0));
  record.runs_of = static_cast<int>(maybe_whole(node["runs_of"]).value_or(0));
  record.runs_needed = static_cast<int>(maybe_whole(node["runs_needed"]).value_or(0));
  record.decides = node["decides"].text_or("");
  record.decides_unit = node["decides_unit"].text_or("");
  record.headroom = node["headroom"].maybe_number();
  record.spread = node["spread"].maybe_number();
  record.binds = node["binds"].text_or("");
  record.neighbours = texts(node["neighbours"]);
  record.seconds = node["seconds"].number_or(0);
  for (const JsonNode& item : node["runs"].items()) record.runs.push_back(read_run(item));
  return record;
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
  for (const JsonNode& item : node["formulas"].items()) r.formulas.push_back(read_formula(item));
  for (const JsonNode& item : node["alternatives"].items()) {
    r.alternatives.push_back(read_alternative(item));
  }
  r.why = texts(node["why"]);
  r.warnings = texts(node["warnings"]);
}

OtherPool read_other_pool(const JsonNode& node) {
  OtherPool pool;
  pool.name = node["name"].text();
  pool.target = node["target"].text();
  if (!node["pool_size"].is_null()) pool.pool_size = node["pool_size"].integer();
  if (!node["now"].is_null()) pool.now = node["now"].integer();
  pool.most = node["most"].integer();
  pool.needed = node["needed"].integer();
  pool.available = maybe_whole(node["available"]);
  return pool;
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
  if (!node["limits"].is_null()) {
    for (const JsonNode& item : node["limits"].items()) r.limits.push_back(read_limit(item));
  }
  if (!node["pooler"].is_null()) r.pooler = read_pooler(node["pooler"]);
  r.capacity = node["capacity"].integer();
  if (!node["budget"].is_null()) r.budget = read_budget(node["budget"]);
  r.confidence = read_confidence(node["confidence"]);
  r.confirmed = node["confirmed"].flag();
  r.predicted = read_forecast(node["predicted"]);
  if (!node["measured"].is_null()) r.measured = read_forecast(node["measured"]);
  read_lists(r, node);
  read_snippets(r, node["snippets"]);
  r.kind = node["kind"].text_or("");
  if (!node["options"].is_null()) {
    for (const auto& [name, value] : node["options"].members()) {
      r.options.emplace_back(name, read_option(value));
    }
  }
  r.own_snippet = node["own_snippet"].text_or("");
  if (!node["other_pools"].is_null()) {
    for (const JsonNode& item : node["other_pools"].items()) {
      r.other_pools.push_back(read_other_pool(item));
    }
  }
  if (!node["search"].is_null()) r.search = read_search(node["search"]);
  return r;
}

}  // namespace poolgauge
