// What was observed, in the words of a scenario.
#include "poolgauge/observed_load.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "scenario/import/import_parts.h"

namespace poolgauge {

namespace {

constexpr double kHardlyVaries = 0.05;  // squared coefficient of variation
constexpr std::size_t kMostName = 30;   // of a pool

/// To the microsecond: nothing of it was measured more finely.
std::string rounded_duration(double s) {
  const auto us = static_cast<std::int64_t>(std::llround(std::max(s, 1e-6) * 1e6));
  return format_duration(std::chrono::microseconds(us));
}

/// The times of the hold, shorter by the mean of what the statements take.
ObservedRequests without_processor(ObservedRequests requests) {
  const double share = std::clamp(1 - requests.processor_s / requests.hold_s, 0.0, 1.0);
  requests.hold_s *= share;
  for (double& s : requests.hold_quantiles_s) s *= share;
  return requests;
}

Json hold_of(const ObservedRequests& requests) {
  if (!requests.hold_quantiles_s.empty()) {
    Json values = Json::array();
    for (const double s : requests.hold_quantiles_s) values.push_back(rounded_duration(s));
    return {{"empirical", std::move(values)}};
  }
  const double spread = requests.hold_spread.value_or(1);
  if (spread < kHardlyVaries) return rounded_duration(requests.hold_s);
  if (!requests.hold_spread) return {{"exponential", rounded_duration(requests.hold_s)}};
  constexpr double kP95 = 1.6448536269514722;  // of a standard normal variable
  const double sigma = std::sqrt(std::log1p(spread));
  const double median = requests.hold_s / std::sqrt(1 + spread);
  return {{"lognormal",
           {{"median", rounded_duration(median)},
            {"p95", rounded_duration(median * std::exp(kP95 * sigma))}}}};
}

Json value_of(const OptionValue& value) {
  struct Write {
    Json operator()(std::int64_t whole) const { return whole; }
    Json operator()(bool flag) const { return flag; }
    Json operator()(Duration duration) const { return format_duration(duration); }
    Json operator()(const std::string& choice) const { return choice; }
  };
  return std::visit(Write{}, value);
}

Json pool_of(const ObservedRequests& requests) {
  Json pool{{"kind", requests.kind}};
  for (const auto& [name, value] : requests.options) pool[name] = value_of(value);
  return pool;
}

std::string unique_name(const std::string& wanted, std::set<std::string>& taken) {
  std::string plain = plain_name(wanted, '-', kMostName - 3);
  if (plain.empty() || plain[0] == '-') plain = "app" + plain;
  std::string name = plain;
  for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", plain, i);
  return name;
}

/// A tenth of a hold: whoever waits longer has waited for another request.
std::string goal_of(const ObservedLoad& load) {
  double least_s = load.requests.front().hold_s;
  for (const ObservedRequests& one : load.requests) least_s = std::min(least_s, one.hold_s);
  const double ms = std::max(1.0, std::ceil(least_s * 100));
  return fmt::format("{}(pool_wait) < {:g}ms", load.goal, ms);
}

/// After what is said of the statements.
void add_notes(const ObservedLoad& load, std::vector<std::string>& notes) {
  notes.push_back("the scenario assumes random arrivals (Poisson) and one transaction per request");
  for (const ObservedRequests& one : load.requests) {
    notes.push_back(
        fmt::format("pool kind {} for \"{}\" is a guess: {}", one.kind, one.name, one.pattern));
  }
  notes.push_back(fmt::format(
      "the goal {} is a placeholder (a tenth of the shortest mean hold time, but not below 1ms); "
      "replace it with your own",
      goal_of(load)));
}

/// Each of the statements with its share, or nothing where none can be replayed.
Json statement_requests(const ObservedLoad& load, Json& root, std::vector<std::string>& notes) {
  if (load.requests.size() != 1 || load.statements.statements.empty()) return {};
  ServerStatements statements = load.statements;
  guess_parameters(statements);
  ImportOptions options;
  options.name = load.name;
  ImportedScenario mix = import_statements(statements, options);
  Json parsed = Json::parse(mix.json);
  if (parsed["requests"].empty()) return {};
  const ObservedRequests& one = load.requests.front();
  const Json hold = hold_of(without_processor(one));
  for (Json& request : parsed["requests"]) {
    request["steps"][0]["cost"] = Json{{"exponential", rounded_duration(one.processor_s)}};
    request["steps"].push_back({{"name", "work"}, {"hold", hold}});
    if (one.in_transaction) request["transaction"] = true;
  }
  if (parsed.contains("variables")) root["variables"] = parsed["variables"];
  notes = std::move(mix.notes);
  notes.push_back(
      "each request runs one of the statements that pg_stat_statements counted in the window, by "
      "their shares, and holds its connection as long as observed; time that statements waited on "
      "the server is replaced by hold time");
  return parsed["requests"];
}

}  // namespace

ImportedScenario import_observed(const ObservedLoad& load) {
  ImportOptions options;
  options.name = load.name;
  Json root =
      new_scenario(options, fmt::format("Arrivals and hold times observed on a live server for {}",
                                        seconds_text(std::round(load.seconds))));
  root.erase("variables");
  const bool several = load.requests.size() > 1;
  std::vector<std::string> notes = {
      "the scenario replaces all statements by hold time: it loads the pools as observed, but not "
      "the database. To include the statements, use scenario import --pg-stat-statements"};
  Json with_statements = statement_requests(load, root, notes);
  double rate = 0;
  Json pools = Json::object();
  std::set<std::string> taken;
  for (const ObservedRequests& one : load.requests) {
    const std::string name = unique_name(one.name, taken);
    Json request{{"name", name}, {"weight", one.rate_per_s}};
    if (several) request["pool"] = name;
    if (one.in_transaction) request["transaction"] = true;
    Json statement{{"name", "statement"}, {"sql", "SELECT 1"}, {"cost", "1us"}};
    Json work{{"name", "work"}, {"hold", hold_of(one)}};
    request["steps"] = Json::array({std::move(statement), std::move(work)});
    root["requests"].push_back(std::move(request));
    pools[name] = pool_of(one);
    rate += one.rate_per_s;
  }
  if (!with_statements.is_null()) root["requests"] = std::move(with_statements);
  root["load"] = {{"rate", std::round(rate * 1000) / 1000}, {"arrivals", "poisson"}};
  root["warmup"] = "5s";
  root["duration"] = "60s";
  root["deployment"]["processes"] = load.requests.front().processes;
  if (several) {
    root["deployment"]["pools"] = std::move(pools);
  } else {
    root["deployment"]["pool"] = pools.begin().value();
  }
  root["slo"] = Json::array({goal_of(load)});
  ImportedScenario imported;
  imported.json = root.dump(-1, ' ', false, Json::error_handler_t::replace);
  add_notes(load, notes);
  imported.notes = std::move(notes);
  return imported;
}

}  // namespace poolgauge
