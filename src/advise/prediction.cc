// Intervals: the spread over seeds and calibrations, the error at the measured point, and a floor
// for what no simulation of the same run can show.
#include "advise/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "assess/sentences.h"
#include "base/text.h"
#include "stats/product_limit.h"

namespace poolgauge {
namespace {

constexpr double kNineInTen = 1.645;

/// A predicted figure: where it comes from, and the least relative error to claim for it.
struct Figure {
  const char* name;
  std::optional<double> (*simulated)(const Measurement&);
  std::optional<double> (*measured)(const Report&);
  double floor;
};

std::optional<double> quantile(const Histogram& histogram, const Histogram& ages, double q) {
  const BoundedQuantile found = bounded_quantile(histogram, ages, q);
  if (!found.value) return std::nullopt;
  return to_ms(*found.value);
}

double throughput(const Measurement& m) {
  return m.window > Duration{0} ? static_cast<double>(m.requests.completed) / to_s(m.window) : 0;
}

double timed_out(const Measurement& m) {
  const auto ended = static_cast<double>(m.requests.ended());
  double count = 0;
  for (const FailureCount& failure : m.failures) {
    if (failure.failure == FailureClass::pool_timeout) count += static_cast<double>(failure.count);
  }
  return ended > 0 ? count / ended : 0;
}

constexpr std::array<Figure, 8> kFigures = {{
    {"throughput_per_s", [](const Measurement& m) { return std::optional(throughput(m)); },
     [](const Report& r) { return std::optional(r.throughput_per_s); }, 0.02},
    {"latency_ms.mean",
     [](const Measurement& m) {
       return m.latency.empty() ? std::nullopt : std::optional(m.latency.mean_ns() / 1e6);
     },
     [](const Report& r) -> std::optional<double> { return r.latency.mean; }, 0.02},
    {"latency_ms.p50",
     [](const Measurement& m) { return quantile(m.latency, latency_ages(m), 0.5); },
     [](const Report& r) -> std::optional<double> { return r.latency.p50; }, 0.03},
    {"latency_ms.p95",
     [](const Measurement& m) { return quantile(m.latency, latency_ages(m), 0.95); },
     [](const Report& r) -> std::optional<double> { return r.latency.p95; }, 0.03},
    {"latency_ms.p99",
     [](const Measurement& m) { return quantile(m.latency, latency_ages(m), 0.99); },
     [](const Report& r) -> std::optional<double> { return r.latency.p99; }, 0.06},
    {"pool_wait_ms.p95",
     [](const Measurement& m) { return quantile(m.pool_wait, pool_wait_ages(m), 0.95); },
     [](const Report& r) -> std::optional<double> { return r.pool_wait.p95; }, 0.06},
    {"connection_time_ms.mean",
     [](const Measurement& m) {
       return m.connection_time.empty() ? std::nullopt
                                        : std::optional(m.connection_time.mean_ns() / 1e6);
     },
     [](const Report& r) -> std::optional<double> { return r.connection_time.mean; }, 0.02},
    {"rates.pool_timeout", [](const Measurement& m) { return std::optional(timed_out(m)); },
     [](const Report& r) { return std::optional(r.rate_pool_timeout); }, 0.10},
}};

/// ln(a / b) where both say something.
std::optional<double> log_ratio(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b || *a <= 0 || *b <= 0) return std::nullopt;
  return std::log(*a / *b);
}

/// Standard deviation of the figure's logarithm over the runs around the first.
double spread(const Figure& figure, const std::vector<Measurement>& runs) {
  if (runs.size() < 2) return 0;
  const std::optional<double> first = figure.simulated(runs.front());
  double squares = 0;
  double n = 0;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const auto off = log_ratio(figure.simulated(runs[i]), first);
    if (!off) continue;
    squares += *off * *off;
    n += 1;
  }
  return n > 0 ? std::sqrt(squares / n) : 0;
}

double range_of(const Figure& figure, const std::vector<Measurement>& runs, bool largest) {
  double found = figure.simulated(runs.front()).value_or(0);
  for (const Measurement& run : runs) {
    const double value = figure.simulated(run).value_or(0);
    found = largest ? std::max(found, value) : std::min(found, value);
  }
  return found;
}

/// Where the model was wrong about the measured run itself it may be as wrong here.
double error_at_measured(const Figure& figure, const Report& measured,
                         const std::vector<Measurement>& unchanged) {
  if (unchanged.empty()) return 0;
  const auto off = log_ratio(figure.measured(measured), figure.simulated(unchanged.front()));
  return off ? std::min(std::abs(*off), std::log(3.0)) : 0;
}

PredictedFigure predicted(const Figure& figure, const Report& measured, const SimulatedRuns& runs,
                          double beyond) {
  PredictedFigure result;
  result.name = figure.name;
  result.value = figure.simulated(runs.question.front());
  if (!result.value) return result;
  const double over_runs = spread(figure, runs.question);
  const double at_measured = error_at_measured(figure, measured, runs.unchanged);
  const double floor = figure.floor * (1 + beyond);
  const double sigma = std::sqrt(over_runs * over_runs + floor * floor);
  const double width = kNineInTen * sigma + at_measured;
  result.low = std::min(*result.value * std::exp(-width), range_of(figure, runs.question, false));
  result.high = std::max(*result.value * std::exp(width), range_of(figure, runs.question, true));
  return result;
}

/// Of all pools; 0: unlimited or not known.
std::int64_t capacity_of(const Measurement& run) {
  std::int64_t all = 0;
  for (const PoolMeasurement& pool : run.pools) {
    if (pool.capacity <= 0) return 0;
    all += pool.capacity;
  }
  return all;
}

std::int64_t capacity_of(const Report& report) {
  std::int64_t all = 0;
  for (const PoolSummary& pool : report.pools) {
    if (pool.measured.capacity <= 0) return 0;
    all += pool.measured.capacity;
  }
  return all;
}

void note_capacity(std::vector<std::string>& beyond, std::int64_t before, std::int64_t after) {
  if (before == 0 || after == 0) return;
  const double ratio = static_cast<double>(after) / static_cast<double>(before);
  if (ratio >= 0.5 && ratio <= 1.5) return;
  beyond.push_back(fmt::format(
      "With {} instead of the {} that were measured, the prediction is an extrapolation.",
      counted(after, "connection"), before));
}

}  // namespace

std::vector<std::string> beyond_measured(const Report& measured, const Scenario& unchanged,
                                         const Scenario& asked, const Measurement& simulated) {
  std::vector<std::string> beyond;
  note_capacity(beyond, capacity_of(measured), capacity_of(simulated));
  const double active_mean = simulated.calibration.active_mean;
  const ServerFit fit = fit_server(measured.calibration);
  if (fit.seen_most > 0 && active_mean > fit.seen_most) {
    beyond.push_back(fmt::format(
        "On average, {:.1f} statements would be in progress at a time. In 99 % of the "
        "samples it was at most {:.1f}, so how the server behaves with more is unknown.",
        active_mean, fit.seen_most));
  }
  const std::string& kind = unchanged.deployment.pool.kind;
  if (asked.deployment.pool.kind != kind) {
    beyond.push_back(fmt::format("The pool's kind differs from the measured one ({}).", kind));
  }
  if (asked.load.index() != unchanged.load.index()) {
    beyond.emplace_back("The load's kind differs from the measured one.");
  }
  const std::string locks = steps_on_same_rows(asked);
  if (!locks.empty() && asked.resolved_json != unchanged.resolved_json) {
    beyond.push_back("Lock waits (" + locks +
                     ") stay as they were measured: the simulator does not model locks.");
  }
  if (measured.client_saturated) {
    beyond.emplace_back(
        "The load generator was saturated during the measurement: its own delays are attributed to "
        "the server.");
  }
  return beyond;
}

Prediction predict(const Report& measured, const Scenario& unchanged, const Scenario& asked,
                   const SimulatedRuns& runs) {
  Prediction prediction;
  prediction.from_started_at = measured.started_at;
  prediction.from_load = measured.load_text;
  prediction.from_pool = measured.pool_text;
  prediction.from_fleet = measured.fleet_text;
  prediction.runs = static_cast<std::uint32_t>(runs.question.size());
  prediction.same_question = asked.resolved_json == unchanged.resolved_json;
  if (runs.question.empty()) return prediction;
  prediction.samples = runs.question.front().requests.completed;
  prediction.from_samples = measured.requests.completed;
  prediction.beyond = beyond_measured(measured, unchanged, asked, runs.question.front());
  for (const Figure& figure : kFigures) {
    prediction.figures.push_back(
        predicted(figure, measured, runs, static_cast<double>(prediction.beyond.size())));
    if (prediction.same_question) {
      prediction.figures.back().measured = figure.measured(measured);
    }
  }
  return prediction;
}

}  // namespace poolgauge
