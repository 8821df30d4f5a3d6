// A report's main figures for services that keep benchmarks over time: github-action-benchmark
// (its "customSmallerIsBetter") and Bencher (its metric format).
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/visible_text.h"
#include "poolgauge/report.h"
#include "report/json/json_number.h"
#include "report/json/json_parts.h"
#include "report/words.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// A time of which less is better.
struct Time {
  std::string name;  ///< after the scenario's
  std::optional<double> ms;
  std::optional<std::pair<double, double>> interval;
};

/// Only what the sample supports: a curve with holes is honest, one with guesses is not.
std::vector<Time> times_of(const Report& report) {
  std::vector<Time> all = {
      {"p50(latency)", report.latency.p50, std::nullopt},
      {"p95(latency)", report.latency.p95, report.latency.p95_ci95},
      {"p99(latency)", report.latency.p99, report.latency.p99_ci95},
      {"p95(pool_wait)", report.pool_wait.p95, report.pool_wait.p95_ci95},
      {"p95(connection_time)", report.connection_time.p95, report.connection_time.p95_ci95},
      {"mean(connect)", report.connect.mean, std::nullopt},
  };
  for (const StepSummary& step : report.steps) {
    if (step.kind != "sql") continue;
    all.push_back({fmt::format("p95(step:{}) for request {}", step.name, step.request),
                   step.latency.p95, step.latency.p95_ci95});
  }
  std::erase_if(all, [](const Time& time) { return !time.ms; });
  return all;
}

std::string context(const Report& report) {
  std::string text = joined(context_parts(report)) + "\n";
  return text + joined(request_parts(report));
}

/// Half the interval's width on its wider side, as the format has one figure only.
std::string spread(const Time& time) {
  const double down = *time.ms - time.interval->first, up = time.interval->second - *time.ms;
  return fmt::format("± {:.3g}", std::max(down, up));
}

/// Bencher's own unit of time.
double ns(double ms) {
  return ms * 1e6;
}

}  // namespace

std::string to_github_benchmark(const Report& report) {
  Json list = Json::array();
  for (const Time& time : times_of(report)) {
    Json entry = {{"name", report.scenario_name + ": " + time.name},
                  {"unit", "ms"},
                  {"value", rounded(*time.ms)}};
    if (time.interval) entry["range"] = spread(time);
    entry["extra"] = context(report);
    list.push_back(std::move(entry));
  }
  // One file holds figures of one direction; the inverse of the throughput shrinks, too.
  if (report.throughput_per_s > 0) {
    list.push_back({{"name", report.scenario_name + ": 1/throughput"},
                    {"unit", "ms per completed request"},
                    {"value", rounded(1e3 / report.throughput_per_s)},
                    {"extra", context(report)}});
  }
  for (const auto& [name, rate] : {std::pair("rate(pool_timeout)", report.rate_pool_timeout),
                                   std::pair("rate(error)", report.rate_error)}) {
    list.push_back({{"name", fmt::format("{}: {}", report.scenario_name, name)},
                    {"unit", "%"},
                    {"value", rounded(rate * 100)},
                    {"extra", context(report)}});
  }
  return visible_json(list.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string to_bencher(const Report& report) {
  Json root = Json::object();
  for (const Time& time : times_of(report)) {
    Json value = {{"value", rounded(ns(*time.ms))}};
    if (time.interval) {
      value["lower_value"] = rounded(ns(time.interval->first));
      value["upper_value"] = rounded(ns(time.interval->second));
    }
    root[report.scenario_name + ": " + time.name] = {{"latency", std::move(value)}};
  }
  root[report.scenario_name] = {
      {"throughput", {{"value", rounded(report.throughput_per_s)}}},
      {"pool-timeout-rate", {{"value", rounded(report.rate_pool_timeout)}}},
      {"error-rate", {{"value", rounded(report.rate_error)}}},
  };
  return visible_json(root.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
