// Ages of requests in flight, and stalls.
#include "report/in_flight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "advise/stall_words.h"
#include "base/text.h"
#include "report/json_gaps.h"
#include "report/json_histograms.h"
#include "stats/product_limit.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kWholes = 4;  // before the steps
constexpr const char* kWholeNames[kWholes] = {"latency", "response", "pool_wait",
                                              "connection_time"};
constexpr std::size_t kFailedWholes = 3;  // the first of these

Json seconds(Duration time) {
  return std::strtod(fmt::format("{:.6g}", to_s(time)).c_str(), nullptr);
}

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

void write_in_flight(Json& root, const Report& report, Json (*summary)(const LatencySummary&)) {
  const InFlightSummary& in_flight = report.in_flight;
  if (in_flight.ages.count > 0) {
    Json kinds = Json::array();
    for (const auto& [request, ages] : in_flight.requests) {
      kinds.push_back({{"request", request}, {"ages_ms", summary(ages)}});
    }
    root["in_flight"] = {{"ages_ms", summary(in_flight.ages)},
                         {"older_than_completed", in_flight.older_than_completed},
                         {"by_request", std::move(kinds)},
                         {"histograms", histograms_json(report.age_histograms)}};
    if (!report.failed_histograms.empty()) {
      root["in_flight"]["failed_histograms"] = histograms_json(report.failed_histograms);
    }
  }
  if (report.gaps.known) root["gaps"] = gaps_json(report.gaps);
  if (report.stalls.empty()) return;
  Json stalls = Json::array();
  for (const Stall& stall : report.stalls) {
    stalls.push_back({{"start_s", seconds(stall.start)},
                      {"end_s", seconds(stall.end)},
                      {"in_flight", stall.in_flight},
                      {"to_the_end", stall.to_the_end}});
  }
  root["stalls"] = std::move(stalls);
}

void read_in_flight(Report& report, const JsonNode& root,
                    LatencySummary (*summary)(const JsonNode&)) {
  if (const JsonNode node = root["in_flight"]; !node.is_null()) {
    InFlightSummary& in_flight = report.in_flight;
    in_flight.ages = summary(node["ages_ms"]);
    in_flight.older_than_completed = node["older_than_completed"].count();
    for (const JsonNode& item : node["by_request"].items()) {
      in_flight.requests.push_back({item["request"].text(), summary(item["ages_ms"])});
    }
    report.age_histograms = read_histograms(node["histograms"]);
    report.failed_histograms = read_histograms(node["failed_histograms"]);
  }
  report.gaps = read_gaps(root["gaps"]);
  if (root["stalls"].is_null()) return;
  for (const JsonNode& item : root["stalls"].items()) {
    Stall stall;
    stall.start = from_s(item["start_s"].number());
    stall.end = from_s(item["end_s"].number());
    stall.in_flight = item["in_flight"].small_count();
    stall.to_the_end = item["to_the_end"].flag();
    report.stalls.push_back(stall);
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

std::string in_flight_text(const Report& report) {
  if (report.requests.in_flight == 0) return "";
  const InFlightSummary& in_flight = report.in_flight;
  std::string text = with_thousands(report.requests.in_flight) + " in flight at the end";
  if (in_flight.ages.max) {
    text += fmt::format(", the oldest for {}", human_duration(from_ms(*in_flight.ages.max)));
  }
  if (in_flight.older_than_completed > 0 && report.requests.completed > 0) {
    text += fmt::format(", {} of them for longer than any completed request took",
                        with_thousands(in_flight.older_than_completed));
  }
  return text;
}

std::string stall_line(const Report& report) {
  return stalls_text(report.stalls, from_s(report.window_s));
}

}  // namespace poolgauge
