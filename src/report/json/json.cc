// A report as JSON: the names, their order and the rounding that scripts rely on.
#include <nlohmann/json.hpp>

#include "assess/describe.h"
#include "assess/goals.h"
#include "assess/verdict.h"
#include "base/visible_text.h"
#include "poolgauge/report.h"
#include "report/json/histograms.h"
#include "report/json/json_number.h"
#include "report/json/json_parts.h"
#include "report/json/report_fields.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// Six significant digits: beyond what any of our clocks can tell, and the same on every machine.
Json interval(const std::optional<std::pair<double, double>>& value) {
  if (!value) return nullptr;
  return Json::array({rounded(value->first), rounded(value->second)});
}

Json scenario(const Report& report) {
  Json resolved = Json::parse(report.scenario_json, nullptr, false);
  if (resolved.is_discarded()) resolved = nullptr;
  return {{"name", report.scenario_name}, {"description", report.scenario_description},
          {"file", report.scenario_file}, {"sha256", report.scenario_sha256},
          {"load", report.load_text},     {"pool", report.pool_text},
          {"fleet", report.fleet_text},   {"resolved", std::move(resolved)}};
}

Json target(const TargetFacts& facts) {
  Json json = {{"kind", facts.kind},
               {"address", facts.address},
               {"server_version", facts.server_version},
               {"max_connections", facts.max_connections},
               {"reserved_connections", facts.reserved_connections},
               {"replica", in_json(facts.replica)},
               {"pooler", in_json(facts.pooler)}};
  if (!facts.named_by.empty()) json["named_by"] = facts.named_by;
  if (const auto& simulation = facts.simulation) {
    json["simulation"] = {{"costs", simulation->costs}, {"assumes", simulation->assumes}};
    if (!simulation->locks.empty()) json["simulation"]["locks"] = simulation->locks;
  }
  return json;
}

Json goal_result(const GoalResult& goal) {
  Json json = in_json(goal);
  if (goal.at_least) json["at_least"] = rounded(*goal.at_least);
  if (goal.windows > 0) json["windows"] = goal.windows;
  if (goal.worst_at_s) json["worst_at_s"] = rounded(goal.worst_at_s);
  if (goal.ended_the_run) json["ended_the_run"] = true;
  if (const std::string label = open_label(goal); !label.empty()) json["not_judged"] = label;
  if (!goal.why.empty()) json["why"] = goal.why;
  return json;
}

Json machine(const MachineFacts& facts) {
  if (facts.cores == 0) return nullptr;
  return in_json(facts);
}

Json verdict(const Verdict& v) {
  Json goals = Json::array();
  for (const GoalResult& goal : v.goals) goals.push_back(goal_result(goal));
  Json json = {{"status", status_name(v.status)},
               {"exit_code", v.exit_code},
               {"reasons", v.reasons},
               {"slo", std::move(goals)}};
  if (!v.unjudged.empty()) json["unjudged"] = v.unjudged;
  return json;
}

Json requests(const RequestCounts& counts) {
  return {{"scheduled", counts.scheduled()},  {"completed", counts.completed},
          {"failed", counts.failed},          {"shed", counts.shed},
          {"in_flight", counts.in_flight},    {"carried_in", counts.carried_in},
          {"not_started", counts.not_started}};
}

Json failures(const std::vector<FailureCount>& all) {
  Json list = Json::array();
  for (const FailureCount& failure : all) {
    list.push_back(in_json(failure));
    if (failure.waiting > 0) list.back()["waiting"] = failure.waiting;
  }
  return list;
}

Json retries(const RetryCounts& counts) {
  Json list = Json::array();
  for (const RetryCounts::Cause& cause : counts.causes) {
    list.push_back({{"sqlstate", cause.sqlstate}, {"count", cause.count}});
  }
  return {{"requests", counts.requests},
          {"completed", counts.completed},
          {"by_sqlstate", std::move(list)}};
}

Json breakdown(const Report& report) {
  const Breakdown& b = report.breakdown_ms;
  Json parts{{"start", rounded(b.start)},   {"pool_wait", rounded(b.pool_wait)},
             {"begin", rounded(b.begin)},   {"sql", rounded(b.sql)},
             {"hold", rounded(b.hold)},     {"pause", rounded(b.pause)},
             {"commit", rounded(b.commit)}, {"release", rounded(b.release)},
             {"other", rounded(b.other)}};
  if (report.retries) parts["backoff"] = rounded(b.backoff);
  return parts;
}

Json pool(const PoolSummary& summary) {
  const PoolMeasurement& m = summary.measured;
  Json options = Json::object();
  for (const auto& [name, value] : summary.options) options[name] = option_json(value);
  Json figures = {{"name", m.name},
                  {"kind", summary.kind},
                  {"target", summary.target},
                  {"role", text_or_null(summary.role)},
                  {"role_by", text_or_null(summary.role_by)},
                  {"options", std::move(options)},
                  {"processes", m.processes},
                  {"capacity", m.capacity < 0 ? Json(nullptr) : Json(m.capacity)},
                  {"peak_checked_out", m.peak_checked_out},
                  {"peak_open", m.peak_open},
                  {"peak_overflow", m.peak_overflow},
                  {"peak_waiting", m.peak_waiting},
                  {"peak_demand", m.peak_demand},
                  {"connects", m.connects},
                  {"connect_failures", m.connect_failures},
                  {"closes", m.closes},
                  {"checkouts", m.checkouts},
                  {"pings", m.pings},
                  {"resets", m.resets},
                  {"checked_out_mean", rounded(m.checked_out_mean)},
                  {"open_mean", rounded(m.open_mean)},
                  {"waiting_mean", rounded(m.waiting_mean)},
                  {"utilization_mean", rounded(summary.utilization_mean)}};
  if (m.direct_connects > 0) figures["direct_connects"] = m.direct_connects;
  return figures;
}

/// What was not seen is null, never a zero that looks like a measurement.
Json server(const Report& report) {
  const ServerView& view = report.server;
  const bool seen = view.samples > 0;
  const auto gauge = [seen](double value) { return seen ? rounded(value) : Json(nullptr); };
  Json events = Json::object();
  for (const ServerView::WaitEvent& event : view.wait_events) {
    events[event.type] = rounded(event.mean);
  }
  Json settings = Json::object();
  for (const auto& [name, value] : report.target.settings) settings[name] = value;
  Json figures{{"samples", view.samples},
               {"connections_peak", seen ? Json(view.connections_peak) : Json(nullptr)},
               {"active_mean", gauge(view.active_mean)},
               {"idle_in_transaction_mean", gauge(view.idle_in_transaction_mean)},
               {"idle_mean", gauge(view.idle_mean)},
               {"wait_events", std::move(events)},
               {"connections", in_json(view.connections)},
               {"settings", std::move(settings)},
               {"note", view.note}};
  add_server_json(figures, view, report.window_s);
  return figures;
}

Json client(const Report& report) {
  Json client = {{"cpu_busy", rounded(report.client_cpu_busy)},
                 {"cpu_s", rounded(report.client_cpu_s)},
                 {"threads", report.client_threads},
                 {"schedule_lag_p99_ms", rounded(report.schedule_lag.p99)},
                 {"schedule_lag_ms", in_json(report.schedule_lag)},
                 {"saturated", report.client_saturated}};
  write_client_details(client, report.client);
  return client;
}

Json diagnosis(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"finding", finding.finding},
                    {"headline", headline(finding)},
                    {"evidence", finding.evidence},
                    {"advice", finding.advice},
                    {"experiment", text_or_null(finding.experiment)}});
  }
  return list;
}

Json window(const Report& report) {
  const Steadiness& steady = report.steady;
  return {{"warmup_s", rounded(report.warmup_s)},
          {"measured_s", rounded(report.window_s)},
          {"warmup_auto", steady.automatic},
          {"warmup_reached", steady.automatic ? Json(steady.reached) : Json(nullptr)},
          {"steady", steady.known ? Json(steady.after_s.has_value()) : Json(nullptr)},
          {"steady_after_s", rounded(steady.after_s)}};
}

void add_figures(Json& root, const Report& report) {
  root["requests"] = requests(report.requests);
  root["failures"] = failures(report.failures);
  if (report.retries) root["retries"] = retries(*report.retries);
  root["rates"] = {{"pool_timeout", rounded(report.rate_pool_timeout)},
                   {"deadline", rounded(report.rate_deadline)},
                   {"error", rounded(report.rate_error)}};
  root["rates_ci95"] = {{"pool_timeout", interval(report.pool_timeout_ci95)},
                        {"deadline", interval(report.deadline_ci95)},
                        {"error", interval(report.error_ci95)}};
  root["throughput_per_s"] = rounded(report.throughput_per_s);
  root["throughput_per_s_ci95"] = interval(report.throughput_ci95);
  root["latency_ms"] = in_json(report.latency);
  root["response_ms"] = in_json(report.response);
  root["pool_wait_ms"] = in_json(report.pool_wait);
  root["connect_ms"] = in_json(report.connect);
  root["connection_time_ms"] = in_json(report.connection_time);
  root["statement_ms"] = in_json(report.statement);
  root["percentiles_ms"] = percentiles_json(report);
  root["breakdown_ms"] = breakdown(report);
  write_phases(root, report);
  root["steps"] = in_json(report.steps);
  if (!report.kinds.empty()) root["requests_by_kind"] = in_json(report.kinds);
  root["pools"] = Json::array();
  for (const PoolSummary& summary : report.pools) root["pools"].push_back(pool(summary));
  root["outages"] = in_json(report.outages);
  if (!report.guards.empty()) root["guards"] = guards_json(report.guards);
  write_in_flight(root, report);
  root["standstills"] = in_json(report.standstills);
  root["timeline"] = in_json(report.timeline);
  root["server"] = server(report);
  if (report.target.pooler) root["pooler"] = in_json(report.pooler);
  root["client"] = client(report);
}

}  // namespace

Json InJson<LatencySummary>::write(const LatencySummary& s) {
  Json json = {{"count", s.count},
               {"mean", rounded(s.mean)},
               {"p50", rounded(s.p50)},
               {"p90", rounded(s.p90)},
               {"p95", rounded(s.p95)},
               {"p99", rounded(s.p99)},
               {"p999", rounded(s.p999)},
               {"max", rounded(s.max)},
               {"p95_ci95", interval(s.p95_ci95)},
               {"p99_ci95", interval(s.p99_ci95)}};
  for (const TimeMember& member : kTimeMembers) {
    const std::optional<double>& bound = (s.*member.figure).at_least;
    if (bound) json[member.name + std::string("_at_least")] = rounded(*bound);
  }
  return json;
}

std::string to_json(const Report& report) {
  Json root;
  root["schema_version"] = report.schema_version;
  root["tool"] = {{"name", "poolgauge"}, {"version", report.tool_version}};
  root["command"] = report.command;
  root["command_line"] = report.command_line;
  root["started_at"] = report.started_at;
  root["label"] = text_or_null(report.label);
  root["commit"] = text_or_null(report.commit);
  root["seed"] = report.seed;
  root["partial"] = report.partial;
  if (report.part) root["part"] = part_json(*report.part);
  if (report.parts) root["parts"] = parts_json(*report.parts);
  root["scenario"] = scenario(report);
  root["target"] = target(report.target);
  root["machine"] = machine(report.machine);
  root["verdict"] = verdict(report.verdict);
  if (report.gate) root["gate"] = gate_json(*report.gate);
  root["window"] = window(report);
  add_figures(root, report);
  root["diagnosis"] = diagnosis(report.diagnosis);
  const auto& advised = report.recommendation;
  root["recommendation"] = advised ? recommendation_json(*advised) : Json(nullptr);
  if (report.curve) root["curve"] = in_json(*report.curve);
  root["notes"] = report.notes;
  root["histograms"] = histograms_json(report);
  if (report.prediction) root["prediction"] = prediction_json(*report.prediction);
  if (!report.calibration.empty()) root["calibration"] = calibration_json(report);
  // A server's message need not be valid UTF-8; what is not becomes U+FFFD.
  return visible_json(root.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
