// Pure: the same live and simulated.
#include "engine/values.h"

#include <algorithm>

#include "script/expression.h"

namespace poolgauge {

namespace {

using Type = ScriptValue::Type;

constexpr Duration kLongestSleep = std::chrono::hours(24 * 365);

void assign(ScriptValue& value, std::string& text, const ScriptValue& to) {
  value = to;
  if (to.type == Type::null) {
    assign_null(text);
  } else {
    assign_text(text, to);
  }
}

/// In pgbench a random number of its own; here one that follows from the seed.
std::int64_t default_seed(std::uint64_t seed) {
  constexpr std::uint64_t kStream = 0x68617368;
  return static_cast<std::int64_t>(Rng(seed, kStream).next());
}

}  // namespace

void ScriptState::begin(const Scenario& scenario, std::uint64_t seed, std::int64_t client,
                        std::vector<std::string>& texts) {
  const auto& variables = scenario.variables;
  const bool has_scripts = std::any_of(variables.begin(), variables.end(), [](const auto& v) {
    return std::holds_alternative<ScriptVariable>(v.value);
  });
  if (!has_scripts) return;
  values.resize(variables.size());
  texts.resize(variables.size());
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const auto* own = std::get_if<ScriptVariable>(&variables[i].value);
    if (own == nullptr) {
      values[i].type = Type::text;
      continue;
    }
    using Origin = ScriptVariable::Origin;
    std::int64_t number = 1;
    switch (own->origin) {
      case Origin::script: assign_null(texts[i]); continue;
      case Origin::scale: break;
      case Origin::client_id: number = client; break;
      case Origin::random_seed: number = static_cast<std::int64_t>(seed); break;
      case Origin::default_seed: number = default_seed(seed); break;
    }
    assign(values[i], texts[i], ScriptValue::of_integer(number));
  }
}

LineResult run_script_line(const ScriptLine& line, ScriptState& state,
                           std::vector<std::string>& texts, Rng& rng) {
  if (line.kind == ScriptLine::Kind::skip) return {line.ahead, nullptr};
  const ScriptVariables variables{state.values, texts};
  const Evaluated result = evaluate(line.expression, variables, rng);
  if (result.problem != nullptr) return {0, result.problem};
  if (line.kind == ScriptLine::Kind::unless) {
    return {is_true(result.value) ? 0 : line.ahead, nullptr};
  }
  assign(state.values[line.variable], texts[line.variable], result.value);
  return {};
}

bool keep_results(const Step& step, ScriptState& state, std::vector<std::string>& texts) {
  const std::int64_t rows = state.capture.rows;
  if (rows >= 0 && rows != 1) return false;
  for (const ResultColumn& column : step.results) {
    // Of a column that the result has not, the text is what it was.
    std::string& text = texts[column.variable];
    if (rows < 0) assign_null(text);
    ScriptValue& value = state.values[column.variable];
    if (!is_null(text)) {
      value = ScriptValue{Type::text, 0, 0};
    } else if (value.type != Type::unset || rows < 0) {
      value = ScriptValue::null();
    }
  }
  return true;
}

std::optional<Duration> script_sleep(const Step& step, const ScriptState& state,
                                     const std::vector<std::string>& texts) {
  const std::uint32_t variable = *step.time_variable;
  ScriptValue value = state.values[variable];
  if (value.type == Type::text) value = value_of_text(texts[variable]).value_or(ScriptValue{});
  double number = 0;
  if (value.type == Type::integer) {
    number = static_cast<double>(value.integer);
  } else if (value.type == Type::real) {
    number = value.real;
  } else {
    return std::nullopt;
  }
  const auto most = static_cast<double>(kLongestSleep / step.time_unit);
  if (!(number > 0)) return Duration{0};
  return static_cast<std::int64_t>(std::min(number, most)) * step.time_unit;
}

}  // namespace poolgauge
