// Hand-made scenarios and measurements, so that every figure of a report is known beforehand.
#pragma once

#include <string>

#include "poolgauge/measurement.h"
#include "poolgauge/report.h"
#include "poolgauge/scenario.h"

namespace poolgauge::sample {

/// `n` values spread evenly from `low_ms` to `high_ms`.
inline Histogram spread(std::uint64_t n, double low_ms, double high_ms) {
  Histogram histogram;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double at = n > 1 ? static_cast<double>(i) / static_cast<double>(n - 1) : 0;
    histogram.record(from_ms(low_ms + (high_ms - low_ms) * at));
  }
  return histogram;
}

inline Step step(const std::string& name, StepKind kind) {
  Step made;
  made.name = name;
  made.kind = kind;
  return made;
}

inline Goal p95_below_1s() {
  Goal goal;
  goal.text = "p95(latency) < 1s";
  goal.value = 1.0;
  return goal;
}

inline Goal few_timeouts() {
  Goal goal;
  goal.text = "rate(pool_timeout) <= 0.1%";
  goal.statistic = GoalStatistic::rate;
  goal.metric = GoalMetric::none;
  goal.failure = "pool_timeout";
  goal.op = GoalOp::less_equal;
  goal.value = 0.001;
  return goal;
}

/// 100 chat requests at a time that keep their connection during a model call.
inline Scenario chat(std::int64_t pool_size, std::int64_t max_overflow) {
  Scenario scenario;
  scenario.file = "scenarios/chat-100-before.json";
  scenario.sha256 = std::string(64, 'a');
  scenario.name = "chat-100-before";
  scenario.description = "100 concurrent chat requests";
  RequestSpec request;
  request.name = "chat";
  request.transaction = TransactionMode::read_write;
  request.steps = {step("history", StepKind::sql), step("model", StepKind::hold),
                   step("answer", StepKind::sql)};
  scenario.requests = {request};
  scenario.load = ClosedLoad{100, FixedDuration{}};
  scenario.warmup = std::chrono::seconds(2);
  scenario.duration = std::chrono::seconds(20);
  scenario.deployment.pool.kind = "sqlalchemy-async";
  scenario.deployment.pool.options = {{"pool_size", pool_size},
                                      {"max_overflow", max_overflow},
                                      {"timeout", Duration(std::chrono::seconds(30))},
                                      {"recycle", Duration(-1)},
                                      {"pre_ping", true},
                                      {"reset_on_return", std::string("rollback")}};
  scenario.goals = {p95_below_1s(), few_timeouts()};
  scenario.resolved_json =
      R"({"version":1,"name":"chat-100-before","load":{"users":100,"think":"0s"},)"
      R"("x":[1.5,-2,1e3]})";
  return scenario;
}

inline RunFacts facts() {
  RunFacts made;
  made.tool_version = "0.1.0";
  made.command = "run";
  made.command_line = "poolgauge run scenarios/chat-100-before.json --seed 1";
  made.started_at = "2026-01-31T12:00:00Z";
  made.seed = 1;
  made.target.server_version = "15.8";
  made.target.address = "embedded";
  made.target.max_connections = 100;
  made.target.reserved_connections = 3;
  made.target.settings = {{"max_connections", "100"}, {"shared_buffers", "128MB"}};
  return made;
}

/// Sums of the phases from means per request in milliseconds.
inline void set_phases(Measurement& measured, double wait, double sql, double hold) {
  const double n = static_cast<double>(measured.requests.completed) * 1e6;
  measured.phases.pool_wait_ns = wait * n;
  measured.phases.begin_ns = 0.1 * n;
  measured.phases.sql_ns = sql * n;
  measured.phases.hold_ns = hold * n;
  measured.phases.commit_ns = 0.4 * n;
  measured.phases.other_ns = 0.05 * n;
}

inline void set_series(Measurement& measured, std::uint32_t checked_out, std::uint32_t waiting,
                       double low_ms, double high_ms) {
  const auto seconds = static_cast<std::uint64_t>(measured.window.count() / 1'000'000'000);
  for (std::uint64_t i = 0; i < seconds; ++i) {
    SecondSample second;
    second.completed = measured.requests.completed / seconds + i % 3;
    second.latency.merge(Histogram{5});
    for (std::uint64_t k = 0; k < second.completed; ++k) {
      second.latency.record(from_ms(low_ms + (high_ms - low_ms) * static_cast<double>(k) /
                                                 static_cast<double>(second.completed)));
    }
    second.checked_out = second.open = checked_out;
    second.overflow = checked_out > 5 ? checked_out - 5 : 0;
    second.waiting = waiting - static_cast<std::uint32_t>(i % 5) * (waiting > 5 ? 1U : 0U);
    second.server_active = 0.6;
    second.server_idle_in_transaction = checked_out * 0.94;
    measured.series.push_back(std::move(second));
  }
}

inline Histogram phase_spread(std::uint64_t n, double low_ms, double high_ms) {
  Histogram histogram(7);
  for (const Histogram::Bucket& bucket : spread(n, low_ms, high_ms).buckets()) {
    histogram.record_n(bucket.low, bucket.count);
  }
  return histogram;
}

/// Waited, connected, began, two statements around a model call, committed.
inline RequestSample slow_request() {
  RequestSample sample;
  sample.why = RequestSample::Why::slowest;
  sample.user = 17;
  sample.started = from_ms(-350);
  sample.latency = from_ms(1735);
  sample.spans = {{from_ms(0), from_ms(1490), SpanKind::pool_wait, 0},
                  {from_ms(1490), from_ms(4.5), SpanKind::connect, 0},
                  {from_ms(1494.5), from_ms(0.1), SpanKind::begin, 0},
                  {from_ms(1494.6), from_ms(1.4), SpanKind::sql, 0},
                  {from_ms(1496), from_ms(236), SpanKind::hold, 1},
                  {from_ms(1732), from_ms(2.2), SpanKind::sql, 2},
                  {from_ms(1734.2), from_ms(0.4), SpanKind::commit, 0},
                  {from_ms(1734.6), from_ms(0.4), SpanKind::reset, 0}};
  return sample;
}

inline RequestSample failed_request() {
  RequestSample sample;
  sample.why = RequestSample::Why::failed;
  sample.user = 40;
  sample.started = from_ms(8100);
  sample.latency = from_ms(1502);
  sample.outcome = FailureClass::connection_lost;
  sample.spans = {{from_ms(0), from_ms(1500), SpanKind::pool_wait, 0},
                  {from_ms(1500), from_ms(2), SpanKind::sql, 0}};
  sample.spans_left_out = 3;
  return sample;
}

/// The pool of 5+10 under 100 users: most of the latency is waiting.
inline Measurement drowning() {
  Measurement m;
  m.warmup = std::chrono::seconds(2);
  m.window = std::chrono::seconds(20);
  m.requests.completed = 1342;
  m.requests.in_flight = 100;
  m.requests.carried_in = 98;
  m.latency = spread(1342, 1250, 1735);
  m.response = m.latency;
  m.pool_wait = spread(1342, 1100, 1500);
  m.connect = spread(15, 3.5, 4.7);
  m.connection_time = spread(1342, 40, 400);
  m.steps = {spread(1342, 0.4, 2.5), spread(1342, 38, 395), spread(1342, 0.3, 2.2)};
  set_phases(m, 1300.0, 2.6, 189.35);
  PoolMeasurement pool;
  pool.name = "primary";
  pool.processes = 1;
  pool.capacity = 15;
  pool.peak_checked_out = pool.peak_open = 15;
  pool.peak_overflow = 10;
  pool.peak_waiting = 85;
  pool.peak_demand = 100;
  pool.connects = 15;
  pool.checkouts = 1342;
  pool.pings = 1342;
  pool.checked_out_mean = 14.98;
  pool.open_mean = 15;
  pool.waiting_mean = 84.9;
  m.pools = {pool};
  m.server.samples = 200;
  m.server.connections_peak = 16;
  m.server.active_mean = 0.6;
  m.server.idle_in_transaction_mean = 14.1;
  m.server.idle_mean = 0.3;
  m.server.wait_events = {{"CPU", 0.45}, {"IO", 0.15}};
  m.server.single_events = {{"IO:WALSync", 0.14}, {"IO:DataFileRead", 0.01}};
  m.phase_times.pool_wait.merge(phase_spread(1342, 1100, 1500));
  m.phase_times.hold.merge(phase_spread(1342, 38, 395));
  m.connect_phases.tcp.merge(phase_spread(15, 0.02, 0.05));
  m.connect_phases.authentication.merge(phase_spread(15, 3.4, 4.6));
  m.connect_phases.ready.merge(phase_spread(15, 0.01, 0.02));
  m.samples = {slow_request(), failed_request()};
  m.client.threads = 1;
  m.client.cpu_busy_ratio_max = m.client.cpu_busy_ratio_mean = 0.031;
  m.client.cpu_s = 0.62;
  m.client.schedule_lag = spread(1342, 0.01, 0.2);
  set_series(m, 15, 85, 1250, 1735);
  return m;
}

/// The pool of 20+40: better, though still waited for.
inline Measurement relieved() {
  Measurement m = drowning();
  m.requests.completed = 5800;
  m.requests.carried_in = 97;
  m.latency = spread(5800, 180, 520);
  m.response = m.latency;
  m.pool_wait = spread(5800, 90, 240);
  m.connect = spread(60, 3.5, 6.2);
  m.connection_time = spread(5800, 40, 400);
  m.steps = {spread(5800, 0.4, 2.9), spread(5800, 38, 395), spread(5800, 0.3, 2.4)};
  set_phases(m, 157.0, 3.1, 189.35);
  PoolMeasurement& pool = m.pools.front();
  pool.capacity = pool.peak_checked_out = pool.peak_open = 60;
  pool.peak_overflow = 40;
  pool.peak_waiting = 40;
  pool.connects = 60;
  pool.checkouts = pool.pings = 5800;
  pool.checked_out_mean = 59.9;
  pool.open_mean = 60;
  pool.waiting_mean = 39.8;
  m.server.connections_peak = 61;
  m.server.active_mean = 2.4;
  m.server.idle_in_transaction_mean = 56.8;
  m.client.cpu_busy_ratio_max = 0.12;
  m.client.cpu_s = 2.4;
  m.series.clear();
  set_series(m, 60, 40, 180, 520);
  return m;
}

inline Report before() {
  return make_report(chat(5, 10), drowning(), facts());
}

inline Report after() {
  Scenario scenario = chat(20, 40);
  scenario.name = "chat-100";
  scenario.file = "scenarios/chat-100.json";
  return make_report(scenario, relieved(), facts());
}

/// Threads that starve: a third of the requests time out, a lost connection, few values.
inline Report troubled() {
  Scenario scenario = chat(5, 10);
  scenario.deployment.pool.kind = "sqlalchemy";
  scenario.deployment.pool.options[2].second = Duration(std::chrono::seconds(1));
  scenario.deployment.instances = 2;
  scenario.deployment.processes = 4;
  Goal tail = p95_below_1s();
  tail.text = "p99(latency) < 2s";
  tail.statistic = GoalStatistic::p99;
  tail.value = 2.0;
  scenario.goals.push_back(tail);
  Measurement m = drowning();
  m.requests.completed = 250;
  m.requests.failed = 131;
  m.latency = spread(250, 40, 405);
  m.response = m.latency;
  m.steps = {spread(250, 0.4, 2.5), spread(250, 38, 395), spread(250, 0.3, 2.2)};
  m.pool_wait = spread(250, 0.01, 60);
  m.connection_time = spread(250, 40, 400);
  set_phases(m, 29.9, 2.6, 189.35);
  m.series.clear();
  set_series(m, 120, 85, 60, 900);
  for (SecondSample& second : m.series) second.failed = 6;
  m.failures = {{Phase::step, FailureClass::connection_lost, "", 3,
                 "server closed the connection unexpectedly"},
                {Phase::checkout, FailureClass::pool_timeout, "", 127,
                 "QueuePool limit of size 5 overflow 10 reached, connection timed out"},
                {Phase::commit, FailureClass::deadlock, "40P01", 1, "deadlock detected | \"x\""}};
  m.outages.resize(3);
  m.outages[0] = {std::chrono::milliseconds(3210), std::chrono::milliseconds(3212), 1, 0};
  m.outages[1] = {std::chrono::milliseconds(4000), std::chrono::milliseconds(5250), 15, 1012};
  m.outages[2] = {std::chrono::milliseconds(19500), std::nullopt, 0, 1};
  m.pools.front().processes = 8;
  m.pools.front().capacity = m.pools.front().peak_checked_out = 120;
  m.pools.front().peak_demand = 205;
  m.pools.front().checked_out_mean = 118.5;
  m.partial = true;
  m.notes = {"The second instance started 0.4 s late."};
  RunFacts made = facts();
  made.interrupted = true;
  return make_report(scenario, m, made);
}

/// A gate's answer: six pairs, the tail of the latency became worse.
inline GateResult regressed() {
  GateResult gate;
  gate.verdict = GateVerdict::regression;
  gate.exit_code = 11;
  gate.headline =
      "p95(latency) rose by 12.4 % (8.11 % to 15.9 %, 96.8 % confidence, 6 pairs), from 1.20 s to "
      "1.35 s";
  gate.reasons = {"1 of 6 pairs was excluded: the load generator was saturated"};
  gate.look_at = {"step chat.answer (sql) p95 +139 %: from 4.10 ms to 9.80 ms"};
  gate.paired = true;
  gate.pairs = 6;
  gate.baseline = {"pool_size=20", 6, 1, {"2026-01-31T12:00:00Z"}};
  gate.candidate = {"pool_size=19", 6, 0, {"2026-01-31T12:00:30Z"}};
  gate.differences = {{"deployment.pool.pool_size", "20", "19", GateDifference::Effect::intended},
                      {"machine.cores", "2", "4", GateDifference::Effect::doubt}};
  GateMetric tail;
  tail.metric = "p95(latency)";
  tail.unit = "s";
  tail.gated = true;
  tail.baseline_runs = {1.2, 1.21, 1.19, 1.2, 1.22, 1.18};
  tail.candidate_runs = {1.35, 1.36, 1.33, 1.34, 1.36, 1.36};
  tail.baseline = 1.2;
  tail.candidate = 1.355;
  tail.change = 0.124;
  tail.low = 0.0811;
  tail.high = 0.159;
  tail.confidence = 0.96875;
  tail.p = 0.015625;
  tail.method = "signed ranks";
  tail.margin = 0.1;
  tail.detectable = 0.031;
  tail.runs_needed = 4;
  tail.verdict = GateVerdict::regression;
  tail.became_worse = true;
  GateMetric errors;
  errors.metric = "rate(error)";
  errors.unit = "fraction";
  errors.difference = true;
  errors.gated = true;
  errors.verdict = GateVerdict::pass;
  errors.baseline_runs = errors.candidate_runs = {0, 0, 0, 0, 0, 0};
  errors.baseline = errors.candidate = errors.change = errors.low = errors.high = 0;
  errors.confidence = 0.96875;
  errors.method = "signed ranks";
  errors.margin = 0.001;
  errors.note = "unchanged";
  GateMetric throughput;
  throughput.metric = "throughput";
  throughput.unit = "1/s";
  throughput.higher_is_better = true;
  throughput.note = "1 run on each side says nothing about noise";
  throughput.baseline = 120;
  throughput.candidate = 101;
  throughput.change = -0.158;
  throughput.became_worse = true;
  gate.metrics = {tail, errors, throughput};
  return gate;
}

inline Report gated() {
  Report report = after();
  report.command = "gate";
  report.label = "smaller pool";
  report.commit = "4f2a9c1";
  report.machine = {"x86_64", "Linux 6.1.0", "Example CPU", 2, 7900};
  report.gate = regressed();
  report.verdict.status = VerdictStatus::regression;
  report.verdict.exit_code = 11;
  report.verdict.reasons = {report.gate->headline};
  return report;
}

}  // namespace poolgauge::sample
