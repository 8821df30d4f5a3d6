// A goal's text, taken apart.
#pragma once

#include <string>
#include <string_view>

namespace poolgauge {

/// What a goal is about, without its limit: "p95(latency) < 300ms for request browse" becomes
/// "p95(latency) for request browse". A text without a limit comes back as it is.
std::string goal_subject(std::string_view goal);

}  // namespace poolgauge
