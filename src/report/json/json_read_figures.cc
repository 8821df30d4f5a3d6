// Requests, times, pools, timeline, server and client of a saved report.
#include "report/json/json_read_figures.h"

#include "report/json/json_server.h"

#include <fmt/format.h>

#include <array>

#include "report/json/json_client.h"
#include "report/json/json_guards.h"
#include "report/json/json_in_flight.h"
#include "report/json/json_kinds.h"
#include "report/json/json_percentiles.h"
#include "report/json/json_phases.h"

namespace poolgauge {
namespace {

template <typename Enum, std::size_t N>
Enum by_name(const JsonNode& node, const std::array<Enum, N>& all) {
  const std::string name = node.text();
  for (const Enum value : all) {
    if (name_of(value) == name) return value;
  }
  node.expected("a known name");
  return all[0];
}

constexpr std::array kPhases = {Phase::checkout, Phase::connect, Phase::begin,
                                Phase::step,     Phase::commit,  Phase::deadline};
constexpr std::array kFailures = {FailureClass::none,
                                  FailureClass::pool_timeout,
                                  FailureClass::pool_overloaded,
                                  FailureClass::connection_refused,
                                  FailureClass::backlog_full,
                                  FailureClass::connect_timeout,
                                  FailureClass::tls,
                                  FailureClass::authentication,
                                  FailureClass::too_many_connections,
                                  FailureClass::server_shutdown,
                                  FailureClass::server_starting,
                                  FailureClass::pooler_refused,
                                  FailureClass::connect_error,
                                  FailureClass::connection_lost,
                                  FailureClass::statement_timeout,
                                  FailureClass::lock_timeout,
                                  FailureClass::serialization,
                                  FailureClass::deadlock,
                                  FailureClass::disk_full,
                                  FailureClass::out_of_memory,
                                  FailureClass::server_limit,
                                  FailureClass::sql_error,
                                  FailureClass::script_error,
                                  FailureClass::deadline,
                                  FailureClass::stopped};

std::optional<std::pair<double, double>> confidence_interval_of(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  const std::vector<JsonNode> ends = node.items();
  if (ends.size() != 2) {
    node.expected("two numbers");
    return std::nullopt;
  }
  return std::pair{ends[0].number(), ends[1].number()};
}

LatencySummary read_summary(const JsonNode& node) {
  LatencySummary summary;
  summary.count = node["count"].count();
  for (const TimeMember& member : kTimeMembers) {
    TimeFigure& figure = summary.*member.figure;
    figure = node[member.name].maybe_number();
    figure.at_least = node[member.name + std::string("_at_least")].maybe_number();
  }
  summary.p95_ci95 = confidence_interval_of(node["p95_ci95"]);
  summary.p99_ci95 = confidence_interval_of(node["p99_ci95"]);
  return summary;
}

LatencySummary read_extra_summary(const JsonNode& node) {
  return node.is_null() ? LatencySummary{} : read_summary(node);
}

void read_requests(Report& report, const JsonNode& node) {
  RequestCounts& counts = report.requests;
  counts.completed = node["completed"].count();
  counts.failed = node["failed"].count();
  counts.shed = node["shed"].count();
  counts.in_flight = node["in_flight"].count();
  if (!node["carried_in"].is_null()) counts.carried_in = node["carried_in"].count();
  if (!node["not_started"].is_null()) counts.not_started = node["not_started"].count();
  if (node["scheduled"].count() != counts.scheduled()) {
    node["scheduled"].expected(
        fmt::format("{}, the sum of completed, failed, shed and in_flight", counts.scheduled()));
  }
}

FailureClass read_failure_class(const JsonNode& node) {
  return by_name(node, kFailures);
}

void read_failures(Report& report, const JsonNode& node) {
  for (const JsonNode& item : node.items()) {
    FailureCount failure;
    failure.phase = by_name(item["phase"], kPhases);
    failure.failure = by_name(item["class"], kFailures);
    failure.sqlstate = item["sqlstate"].text_or("");
    failure.count = item["count"].count();
    failure.example = item["example"].text_or("");
    if (!item["waiting"].is_null()) failure.waiting = item["waiting"].count();
    report.failures.push_back(std::move(failure));
  }
}

void read_retries(Report& report, const JsonNode& node) {
  if (node.is_null()) return;
  RetryCounts counts;
  counts.requests = node["requests"].count();
  counts.completed = node["completed"].count();
  for (const JsonNode& cause : node["by_sqlstate"].items()) {
    counts.add(cause["sqlstate"].text(), cause["count"].count());
  }
  report.retries = std::move(counts);
}

Breakdown read_breakdown(const JsonNode& node) {
  Breakdown mean;
  mean.start = node["start"].number_or(0);
  mean.pool_wait = node["pool_wait"].number_or(0);
  mean.begin = node["begin"].number_or(0);
  mean.sql = node["sql"].number_or(0);
  mean.hold = node["hold"].number_or(0);
  mean.pause = node["pause"].number_or(0);
  mean.commit = node["commit"].number_or(0);
  mean.release = node["release"].number_or(0);
  mean.other = node["other"].number_or(0);
  mean.backoff = node["backoff"].number_or(0);
  return mean;
}

void read_steps(Report& report, const JsonNode& node) {
  for (const JsonNode& step : node.items()) {
    report.steps.push_back({step["request"].text(), step["name"].text(), step["kind"].text(),
                            read_summary(step["latency_ms"])});
  }
}

std::uint64_t count_or_zero(const JsonNode& node) {
  return node.is_null() ? 0 : node.count();
}

PoolSummary read_pool(const JsonNode& node) {
  PoolSummary summary;
  PoolMeasurement& m = summary.measured;
  m.name = node["name"].text();
  summary.kind = node["kind"].text();
  summary.target = node["target"].text_or("primary");
  summary.role = node["role"].text_or("");
  summary.role_by = node["role_by"].text_or("");
  for (const auto& [name, value] : node["options"].members()) {
    summary.options.emplace_back(name, read_option(value));
  }
  m.processes = node["processes"].small_count();
  m.capacity = node["capacity"].is_null() ? -1 : node["capacity"].integer();
  m.peak_checked_out = node["peak_checked_out"].small_count();
  if (!node["peak_open"].is_null()) m.peak_open = node["peak_open"].small_count();
  m.peak_overflow = node["peak_overflow"].small_count();
  m.peak_waiting = node["peak_waiting"].small_count();
  // Older reports have only the sum, which is an upper bound.
  m.peak_demand = node["peak_demand"].is_null() ? m.peak_checked_out + m.peak_waiting
                                                : node["peak_demand"].small_count();
  m.connects = node["connects"].count();
  m.connect_failures = count_or_zero(node["connect_failures"]);
  m.direct_connects = count_or_zero(node["direct_connects"]);
  m.closes = node["closes"].count();
  m.checkouts = count_or_zero(node["checkouts"]);
  m.pings = count_or_zero(node["pings"]);
  m.resets = count_or_zero(node["resets"]);
  m.checked_out_mean = node["checked_out_mean"].number_or(0);
  m.open_mean = node["open_mean"].number_or(0);
  m.waiting_mean = node["waiting_mean"].number_or(0);
  summary.utilization_mean = node["utilization_mean"].maybe_number();
  return summary;
}

void read_outages(Report& report, const JsonNode& node) {
  if (node.is_null()) return;
  for (const JsonNode& item : node.items()) {
    Outage outage;
    outage.start = from_s(item["start_s"].number());
    if (!item["end_s"].is_null()) outage.end = from_s(item["end_s"].number());
    outage.lost_connections = item["lost_connections"].count();
    outage.failed_connects = item["failed_connects"].count();
    outage.target = item["target"].text_or("primary");
    report.outages.push_back(outage);
  }
}

/// Reports of earlier versions have none.
void read_standstills(Report& report, const JsonNode& node) {
  if (node.is_null()) return;
  for (const JsonNode& item : node.items()) {
    Standstill one;
    one.start = from_s(item["start_s"].number());
    if (!item["end_s"].is_null()) one.end = from_s(item["end_s"].number());
    one.whose = item["whose"].text_or("server");
    one.confirmed = item["confirmed"].is_null() || item["confirmed"].flag();
    report.standstills.push_back(one);
  }
}

void read_timeline(Report& report, const JsonNode& node) {
  for (const JsonNode& item : node.items()) {
    SeriesPoint point;
    point.t_s = item["t_s"].number();
    point.completed = item["completed"].count();
    point.failed = item["failed"].count();
    point.latency_p50_ms = item["latency_p50_ms"].maybe_number();
    point.latency_p95_ms = item["latency_p95_ms"].maybe_number();
    point.latency_p99_ms = item["latency_p99_ms"].maybe_number();
    point.checked_out = item["checked_out"].small_count();
    point.overflow = item["overflow"].small_count();
    point.waiting = item["waiting"].small_count();
    point.server_active = item["server_active"].maybe_number();
    point.server_idle_in_transaction = item["server_idle_in_transaction"].maybe_number();
    point.server_lock_waits = item["server_lock_waits"].maybe_number();
    report.timeline.push_back(point);
  }
}

ServerView::Connections read_connections(const JsonNode& node) {
  ServerView::Connections ours;
  ours.target = node["target"].text();
  ours.pool = node["pool"].text_or("");
  ours.user = node["user"].text_or("");
  ours.application_name = node["application_name"].text_or("");
  ours.peak = node["peak"].small_count();
  ours.mean = node["mean"].number_or(0);
  return ours;
}

void read_server(Report& report, const JsonNode& node) {
  ServerView& view = report.server;
  const bool seen = !node["active_mean"].is_null();
  view.samples = node["samples"].is_null() ? (seen ? 1 : 0) : node["samples"].small_count();
  if (!node["connections_peak"].is_null()) {
    view.connections_peak = node["connections_peak"].small_count();
  }
  view.active_mean = node["active_mean"].number_or(0);
  view.idle_in_transaction_mean = node["idle_in_transaction_mean"].number_or(0);
  view.idle_mean = node["idle_mean"].number_or(0);
  for (const auto& [type, mean] : node["wait_events"].members()) {
    view.wait_events.push_back({type, mean.number()});
  }
  if (!node["connections"].is_null()) {
    for (const JsonNode& item : node["connections"].items()) {
      view.connections.push_back(read_connections(item));
    }
  }
  for (const auto& [name, value] : node["settings"].members()) {
    report.target.settings.emplace_back(name, value.text());
  }
  view.note = node["note"].text_or("");
  read_server_more(view, node);
}

void read_client(Report& report, const JsonNode& node) {
  report.client_cpu_busy = node["cpu_busy"].number_or(0);
  report.client_cpu_s = node["cpu_s"].number_or(0);
  if (!node["threads"].is_null()) report.client_threads = node["threads"].small_count();
  report.schedule_lag = read_extra_summary(node["schedule_lag_ms"]);
  report.client_saturated = node["saturated"].flag();
  report.client = read_client_details(node, read_extra_summary);
}

}  // namespace

OptionValue read_option(const JsonNode& node) {
  if (node.json() != nullptr && node.json()->is_boolean()) return node.flag();
  if (node.json() != nullptr && node.json()->is_string()) return node.text();
  return node.integer();
}

void read_figures(Report& report, const JsonNode& root) {
  read_requests(report, root["requests"]);
  read_failures(report, root["failures"]);
  read_retries(report, root["retries"]);
  report.rate_pool_timeout = root["rates"]["pool_timeout"].number();
  report.rate_deadline = root["rates"]["deadline"].number();
  report.rate_error = root["rates"]["error"].number();
  report.throughput_per_s = root["throughput_per_s"].number();
  const JsonNode intervals = root["rates_ci95"];
  report.pool_timeout_ci95 = confidence_interval_of(intervals["pool_timeout"]);
  report.deadline_ci95 = confidence_interval_of(intervals["deadline"]);
  report.error_ci95 = confidence_interval_of(intervals["error"]);
  report.throughput_ci95 = confidence_interval_of(root["throughput_per_s_ci95"]);
  report.latency = read_summary(root["latency_ms"]);
  report.response = read_summary(root["response_ms"]);
  report.pool_wait = read_summary(root["pool_wait_ms"]);
  report.connect = read_summary(root["connect_ms"]);
  report.connection_time = read_summary(root["connection_time_ms"]);
  report.statement = read_extra_summary(root["statement_ms"]);
  read_percentiles(report, root["percentiles_ms"]);
  report.breakdown_ms = read_breakdown(root["breakdown_ms"]);
  read_phases(report, root, read_extra_summary);
  read_steps(report, root["steps"]);
  report.kinds = read_kinds(root["requests_by_kind"], read_summary, read_failure_class);
  for (const JsonNode& pool : root["pools"].items()) report.pools.push_back(read_pool(pool));
  read_outages(report, root["outages"]);
  read_guards(report, root["guards"]);
  read_in_flight(report, root, read_summary);
  read_standstills(report, root["standstills"]);
  read_timeline(report, root["timeline"]);
  read_server(report, root["server"]);
  read_client(report, root["client"]);
  for (const JsonNode& item : root["diagnosis"].items()) {
    report.diagnosis.push_back({item["finding"].text(), item["evidence"].text(),
                                item["advice"].text_or(""), item["experiment"].text_or(""),
                                item["headline"].text_or("")});
  }
}

}  // namespace poolgauge
