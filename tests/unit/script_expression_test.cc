// pgbench's expressions, against what the real pgbench made of them and by their moments.
#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <functional>

#include "script/expression.h"

using namespace poolgauge;

namespace {

constexpr std::int64_t kDefaultSeed = 5432;

/// Variables default_seed (set), text (as its text) and later (not set yet).
std::optional<std::uint32_t> index_of(std::string_view name) {
  if (name == "default_seed") return 0;
  if (name == "text") return 1;
  if (name == "later") return 2;
  return std::nullopt;
}

struct Answer {
  std::string text;  ///< as pgbench's debug() says it, or "error"
  std::string problem;
  ScriptValue value;
};

Answer answer(std::string_view text, Rng& rng, const std::string& variable = "") {
  const auto parsed = parse_expression(text, index_of);
  if (const auto* problem = std::get_if<ExpressionProblem>(&parsed)) {
    return {"error", problem->message, {}};
  }
  const std::vector<ScriptValue> values{
      ScriptValue::of_integer(kDefaultSeed), {ScriptValue::Type::text, 0, 0}, {}};
  const std::vector<std::string> texts{"", variable, ""};
  const Evaluated result = evaluate(std::get<Expression>(parsed), {values, texts}, rng);
  if (result.problem != nullptr) return {"error", result.problem, {}};
  std::string shown;
  assign_text(shown, result.value);
  switch (result.value.type) {
    case ScriptValue::Type::integer: shown = "int " + shown; break;
    case ScriptValue::Type::real: shown = "double " + shown; break;
    case ScriptValue::Type::boolean: shown = "boolean " + shown; break;
    default: shown = "null"; break;
  }
  return {shown, "", result.value};
}

std::string told(std::string_view text, const std::string& variable = "") {
  Rng rng(1);
  return answer(text, rng, variable).text;
}

ExpressionProblem refused(std::string_view text) {
  const auto parsed = parse_expression(text, index_of);
  REQUIRE(std::holds_alternative<ExpressionProblem>(parsed));
  return std::get<ExpressionProblem>(parsed);
}

std::vector<std::int64_t> drawn(std::string_view text, int count) {
  Rng rng(7);
  std::vector<std::int64_t> values;
  for (int i = 0; i < count; ++i) values.push_back(answer(text, rng).value.integer);
  return values;
}

struct Moments {
  double mean = 0;
  double deviation = 0;
  std::int64_t low = INT64_MAX;
  std::int64_t high = INT64_MIN;
};

Moments moments(const std::vector<std::int64_t>& values) {
  Moments m;
  const auto count = static_cast<double>(values.size());
  for (const std::int64_t value : values) {
    m.mean += static_cast<double>(value) / count;
    m.low = std::min(m.low, value);
    m.high = std::max(m.high, value);
  }
  for (const std::int64_t value : values) {
    m.deviation += std::pow(static_cast<double>(value) - m.mean, 2) / count;
  }
  m.deviation = std::sqrt(m.deviation);
  return m;
}

}  // namespace

TEST_CASE("every expression comes to what the real pgbench made of it") {
  std::ifstream file(POOLGAUGE_SOURCE_DIR "/tests/vectors/pgbench-expressions.txt");
  int seen = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    const std::size_t tab = line.find('\t');
    REQUIRE(tab != std::string::npos);
    INFO(line);
    CHECK(told(line.substr(0, tab)) == line.substr(tab + 1));
    ++seen;
  }
  CHECK(seen > 700);
}

TEST_CASE("a variable's text is read as pgbench reads -D") {
  CHECK(told(":text", "12") == "int 12");
  CHECK(told(":text + 1", "-12") == "int -11");
  CHECK(told(":text", "1.5") == "double 1.5");
  CHECK(told(":text", "1e3") == "double 1000");
  CHECK(told(":text", "null") == "null");
  CHECK(told(":text", "T") == "boolean true");
  CHECK(told(":text", "yes") == "boolean true");
  CHECK(told(":text", "off") == "boolean false");
  CHECK(told(":text", "o") == "error");
  CHECK(told(":text", "hello") == "error");
  CHECK(told(":text", "") == "error");
  CHECK(told(":later") == "error");
}

TEST_CASE("what is true for \\if") {
  CHECK(is_true(ScriptValue::of_integer(-1)));
  CHECK(is_true(ScriptValue::of_real(0.5)));
  CHECK(is_true(ScriptValue::of_boolean(true)));
  CHECK_FALSE(is_true(ScriptValue::of_integer(0)));
  CHECK_FALSE(is_true(ScriptValue::of_real(0)));
  CHECK_FALSE(is_true(ScriptValue::of_boolean(false)));
  CHECK_FALSE(is_true(ScriptValue::null()));
}

TEST_CASE("what is wrong with an expression is said with its place") {
  CHECK(refused("1 +").found == "the end of the line");
  CHECK(refused("greatest(1, 2").message == "expected \",\" or \")\"");
  CHECK(refused("1 + * 2").offset == 4);
  CHECK(refused("gretest(1, 2)").nearest == "greatest");
  CHECK(refused("random(1)").message == "expected 2 arguments of random(), found 1");
  CHECK(refused("hash()").message == "expected 1 or 2 arguments of hash(), found 0");
  CHECK(refused("greatest()").message == "expected 1 or more arguments of greatest(), found 0");
  CHECK(refused("1 + :nobody").offset == 4);
  CHECK(refused("1 < 2 < 3").offset == 6);
  CHECK(refused(std::string(5000, '(')).message.find("parentheses") != std::string::npos);
  CHECK(refused("99999999999999999999").message == "expected a 64-bit integer");
  CHECK(refused("1 @ 2").found == "@");
}

TEST_CASE("random draws have the moments of their distributions") {
  constexpr int kDraws = 40000;
  const Moments uniform = moments(drawn("random(1, 1000)", kDraws));
  CHECK(uniform.low >= 1);
  CHECK(uniform.high <= 1000);
  CHECK(uniform.mean == Approx(500.5).epsilon(0.01));
  CHECK(uniform.deviation == Approx(288.7).epsilon(0.01));
  // pgbench: the middle (parameter 5) within 1/5 of the width in 68 % of the draws.
  const std::vector<std::int64_t> gaussian = drawn("random_gaussian(1, 1000, 5.0)", kDraws);
  CHECK(moments(gaussian).mean == Approx(500.5).epsilon(0.01));
  CHECK(moments(gaussian).deviation == Approx(100).epsilon(0.02));
  // Density e^-5x on (0, 1): its mean is 1/5 - 1/(e^5 - 1).
  const Moments exponential = moments(drawn("random_exponential(1, 1000, 5.0)", kDraws));
  CHECK(exponential.mean == Approx(1000 * (0.2 - 1 / (std::exp(5.0) - 1)) + 0.5).epsilon(0.02));
  CHECK(exponential.low >= 1);
  CHECK(exponential.high <= 1000);
  // Zipf with 2.0: the first value has a share of 1 / zeta(2), twice squared of the second.
  const std::vector<std::int64_t> zipf = drawn("random_zipfian(1, 1000, 2.0)", kDraws);
  const auto share = [&zipf](std::int64_t value) {
    return static_cast<double>(std::count(zipf.begin(), zipf.end(), value)) / kDraws;
  };
  CHECK(share(1) == Approx(0.608).epsilon(0.03));
  CHECK(share(2) == Approx(0.152).epsilon(0.05));
}

TEST_CASE("a permutation hits every place once") {
  for (const std::int64_t size : {1, 2, 3, 4, 7, 64, 1000}) {
    std::vector<bool> hit(static_cast<std::size_t>(size));
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t to = permute(i, size, 99);
      REQUIRE(to >= 0);
      REQUIRE(to < size);
      CHECK_FALSE(hit[static_cast<std::size_t>(to)]);
      hit[static_cast<std::size_t>(to)] = true;
    }
  }
}
