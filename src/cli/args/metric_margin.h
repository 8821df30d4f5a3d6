// The allowed change of --metric, after its `=`.
#pragma once

#include <string>

#include "gate/gate.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

/// Reads "10%", "1ms" (throughput: "5/s"), or both, as in "10%,1ms", into the rule's margin and
/// floor. What is not given stays as it is. Fails with what was expected and an example.
Status read_margin(const std::string& text, GateRule& rule);

}  // namespace poolgauge::cli
