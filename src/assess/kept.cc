// Histograms and steadiness from a measurement, and the measurement back from a report.
#include "assess/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "math/change_points.h"
#include "stats/interval.h"

namespace poolgauge {

namespace {

constexpr std::size_t kFewestSeconds = 10;

std::vector<PackedHistogram> slices_of(const Measurement& measured,
                                       PackedHistogram Slice::*metric) {
  std::vector<PackedHistogram> slices;
  for (const Slice& slice : measured.slices) slices.push_back(slice.*metric);
  return slices;
}

/// Of one in a sparse list.
std::vector<PackedHistogram> slices_of(const Measurement& measured,
                                       std::vector<PackedAt> Slice::*list, std::size_t index) {
  std::vector<PackedHistogram> slices;
  for (const Slice& slice : measured.slices) {
    const PackedHistogram* found = find_packed(slice.*list, index);
    slices.push_back(found != nullptr ? *found : PackedHistogram{});
  }
  return slices;
}

/// A second's latency for the eye of MSER: a percentile that most seconds can give.
std::vector<double> latencies(const std::vector<const SecondSample*>& seconds) {
  constexpr std::uint64_t kForP95 = 20;
  const auto good = std::count_if(seconds.begin(), seconds.end(), [](const SecondSample* second) {
    return second->latency.count() >= kForP95;
  });
  const bool p95 = 10 * static_cast<std::size_t>(good) >= 9 * seconds.size();
  std::vector<double> series;
  double last = 0;
  for (const SecondSample* second : seconds) {
    if (!second->latency.empty()) last = to_ms(second->latency.quantile(p95 ? 0.95 : 0.5));
    series.push_back(last);
  }
  return series;
}

}  // namespace

void add_histograms(Report& report, const Scenario& scenario, const Measurement& measured) {
  const Measurement& m = measured;
  report.slice_s = to_s(m.slice_length);
  report.histograms = {
      {"latency", m.latency.packed(), slices_of(m, &Slice::latency)},
      {"response", m.response.packed(), slices_of(m, &Slice::response)},
      {"pool_wait", m.pool_wait.packed(), slices_of(m, &Slice::pool_wait)},
      {"connection_time", m.connection_time.packed(), slices_of(m, &Slice::connection_time)},
      {"connect", m.connect.packed(), {}},
      {"schedule_lag", m.client.schedule_lag.packed(), slices_of(m, &Slice::schedule_lag)},
  };
  // Of very many steps only the whole is kept: slices are for interval logs.
  constexpr std::size_t kMostWithSlices = 1000;
  const bool sliced = m.steps.size() + m.kinds.size() <= kMostWithSlices;
  const auto add = [&](const std::string& name, const Histogram& whole,
                       std::vector<PackedAt> Slice::*list, std::size_t index) {
    report.histograms.push_back({name, whole.packed(), {}});
    if (sliced) report.histograms.back().slices = slices_of(m, list, index);
  };
  std::size_t index = 0;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      if (index < m.steps.size()) {
        add(fmt::format("step:{}.{}", request.name, step.name), m.steps[index], &Slice::steps,
            index);
      }
      ++index;
    }
  }
  if (scenario.requests.size() < 2) return;  // the latency is that of its only kind
  for (std::size_t i = 0; i < std::min(m.kinds.size(), scenario.requests.size()); ++i) {
    add("request:" + scenario.requests[i].name, m.kinds[i].latency, &Slice::kinds, i);
  }
}

Steadiness steadiness_of(const Measurement& measured) {
  Steadiness found;
  found.automatic = measured.warmup_end.automatic;
  found.reached = !found.automatic || measured.warmup_end.steady;
  std::vector<const SecondSample*> seconds;
  std::vector<double> completed;
  for (std::size_t i = 0; i < measured.series.size(); ++i) {
    if (std::chrono::seconds(i + 1) > measured.window) break;  // the last one may be a part
    seconds.push_back(&measured.series[i]);
    completed.push_back(static_cast<double>(measured.series[i].completed));
  }
  if (seconds.size() < kFewestSeconds) return found;
  found.known = true;
  // steady_from() itself wants the last half of a series steady.
  const std::size_t least = seconds.size() / 4;
  const auto throughput = math::steady_from(completed, least);
  const auto latency = math::steady_from(latencies(seconds), least);
  if (throughput && latency) {
    found.after_s = static_cast<double>(std::max(*throughput, *latency));
  }
  return found;
}

}  // namespace poolgauge
