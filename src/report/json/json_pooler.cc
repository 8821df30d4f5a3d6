// PgBouncer's figures in JSON, under its own names.
#include "report/json/json_pooler.h"

#include <array>

#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// A gauge and its name in SHOW POOLS.
struct PoolerGauge {
  const char* name;
  std::uint32_t PoolerSample::*value;
};
constexpr std::array kPoolerGauges = {PoolerGauge{"sv_active", &PoolerSample::sv_active},
                                      PoolerGauge{"sv_idle", &PoolerSample::sv_idle},
                                      PoolerGauge{"sv_used", &PoolerSample::sv_used},
                                      PoolerGauge{"sv_tested", &PoolerSample::sv_tested},
                                      PoolerGauge{"sv_login", &PoolerSample::sv_login},
                                      PoolerGauge{"cl_active", &PoolerSample::cl_active},
                                      PoolerGauge{"cl_waiting", &PoolerSample::cl_waiting}};

/// Reports from before it was written have none.
bool flag_or_false(const JsonNode& node) {
  return !node.is_null() && node.flag();
}

}  // namespace

Json pooler_facts_json(const std::optional<PoolerFacts>& facts) {
  if (!facts) return nullptr;
  Json config = Json::object();
  for (const auto& [name, value] : facts->config) config[name] = value;
  return {{"kind", facts->kind},
          {"version", text_or_null(facts->version)},
          {"origin", facts->origin},
          {"pool_mode", facts->pool_mode},
          {"pool_size", facts->pool_size},
          {"max_client_conn", facts->max_client_conn},
          {"tracks_prepared", facts->tracks_prepared},
          {"unprepared", facts->unprepared},
          {"config", std::move(config)}};
}

Json pooler_view_json(const PoolerView& view) {
  Json series = Json::array();
  for (const PoolerSample& sample : view.series) {
    Json point{{"t_s", rounded(sample.t_s)}};
    for (const PoolerGauge& gauge : kPoolerGauges) point[gauge.name] = sample.*gauge.value;
    point["maxwait_s"] = rounded(sample.maxwait_s);
    series.push_back(std::move(point));
  }
  const Json wait = view.server_wait_ms ? Json(rounded(*view.server_wait_ms)) : Json(nullptr);
  const Json from = view.server_wait_ms ? Json(view.server_wait_from) : Json(nullptr);
  const Json share =
      view.server_wait_share ? Json(rounded(*view.server_wait_share)) : Json(nullptr);
  return {{"seconds", rounded(view.seconds)},
          {"xact_count", view.transactions},
          {"query_count", view.queries},
          {"wait_time_s", rounded(view.wait_s)},
          {"xact_time_s", rounded(view.transaction_s)},
          {"query_time_s", rounded(view.query_s)},
          {"server_wait_ms", wait},
          {"server_wait_from", from},
          {"server_wait_share", share},
          {"series", std::move(series)},
          {"note", view.note}};
}

std::optional<PoolerFacts> read_pooler_facts(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  PoolerFacts facts;
  facts.kind = node["kind"].text();
  facts.version = node["version"].text_or("");
  facts.origin = node["origin"].text_or("");
  facts.pool_mode = node["pool_mode"].text_or("");
  facts.pool_size = node["pool_size"].integer();
  facts.max_client_conn = node["max_client_conn"].integer();
  facts.tracks_prepared = flag_or_false(node["tracks_prepared"]);
  facts.unprepared = flag_or_false(node["unprepared"]);
  for (const auto& [name, value] : node["config"].members()) {
    facts.config.emplace_back(name, value.text());
  }
  return facts;
}

PoolerView read_pooler_view(const JsonNode& node) {
  PoolerView view;
  if (node.is_null()) return view;
  view.seconds = node["seconds"].number();
  view.transactions = node["xact_count"].count();
  view.queries = node["query_count"].count();
  view.wait_s = node["wait_time_s"].number();
  view.transaction_s = node["xact_time_s"].number();
  view.query_s = node["query_time_s"].number();
  view.server_wait_ms = node["server_wait_ms"].maybe_number();
  view.server_wait_from = node["server_wait_from"].text_or("");
  view.server_wait_share = node["server_wait_share"].maybe_number();
  view.note = node["note"].text_or("");
  for (const JsonNode& item : node["series"].items()) {
    PoolerSample sample;
    sample.t_s = item["t_s"].number();
    for (const PoolerGauge& gauge : kPoolerGauges)
      sample.*gauge.value = item[gauge.name].small_count();
    sample.maxwait_s = item["maxwait_s"].number();
    view.series.push_back(sample);
  }
  return view;
}

}  // namespace poolgauge
