// Guards as people write them: "others_active<=4".
#pragma once

#include <string>
#include <string_view>

#include "poolgauge/guard.h"
#include "poolgauge/result.h"

namespace poolgauge::guard {

/// The name that expressions and reports use: "others_active".
std::string_view name_of(Gauge gauge);
/// Whether the gauge counts seconds.
bool is_time(Gauge gauge);

/// GAUGE OP NUMBER, where OP is <, <=, > or >=, and a number of seconds may have a unit ("500ms").
/// The error (kind usage) begins with `flag`, shows the place, and lists the gauges.
Result<GuardRule> parse_guard(std::string_view text, GuardAction action, const std::string& flag);

/// A value with the gauge's unit: "7", "2.3 s", "1.8×".
std::string value_text(Gauge gauge, double value);
/// "others_active was 7".
std::string seen_text(Gauge gauge, double value);

}  // namespace poolgauge::guard
