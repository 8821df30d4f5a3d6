// A small valid scenario and helpers to spoil it, for the tests of the scenario reader.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <variant>
#include <vector>

#include "poolgauge/scenario.h"

namespace scenario_test {

using namespace poolgauge;

/// Valid; every test changes one thing in it.
inline const std::string kValid = R"({
  "version": 1,
  "name": "small",
  "variables": { "id": { "uniform": [1, 10] } },
  "requests": [
    { "name": "chat", "transaction": true, "steps": [
      { "name": "read", "sql": "SELECT :id" },
      { "name": "model", "hold": "10ms" } ] }
  ],
  "load": { "users": 5, "think": "1s" },
  "duration": "20s",
  "deployment": { "pool": { "kind": "sqlalchemy", "pool_size": 2 } },
  "slo": [ "p95(latency) < 1s" ]
}
)";

/// kValid with one part replaced by another.
inline std::string with(const std::string& part, const std::string& other,
                        std::string text = kValid) {
  const std::size_t at = text.find(part);
  if (at == std::string::npos) FAIL("the valid scenario has no " << part);
  return text.replace(at, part.size(), other);
}

inline Scenario good(const std::string& text, const std::vector<Override>& overrides = {},
                     const std::string& file = "s.json") {
  ScenarioResult result = parse_scenario(text, file, overrides);
  if (const auto* bad = std::get_if<std::vector<Diagnostic>>(&result)) FAIL(to_text(*bad));
  return std::get<Scenario>(std::move(result));
}

inline std::vector<Diagnostic> mistakes(const std::string& text,
                                        const std::vector<Override>& overrides = {},
                                        const std::string& file = "s.json") {
  ScenarioResult result = parse_scenario(text, file, overrides);
  if (std::holds_alternative<Scenario>(result)) FAIL("accepted: " << text);
  return std::get<std::vector<Diagnostic>>(std::move(result));
}

/// All mistakes as a person reads them.
inline std::string complaint(const std::string& text, const std::vector<Override>& overrides = {},
                             const std::string& file = "s.json") {
  return to_text(mistakes(text, overrides, file));
}

}  // namespace scenario_test
