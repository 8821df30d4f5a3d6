// Drawing variables: ranges, shapes, and which are drawn at all.
#include "engine/values.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

namespace poolgauge {
namespace {

template <typename Variable>
Scenario scenario_with(Variable value) {
  Scenario scenario;
  scenario.variables.push_back({"v", std::move(value)});
  RequestSpec request;
  Step step;
  step.sql.variables = {0};
  request.steps.push_back(step);
  scenario.requests.push_back(request);
  return scenario;
}

/// n draws of the only variable by one user.
std::vector<std::string> draws(const Scenario& scenario, int n, std::uint32_t offset = 0,
                               std::uint32_t stride = 1, std::uint64_t seed = 1) {
  ValueSource source(scenario, offset, stride);
  Rng rng(seed);
  std::vector<std::string> values;
  std::vector<std::string> all;
  for (int i = 0; i < n; ++i) {
    source.draw(0, rng, values);
    all.push_back(values[0]);
  }
  return all;
}
std::map<std::int64_t, double> shares(const std::vector<std::string>& values) {
  std::map<std::int64_t, double> counted;
  const double one = 1.0 / static_cast<double>(values.size());
  for (const std::string& value : values) counted[std::stoll(value)] += one;
  return counted;
}

TEST_CASE("uniform: both ends, all values alike", "[values]") {
  const auto seen = shares(draws(scenario_with(UniformVariable{-2, 3}), 60000));
  REQUIRE(seen.size() == 6);
  CHECK(seen.begin()->first == -2);
  CHECK(seen.rbegin()->first == 3);
  for (const auto& [value, share] : seen) CHECK(share == Approx(1.0 / 6).margin(0.008));
}

TEST_CASE("zipf: rank k is k^-s as frequent as the first", "[values]") {
  const auto seen = shares(draws(scenario_with(ZipfVariable{10, 109, 1.2}), 200000));
  CHECK(seen.begin()->first == 10);
  CHECK(seen.rbegin()->first <= 109);
  double sum = 0;
  for (int k = 1; k <= 100; ++k) sum += std::pow(k, -1.2);
  CHECK(seen.at(10) == Approx(1 / sum).margin(0.005));
  CHECK(seen.at(11) == Approx(std::pow(2, -1.2) / sum).margin(0.005));
  CHECK(seen.at(19) == Approx(std::pow(10, -1.2) / sum).margin(0.003));
}

// PostgreSQL's documentation of pgbench: the middle 1/parameter holds 67 %, for any parameter; the
// middle 2/parameter 95 %.
TEST_CASE("gaussian: pgbench's, around the middle", "[values]") {
  const double parameter = GENERATE(2.0, 2.5, 5.0);
  const auto seen = shares(draws(scenario_with(GaussianVariable{1, 1000, parameter}), 100000));
  CHECK(seen.begin()->first >= 1);
  CHECK(seen.rbegin()->first <= 1000);
  // The probability of a value, from pgbench's formula.
  const auto phi = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  const auto below = [&](double x) {
    const double all = 2.0 * phi(parameter) - 1.0;
    return (phi(2.0 * parameter * (x - 500.5) / 1000.0) - phi(-parameter)) / all;
  };
  double counted = 0;
  for (const auto& [value, share] : seen) {
    counted += share;
    REQUIRE(counted == Approx(below(static_cast<double>(value) + 0.5)).margin(0.006));
  }
}

TEST_CASE("exponential: pgbench's, low values most often", "[values]") {
  const double parameter = GENERATE(0.5, 5.0, 20.0);
  const auto seen = shares(draws(scenario_with(ExponentialVariable{1, 10, parameter}), 100000));
  CHECK(seen.begin()->first == 1);
  CHECK(seen.rbegin()->first <= 10);
  for (const auto& [value, share] : seen) {
    const auto i = static_cast<double>(value);
    const double expected = (std::exp(-parameter * (i - 1) / 10) - std::exp(-parameter * i / 10)) /
                            (1 - std::exp(-parameter));
    CHECK(share == Approx(expected).margin(0.006));
  }
}

TEST_CASE("gaussian and exponential keep to a range of one value", "[values]") {
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    CHECK(draw_gaussian(7, 7, 2.0, rng) == 7);
    CHECK(draw_exponential(7, 7, 0.1, rng) == 7);
  }
}

TEST_CASE("a sequence is unique over all threads and leaves nothing out", "[values]") {
  const Scenario scenario = scenario_with(SequenceVariable{100, 10});
  std::set<std::string> all;
  for (std::uint32_t shard = 0; shard < 3; ++shard) {
    for (const std::string& value : draws(scenario, 50, shard, 3)) CHECK(all.insert(value).second);
  }
  for (int i = 0; i < 150; ++i) CHECK(all.count(std::to_string(100 + 10 * i)) == 1);
}

TEST_CASE("a sequence may count down", "[values]") {
  CHECK(draws(scenario_with(SequenceVariable{1, -2}), 3) ==
        std::vector<std::string>{"1", "-1", "-3"});
}

TEST_CASE("text has exactly the length asked for, in words", "[values]") {
  const std::uint32_t length = GENERATE(0U, 1U, 2U, 9U, 200U, 5000U);
  for (const std::string& text : draws(scenario_with(TextVariable{length}), 20)) {
    REQUIRE(text.size() == length);
    if (length == 0) continue;
    CHECK(text.front() != ' ');
    CHECK(text.back() != ' ');
    CHECK(text.find("  ") == std::string::npos);
    CHECK(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz ") == std::string::npos);
  }
}

TEST_CASE("choices by weight; a missing weight is one, a weight of zero never", "[values]") {
  ChoiceVariable choice;
  choice.values = {"a", "b", "c"};
  choice.weights = {6, 0, 2};
  std::map<std::string, double> seen;
  for (const std::string& value : draws(scenario_with(choice), 40000)) seen[value] += 1 / 40000.0;
  CHECK(seen["a"] == Approx(0.75).margin(0.01));
  CHECK(seen.count("b") == 0);
  CHECK(seen["c"] == Approx(0.25).margin(0.01));
  choice.weights.clear();
  seen.clear();
  for (const std::string& value : draws(scenario_with(choice), 30000)) seen[value] += 1 / 30000.0;
  CHECK(seen["b"] == Approx(1 / 3.0).margin(0.01));
}

TEST_CASE("a CSV column in turn, shared out over the threads, and at random", "[values]") {
  CsvVariable csv;
  csv.values = {"x", "y", "z"};
  csv.in_turn = true;
  CHECK(draws(scenario_with(csv), 4) == std::vector<std::string>{"x", "y", "z", "x"});
  CHECK(draws(scenario_with(csv), 3, 1, 2) == std::vector<std::string>{"y", "x", "z"});
  csv.in_turn = false;
  const auto drawn = draws(scenario_with(csv), 300);
  CHECK(std::set<std::string>(drawn.begin(), drawn.end()).size() == 3);
}

TEST_CASE("columns of one file come from the same row, and NULL is none of its texts", "[values]") {
  Scenario scenario;
  CsvVariable low;
  low.together = true;
  low.null = "\\N";
  low.values = {"1", "2", "3", "\\N"};
  CsvVariable high = low;
  high.values = {"11", "12", "13", "14"};
  CsvVariable other = low;
  other.request = "other";
  other.values = {"a", "b"};
  scenario.variables = {{"low", low}, {"high", high}, {"other", other}};
  RequestSpec request;
  Step step;
  step.sql.variables = {0, 1, 2};
  request.steps.push_back(step);
  scenario.requests.push_back(request);
  ValueSource source(scenario, 0, 1);
  Rng rng(1);
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    source.draw(0, rng, values);
    seen.insert(values[0] + "/" + values[2]);
    const bool null = values[0] == std::string(1, '\0');
    CHECK(std::stoi(values[1]) == (null ? 14 : std::stoi(values[0]) + 10));
  }
  CHECK(seen.size() == 8);  // the other rows are drawn by themselves
}

TEST_CASE("rows in turn follow a replay's own count, whichever thread asks", "[values]") {
  CsvVariable csv;
  csv.together = true;
  csv.in_turn = true;
  csv.values = {"x", "y", "z"};
  const Scenario scenario = scenario_with(csv);
  ValueSource source(scenario, 1, 2);
  Rng rng(1);
  std::vector<std::string> values;
  std::string drawn;
  for (const std::uint32_t turn : {2U, 0U, 1U, 3U}) {
    source.draw(0, rng, values, turn);
    drawn += values[0];
  }
  CHECK(drawn == "zxyx");
  drawn.clear();
  for (int i = 0; i < 3; ++i) {
    source.draw(0, rng, values);
    drawn += values[0];
  }
  CHECK(drawn == "yxz");
}

TEST_CASE("only what a request uses is drawn", "[values]") {
  Scenario scenario;
  scenario.variables.push_back({"used_by_first", SequenceVariable{1, 1}});
  scenario.variables.push_back({"used_by_both", SequenceVariable{1, 1}});
  scenario.variables.push_back({"used_by_none", SequenceVariable{1, 1}});
  RequestSpec first;
  Step step;
  step.sql.variables = {1, 0};
  first.steps = {step, step};  // twice in one request: drawn once
  RequestSpec second;
  step.sql.variables = {1};
  second.steps = {step};
  scenario.requests = {first, second};
  ValueSource source(scenario, 0, 1);
  Rng rng(1);
  std::vector<std::string> values;
  source.draw(1, rng, values);
  CHECK(values == std::vector<std::string>{"", "1", ""});
  source.draw(0, rng, values);
  CHECK(values == std::vector<std::string>{"1", "2", ""});
  source.draw(0, rng, values);
  CHECK(values == std::vector<std::string>{"2", "3", ""});
}

TEST_CASE("the same seed draws the same values", "[values]") {
  const Scenario scenario = scenario_with(TextVariable{50});
  CHECK(draws(scenario, 5, 0, 1, 9) == draws(scenario, 5, 0, 1, 9));
  CHECK(draws(scenario, 5, 0, 1, 9) != draws(scenario, 5, 0, 1, 10));
}

}  // namespace
}  // namespace poolgauge
