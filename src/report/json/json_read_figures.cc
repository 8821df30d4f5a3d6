// Requests, times, pools, timeline, server and client of a saved report.
#include "report/json/json_parts.h"

#include <fmt/format.h>

#include <array>

#include "report/json/report_fields.h"

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
                                  FailureClass::database_busy,
                                  FailureClass::database_locked,
                                  FailureClass::io_error,
                                  FailureClass::corrupt,
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

void read_failures(Report& report, const JsonNode& node) {
  for (const JsonNode& item : node.items()) {
    FailureCount failure = InJson<FailureCount>::read(item);
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
  view.connections = read_list<ServerView::Connections>(node["connections"]);
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
  report.schedule_lag = extra_summary(node["schedule_lag_ms"]);
  report.client_saturated = node["saturated"].flag();
  report.client = read_client_details(node);
}

}  // namespace

LatencySummary InJson<LatencySummary>::read(const JsonNode& node) {
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

LatencySummary extra_summary(const JsonNode& node) {
  return node.is_null() ? LatencySummary{} : InJson<LatencySummary>::read(node);
}

FailureClass InJson<FailureClass>::read(const JsonNode& node) {
  return by_name(node, kFailures);
}

Phase InJson<Phase>::read(const JsonNode& node) {
  return by_name(node, kPhases);
}

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
  report.latency = InJson<LatencySummary>::read(root["latency_ms"]);
  report.response = InJson<LatencySummary>::read(root["response_ms"]);
  report.pool_wait = InJson<LatencySummary>::read(root["pool_wait_ms"]);
  report.connect = InJson<LatencySummary>::read(root["connect_ms"]);
  report.connection_time = InJson<LatencySummary>::read(root["connection_time_ms"]);
  report.statement = extra_summary(root["statement_ms"]);
  read_percentiles(report, root["percentiles_ms"]);
  report.breakdown_ms = read_breakdown(root["breakdown_ms"]);
  read_phases(report, root);
  report.steps = InJson<std::vector<StepSummary>>::read(root["steps"]);
  report.kinds = read_list<RequestKind>(root["requests_by_kind"]);
  for (const JsonNode& pool : root["pools"].items()) report.pools.push_back(read_pool(pool));
  report.outages = read_list<Outage>(root["outages"]);
  read_guards(report, root["guards"]);
  read_in_flight(report, root);
  report.standstills = read_list<Standstill>(root["standstills"]);
  report.timeline = InJson<std::vector<SeriesPoint>>::read(root["timeline"]);
  read_server(report, root["server"]);
  read_client(report, root["client"]);
  for (const JsonNode& item : root["diagnosis"].items()) {
    report.diagnosis.push_back({item["finding"].text(), item["evidence"].text(),
                                item["advice"].text_or(""), item["experiment"].text_or(""),
                                item["headline"].text_or("")});
  }
}

}  // namespace poolgauge
