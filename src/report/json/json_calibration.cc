// A line of text for each sampled request: the only part of a report that is not laid out for eyes.
#include "report/json/json_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

Json timed(const TimedCount& timed) {
  return {{"count", timed.count}, {"mean_us", rounded(timed.mean_us())}};
}

TimedCount read_timed(const JsonNode& node) {
  if (node.is_null()) return {};
  TimedCount timed;
  timed.count = node["count"].count();
  timed.total_us = node["mean_us"].number() * static_cast<double>(timed.count);
  return timed;
}

/// "0 212@1.3 140@1": microseconds and exchanges under way, in the order of the request.
std::string sample_text(const TransactionSample& sample) {
  std::string text;
  for (const ExchangeSample& exchange : sample.exchanges) {
    if (!text.empty()) text += ' ';
    text += exchange.us > 0 ? fmt::format("{:.4g}@{:.3g}", exchange.us, exchange.active) : "0";
  }
  return text;
}

/// The names of each request's exchanges, from the report's steps.
std::unordered_map<std::string, Json> exchange_names(const Report& report) {
  std::unordered_map<std::string, Json> names;
  for (const StepSummary& step : report.steps) {
    const auto known = names.try_emplace(step.request, Json::array({"BEGIN"})).first;
    known->second.push_back(step.name);
  }
  for (auto& [request, exchanges] : names) exchanges.push_back("COMMIT");
  return names;
}

std::vector<std::string> request_names(const Report& report) {
  std::vector<std::string> names;
  for (const StepSummary& step : report.steps) {
    if (names.empty() || names.back() != step.request) names.push_back(step.request);
  }
  return names;
}

/// The texts of all samples, by request: there may be tens of thousands of both.
std::vector<Json> samples_by_request(const Calibration& calibration) {
  std::vector<Json> samples(calibration.exchanges.size(), Json::array());
  for (const TransactionSample& sample : calibration.transactions) {
    if (sample.request < samples.size()) samples[sample.request].push_back(sample_text(sample));
  }
  return samples;
}

Json request_json(const std::string& name, const std::vector<TimedCount>& seen, Json names,
                  Json samples) {
  Json exchanges = Json::array();
  for (const TimedCount& exchange : seen) exchanges.push_back(timed(exchange));
  return {{"request", name},
          {"exchanges", std::move(names)},
          {"seen", std::move(exchanges)},
          {"samples", std::move(samples)}};
}

/// One number of a sample, from `at`; false when there is none.
bool take_number(const char*& at, const char* end, float& value) {
  const auto [stop, error] = std::from_chars(at, end, value);
  if (error != std::errc() || !(value >= 0)) return false;
  at = stop;
  return true;
}

bool take_exchange(const char*& at, const char* end, ExchangeSample& exchange) {
  if (!take_number(at, end, exchange.us)) return false;
  if (at == end || *at != '@') return true;
  return take_number(++at, end, exchange.active);
}

TransactionSample read_sample(const JsonNode& node, std::uint32_t request, std::size_t exchanges) {
  const std::string text = node.text();
  TransactionSample sample;
  sample.request = request;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    ExchangeSample exchange;
    if (!take_exchange(at, end, exchange)) break;
    sample.exchanges.push_back(exchange);
    if (at != end && *at == ' ') ++at;
  }
  if (at != end || sample.exchanges.size() != exchanges) {
    node.expected(fmt::format("{} times such as \"212@1.3\"", exchanges));
  }
  return sample;
}

void read_request(Calibration& calibration, const JsonNode& node) {
  const auto index = static_cast<std::uint32_t>(calibration.exchanges.size());
  std::vector<TimedCount>& exchanges = calibration.exchanges.emplace_back();
  for (const JsonNode& seen : node["seen"].items()) exchanges.push_back(read_timed(seen));
  for (const JsonNode& sample : node["samples"].items()) {
    calibration.transactions.push_back(read_sample(sample, index, exchanges.size()));
  }
}

}  // namespace

Json calibration_json(const Report& report) {
  const Calibration& calibration = report.calibration;
  Json requests = Json::array();
  const std::vector<std::string> names = request_names(report);
  std::unordered_map<std::string, Json> exchanges = exchange_names(report);
  std::vector<Json> samples = samples_by_request(calibration);
  for (std::size_t i = 0; i < std::min(names.size(), calibration.exchanges.size()); ++i) {
    requests.push_back(request_json(names[i], calibration.exchanges[i], exchanges.at(names[i]),
                                    std::move(samples[i])));
  }
  const bool known = calibration.dispersion > 0;
  return {{"cores", calibration.cores > 0 ? Json(calibration.cores) : Json(nullptr)},
          {"shares_client", calibration.shares_client},
          {"active_mean", rounded(calibration.active_mean)},
          {"dispersion", known ? Json(rounded(calibration.dispersion)) : Json(nullptr)},
          {"dispersion_se", known ? Json(rounded(calibration.dispersion_se)) : Json(nullptr)},
          {"pings", timed(calibration.pings)},
          {"resets", timed(calibration.resets)},
          {"requests", std::move(requests)}};
}

Calibration read_calibration(const JsonNode& node) {
  Calibration calibration;
  if (node.is_null()) return calibration;
  if (!node["cores"].is_null()) calibration.cores = node["cores"].small_count();
  calibration.shares_client = node["shares_client"].flag();
  calibration.active_mean = node["active_mean"].number_or(0);
  calibration.dispersion = node["dispersion"].number_or(0);
  calibration.dispersion_se = node["dispersion_se"].number_or(0);
  calibration.pings = read_timed(node["pings"]);
  calibration.resets = read_timed(node["resets"]);
  for (const JsonNode& request : node["requests"].items()) read_request(calibration, request);
  return calibration;
}

}  // namespace poolgauge
