// The lag is a constant: a standby that keeps up, so far behind.
#include "sim/backend_slots.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "base/text.h"

namespace poolgauge {
namespace {

bool writes_by_its_words(const Step& step) {
  constexpr std::array<std::string_view, 6> kWords = {"insert", "update", "delete",
                                                      "merge",  "copy",   "truncate"};
  std::string word;
  for (const char c : step.sql.source) {
    const char lower = static_cast<char>(c | 0x20);
    if (lower < 'a' || lower > 'z') {
      if (word.empty()) continue;
      break;
    }
    word += lower;
  }
  return step.kind == StepKind::sql &&
         std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::string server_setting(const Scenario& scenario, std::string_view wanted) {
  for (const auto& [name, value] : scenario.server_settings) {
    if (name == wanted) return value;
  }
  return "";
}

}  // namespace

ReplicaLag::ReplicaLag(const Scenario& scenario, Duration lag) : lag_(lag) {
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) writes_.push_back(writes_by_its_words(step));
  }
}

bool ReplicaLag::writes(std::uint32_t step_index) const {
  return step_index < writes_.size() && writes_[step_index];
}

void ReplicaLag::asked(TimePoint now) {
  ++asked_;
  if (last_write_ && now - *last_write_ < lag_) ++stale_;
}

std::string ReplicaLag::note() const {
  if (lag_ <= Duration{0} || asked_ == 0) return "";
  const std::string behind = fmt::format(
      "The standby is simulated with a lag of {} behind its primary", format_duration(lag_));
  if (stale_ == 0) return behind + ": no read on it came that soon after a write.";
  return fmt::format(
      "{}: {} of the statements on it ran within that time after a write was committed on the "
      "primary and saw stale data.",
      behind, percent(static_cast<double>(stale_) / static_cast<double>(asked_)));
}

Duration commit_wait(const Scenario& scenario, Duration lag) {
  const bool waits = server_setting(scenario, "synchronous_commit") == "remote_apply" &&
                     !server_setting(scenario, "synchronous_standby_names").empty();
  return waits ? lag : Duration{0};
}

}  // namespace poolgauge
