// Requests in flight, from a measurement into a report and back.
#include "assess/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "stats/product_limit.h"

namespace poolgauge {
namespace {

constexpr std::size_t kWholes = 4;  // before the steps
constexpr const char* kWholeNames[kWholes] = {"latency", "response", "pool_wait",
                                              "connection_time"};
constexpr std::size_t kFailedWholes = 3;  // the first of these

void add_age_histograms(Report& report, const Scenario& scenario, const InFlightAges& ages) {
  const Histogram* wholes[kWholes] = {&ages.latency, &ages.response, &ages.pool_wait,
                                      &ages.connection_time};
  for (std::size_t i = 0; i < kWholes; ++i) {
    report.age_histograms.push_back({kWholeNames[i], wholes[i]->packed(), {}});
  }
  std::size_t step = 0;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& each : request.steps) {
      const PackedHistogram packed =
          step < ages.steps.size() ? ages.steps[step].packed() : PackedHistogram{};
      report.age_histograms.push_back(
          {fmt::format("step:{}.{}", request.name, each.name), packed, {}});
      ++step;
    }
  }
  for (std::size_t i = 0; i < scenario.requests.size(); ++i) {
    const PackedHistogram packed =
        i < ages.requests.size() ? ages.requests[i].packed() : PackedHistogram{};
    report.age_histograms.push_back(
        {fmt::format("request:{}", scenario.requests[i].name), packed, {}});
  }
}

void add_failed_histograms(Report& report, const Scenario& scenario, const FailedTimes& failed) {
  const Histogram* wholes[kFailedWholes] = {&failed.latency, &failed.response, &failed.pool_wait};
  for (std::size_t i = 0; i < kFailedWholes; ++i) {
    report.failed_histograms.push_back({kWholeNames[i], wholes[i]->packed(), {}});
  }
  const std::size_t kinds = std::min(failed.requests.size(), scenario.requests.size());
  for (std::size_t i = 0; i < kinds; ++i) {
    report.failed_histograms.push_back(
        {fmt::format("request:{}", scenario.requests[i].name), failed.requests[i].packed(), {}});
  }
}

Error damaged(const KeptHistogram& kept, const char* whose) {
  return Error{ErrorKind::usage,
               fmt::format("its histogram \"{}\" of requests {} is damaged", kept.name, whose),
               "the file was edited by hand or is incomplete"};
}

Status put_failed_times(Measurement& measured, const Report& report) {
  FailedTimes& failed = measured.failed_times;
  Histogram* wholes[kFailedWholes] = {&failed.latency, &failed.response, &failed.pool_wait};
  for (std::size_t i = 0; i < report.failed_histograms.size(); ++i) {
    const KeptHistogram& kept = report.failed_histograms[i];
    Histogram& into = i < kFailedWholes ? *wholes[i] : failed.requests.emplace_back();
    const bool known = i >= kFailedWholes || kept.name == kWholeNames[i];
    if (!known || !into.merge(kept.whole)) return damaged(kept, "that failed");
  }
  return success();
}

}  // namespace

void add_in_flight(Report& report, const Scenario& scenario, const Measurement& measured) {
  report.gaps = measured.gaps;
  report.gaps.keep_longest(kSavedGaps);
  const InFlightAges& ages = measured.in_flight;
  if (ages.latency.empty()) return;
  InFlightSummary& summary = report.in_flight;
  summary.ages = summarize(ages.latency);
  summary.older_than_completed = unresolved(measured.latency, ages.latency).count;
  const std::size_t kinds = std::min(ages.requests.size(), scenario.requests.size());
  for (std::size_t i = 0; i < kinds; ++i) {
    if (ages.requests[i].empty()) continue;
    summary.requests.push_back({scenario.requests[i].name, summarize(ages.requests[i])});
  }
  add_age_histograms(report, scenario, ages);
  if (!measured.failed_times.latency.empty()) {
    add_failed_histograms(report, scenario, measured.failed_times);
  }
}

Status put_ages(Measurement& measured, const Report& report) {
  InFlightAges& ages = measured.in_flight;
  Histogram* wholes[kWholes] = {&ages.latency, &ages.response, &ages.pool_wait,
                                &ages.connection_time};
  for (std::size_t i = 0; i < report.age_histograms.size(); ++i) {
    const KeptHistogram& kept = report.age_histograms[i];
    const bool step = kept.name.starts_with("step:");
    Histogram& into = i < kWholes ? *wholes[i]
                      : step      ? ages.steps.emplace_back()
                                  : ages.requests.emplace_back();
    const bool known = i >= kWholes || kept.name == kWholeNames[i];
    if (!known || !into.merge(kept.whole)) return damaged(kept, "in flight");
  }
  return put_failed_times(measured, report);
}

}  // namespace poolgauge
