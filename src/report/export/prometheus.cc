// A report in the Prometheus text format (0.0.4): for a Pushgateway or node_exporter's text files.
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/report.h"
#include "report/export/exposition.h"
#include "report/words.h"
#include "stats/over_time.h"

namespace poolgauge {
namespace {

using prometheus::Exposition;
using prometheus::Labels;
using prometheus::Value;

constexpr std::array<std::pair<VerdictStatus, const char*>, 6> kStatuses = {{
    {VerdictStatus::pass, "pass"},
    {VerdictStatus::slo_missed, "slo_missed"},
    {VerdictStatus::regression, "regression"},
    {VerdictStatus::inconclusive, "inconclusive"},
    {VerdictStatus::guard, "guard"},
    {VerdictStatus::interrupted, "interrupted"},
}};

void add_verdict(Exposition& out, const Report& report) {
  out.family("info", "Properties of the measurement as labels; always 1.");
  prometheus::Labels labels{{"version", report.tool_version},
                            {"started_at", report.started_at},
                            {"seed", fmt::format("{}", report.seed)},
                            {"load", report.load_text},
                            {"pool", report.pool_text},
                            {"server_version", report.target.server_version}};
  if (const std::string share = part_text(report); !share.empty()) {
    labels.emplace_back("part", share);
  }
  out.add_count(labels, 1);
  out.family("verdict", "1 for the verdict of the run, 0 for all others.");
  for (const auto& [status, name] : kStatuses) {
    out.add_count({{"status", name}}, report.verdict.status == status ? 1 : 0);
  }
  out.family("goal_met", "1 if the goal was met, 0 if it was missed; only goals that were judged.");
  for (const GoalResult& goal : report.verdict.goals) {
    if (goal.judged()) out.add_count({{"goal", goal.goal}}, goal.met ? 1 : 0);
  }
  out.family("goal_measured",
             "Measured value of the goal's metric, in the unit given by the label.");
  for (const GoalResult& goal : report.verdict.goals) {
    out.add({{"goal", goal.goal}, {"unit", goal.unit}}, goal.measured);
  }
  out.family("goal_margin",
             "Distance to the goal's limit, in the unit given by the label; negative if the goal "
             "was missed.");
  for (const GoalResult& goal : report.verdict.goals) {
    out.add({{"goal", goal.goal}, {"unit", goal.unit}}, goal.margin);
  }
}

void add_requests(Exposition& out, const Report& report) {
  const RequestCounts& counts = report.requests;
  out.family("window_seconds", "Length of the measured window.");
  out.add({}, report.window_s);
  out.family("requests", "Requests in the measured window by outcome.");
  out.add_count({{"outcome", "completed"}}, counts.completed);
  out.add_count({{"outcome", "failed"}}, counts.failed);
  out.add_count({{"outcome", "shed"}}, counts.shed);
  out.add_count({{"outcome", "in_flight"}}, counts.in_flight);
  out.family("requests_by_kind", "Requests in the measured window by kind and outcome.");
  for (const RequestKind& kind : report.kinds) {
    out.add_count({{"request", kind.request}, {"outcome", "completed"}}, kind.completed);
    out.add_count({{"request", kind.request}, {"outcome", "failed"}}, kind.failed);
    out.add_count({{"request", kind.request}, {"outcome", "in_flight"}}, kind.in_flight);
  }
  out.family("failures", "Failed requests by phase, class, and SQLSTATE.");
  for (const FailureCount& failure : report.failures) {
    out.add_count({{"phase", std::string(name_of(failure.phase))},
                   {"class", std::string(name_of(failure.failure))},
                   {"sqlstate", failure.sqlstate}},
                  failure.count);
  }
  out.family("failure_ratio", "Fraction of finished requests that failed, by failure class.");
  out.add({{"class", "pool_timeout"}}, report.rate_pool_timeout);
  out.add({{"class", "deadline"}}, report.rate_deadline);
  out.add({{"class", "error"}}, report.rate_error);
  out.family("throughput_requests_per_second",
             "Completed requests per second in the measured window.");
  out.add({}, report.throughput_per_s);
}

void add_times(Exposition& out, const Report& report) {
  const auto summary = [&out](std::string_view name, std::string_view help,
                              const LatencySummary& s) {
    out.family(name, help, "summary");
    out.add_summary({}, s);
  };
  summary("latency_seconds", "Time from a request's intended start to its end.", report.latency);
  out.family("latency_at_least_seconds",
             "Lower bounds of percentiles that are unknown because of requests in flight.");
  for (const TimeMember& member : kTimeMembers) {
    const TimeFigure& figure = report.latency.*member.figure;
    if (figure.at_least) out.add({{"figure", member.name}}, *figure.at_least / 1e3);
  }
  if (report.in_flight.ages.count > 0) {
    summary("in_flight_age_seconds",
            "Age of requests in flight at the end, since their intended start.",
            report.in_flight.ages);
  }
  summary("response_seconds", "Time from a request's actual start to its end.", report.response);
  summary("pool_wait_seconds", "Time from requesting a connection to having one.",
          report.pool_wait);
  summary("connect_seconds", "Time to open a connection.", report.connect);
  summary("connection_time_seconds", "Time from checkout to checkin, per request.",
          report.connection_time);
  out.family("step_seconds", "Time of one execution of a step.", "summary");
  for (const StepSummary& step : report.steps) {
    out.add_summary({{"request", step.request}, {"step", step.name}, {"kind", step.kind}},
                    step.latency);
  }
  out.family("request_latency_seconds", "Latency by kind of request.", "summary");
  for (const RequestKind& kind : report.kinds) {
    out.add_summary({{"request", kind.request}}, kind.latency);
  }
  const Breakdown& mean = report.breakdown_ms;
  const std::array<std::pair<const char*, double>, 10> parts = {{{"start", mean.start},
                                                                 {"pool_wait", mean.pool_wait},
                                                                 {"begin", mean.begin},
                                                                 {"sql", mean.sql},
                                                                 {"hold", mean.hold},
                                                                 {"pause", mean.pause},
                                                                 {"commit", mean.commit},
                                                                 {"release", mean.release},
                                                                 {"backoff", mean.backoff},
                                                                 {"other", mean.other}}};
  out.family("request_mean_seconds", "Mean time of a completed request by part.");
  for (const auto& [part, ms] : parts) out.add({{"part", part}}, ms / 1e3);
}

void add_pools(Exposition& out, const Report& report) {
  const auto each = [&](std::string_view name, std::string_view help, const auto& value_of) {
    out.family(name, help);
    for (const PoolSummary& pool : report.pools) {
      out.add({{"pool", pool.measured.name}, {"kind", pool.kind}}, value_of(pool));
    }
  };
  each("pool_capacity", "Maximum connections that the pools of all processes can open.",
       [](const PoolSummary& pool) -> Value {
         if (pool.measured.capacity < 0) return std::nullopt;
         return static_cast<double>(pool.measured.capacity);
       });
  each("pool_checked_out_peak", "Maximum connections in use at the same time.",
       [](const PoolSummary& pool) { return Value(pool.measured.peak_checked_out); });
  each("pool_checked_out_mean", "Average connections in use.",
       [](const PoolSummary& pool) { return Value(pool.measured.checked_out_mean); });
  each("pool_overflow_peak", "Maximum connections above the pool size.",
       [](const PoolSummary& pool) { return Value(pool.measured.peak_overflow); });
  each("pool_waiting_peak", "Maximum requests waiting for a connection at the same time.",
       [](const PoolSummary& pool) { return Value(pool.measured.peak_waiting); });
  each("pool_waiting_mean", "Average requests waiting for a connection.",
       [](const PoolSummary& pool) { return Value(pool.measured.waiting_mean); });
  each("pool_connects", "Connections opened over the whole run.",
       [](const PoolSummary& pool) { return Value(static_cast<double>(pool.measured.connects)); });
}

void add_surroundings(Exposition& out, const Report& report) {
  const ServerView& view = report.server;
  const auto seen = [&view](double value) { return view.samples > 0 ? Value(value) : Value(); };
  out.family("server_connections_peak", "Maximum client connections on the server.");
  out.add({}, seen(view.connections_peak));
  out.family("server_backends_mean", "Average connections of this load on the server, by state.");
  out.add({{"state", "active"}}, seen(view.active_mean));
  out.add({{"state", "idle in transaction"}}, seen(view.idle_in_transaction_mean));
  out.add({{"state", "idle"}}, seen(view.idle_mean));
  out.family("server_wait_mean", "Average running statements by what they waited for.");
  for (const ServerView::WaitEvent& event : view.wait_events) {
    out.add({{"type", event.type}}, event.mean);
  }
  out.family("client_cpu_busy_ratio",
             "CPU use of the load generator's busiest thread; 1 is fully busy.");
  out.add({}, report.client_cpu_busy);
  out.family("client_schedule_lag_seconds", "Actual start minus intended start of requests.",
             "summary");
  out.add_summary({}, report.schedule_lag);
  out.family("client_saturated",
             "1 if the load generator was saturated, so that the figures cannot be trusted.");
  out.add_count({}, report.client_saturated ? 1 : 0);
  out.family("stalled_seconds",
             "Time during which no request completed although requests were in flight.");
  out.add({}, to_s(stalled(report.stalls)));
  out.family("standstill_seconds",
             "Time during which a server, a pooler, or the load generator did not respond.");
  for (const std::string& whose : standing_still(report.standstills)) {
    const double time_s = standstill_s(report.standstills, whose, from_s(report.window_s));
    out.add({{"whose", whose}}, time_s);
  }
  out.family("outages", "Number of periods in which the server was down.");
  out.add_count({}, report.outages.size());
}

}  // namespace

std::string to_prometheus(const Report& report) {
  Exposition out({{"scenario", report.scenario_name}, {"command", report.command}});
  add_verdict(out, report);
  add_requests(out, report);
  add_times(out, report);
  add_pools(out, report);
  add_surroundings(out, report);
  return std::move(out).text();
}

}  // namespace poolgauge
