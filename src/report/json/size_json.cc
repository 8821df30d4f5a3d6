// A sizing as JSON: scenarios/size.schema.json.
#include "base/visible_text.h"
#include "report/json/json_number.h"
#include "report/json/json_parts.h"
#include "report/json/report_fields.h"
#include "report/size_words.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

Json inputs(const SizeInputs& in) {
  return {{"profile", in.profile},
          {"pool", text_or_null(in.kind)},
          {"instances", in.instances},
          {"processes", in.processes},
          {"pools", in.pools},
          {"threads", or_null(in.threads)},
          {"connections_per_request", in.connections_per_request},
          {"cores", or_null(in.cores)},
          {"app_cores", or_null(in.app_cores)},
          {"memory_mib", rounded(in.memory_mib)},
          {"app_memory_mib", rounded(in.app_memory_mib)},
          {"spindles", or_null(in.spindles)},
          {"ssd", in.ssd},
          {"max_connections", or_null(in.max_connections)},
          {"reserved", or_null(in.reserved)},
          {"other_clients", or_null(in.other_clients)},
          {"work_mem_mib", rounded(in.work_mem_mib)},
          {"shared_buffers_mib", rounded(in.shared_buffers_mib)},
          {"connection_mib", rounded(in.connection_mib)},
          {"connect_s", rounded(in.connect_s)},
          {"from", text_or_null(in.from)},
          {"surge", rounded(in.surge)},
          {"headroom", rounded(in.headroom)},
          {"headroom_load", rounded(in.headroom_load)},
          {"hold_s", rounded(in.hold_s)},
          {"sql_s", rounded(in.sql_s)},
          {"rate_per_s", rounded(in.rate_per_s)},
          {"deadline_s", rounded(in.deadline_s)},
          {"pgbouncer", in.pgbouncer},
          {"pgbouncer_processes", in.pgbouncer_processes},
          {"pgbouncer_pairs", in.pgbouncer_pairs},
          {"pool_mode", in.pool_mode},
          {"default_pool_size", or_null(in.default_pool_size)},
          {"reserve_pool_size", or_null(in.reserve_pool_size)},
          {"max_client_conn", or_null(in.max_client_conn)}};
}

Json judged(const JudgedSetting& one) {
  return {{"pool_size", one.pool_size},
          {"max_overflow", one.max_overflow},
          {"needed", one.needed},
          {"available", one.available == INT64_MAX ? Json(nullptr) : Json(one.available)},
          {"fits", one.fits()},
          {"largest_pool", one.available == INT64_MAX ? Json(nullptr) : Json(one.largest_pool)},
          {"largest_pool_without_headroom", one.largest_without_headroom == INT64_MAX
                                                ? Json(nullptr)
                                                : Json(one.largest_without_headroom)},
          {"arithmetic", one.arithmetic},
          {"predicted", in_json(one.forecast)}};
}

Json check(const Sizing& sizing) {
  Json problems = Json::array();
  for (const SizeProblem& one : sizing.problems) {
    problems.push_back({{"id", one.id}, {"text", one.text}});
  }
  return {{"of", sizing.asked ? "asked" : "recommended"},
          {"passed", sizing.problems.empty()},
          {"sentence", check_line(sizing)},
          {"problems", problems}};
}

Json hops(const Sizing& sizing) {
  Json list = Json::array();
  for (const Hop& hop : sizing.hops) {
    list.push_back(
        {{"name", hop.name}, {"arithmetic", hop.arithmetic}, {"budget", in_json(hop.budget)}});
  }
  return list;
}

Json alerts(const Sizing& sizing) {
  Json list = Json::array();
  for (const AlertLine& alert : sizing.alerts) {
    list.push_back({{"name", alert.name},
                    {"utilization", rounded(alert.utilization)},
                    {"wait_probability", rounded(alert.wait_probability)},
                    {"meaning", alert.meaning}});
  }
  return list;
}

Json memory(const MemoryBound& bound) {
  return {{"shared_buffers_mib", rounded(bound.shared_buffers)},
          {"backends_mib", rounded(bound.backends)},
          {"work_mib", rounded(bound.work)},
          {"page_tables_mib", rounded(bound.page_tables)},
          {"total_mib", rounded(bound.total)},
          {"ram_mib", rounded(bound.ram)},
          {"connections", or_null(bound.connections)},
          {"arithmetic", bound.arithmetic}};
}

}  // namespace

std::string to_json(const Sizing& sizing, const SizeFacts& facts) {
  Json root;
  root["schema_version"] = 1;
  root["tool"] = {{"name", "poolgauge"}, {"version", facts.tool_version}};
  root["command"] = "size";
  root["command_line"] = facts.command_line;
  root["started_at"] = facts.started_at;
  root["inputs"] = inputs(sizing.inputs);
  root["assumed"] = sizing.assumed;
  root["growth"] = rounded(sizing.growth);
  root["headroom"] = rounded(sizing.headroom);
  root["check"] = check(sizing);
  root["recommendable"] = sizing.recommendable;
  root["recommendation"] = recommendation_json(sizing.recommendation);
  root["judged"] = sizing.judged ? judged(*sizing.judged) : Json(nullptr);
  root["hops"] = hops(sizing);
  root["alerts"] = alerts(sizing);
  root["memory"] = memory(sizing.memory);
  root["timeouts"] = sizing.timeouts;
  return visible_json(root.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
