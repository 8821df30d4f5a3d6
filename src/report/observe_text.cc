// Rounded as people would round them.
#include "report/observe_words.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "advise/size_case.h"
#include "base/text.h"
#include "observe/observe.h"

namespace poolgauge {

std::string observe_duration(double seconds) {
  return human_duration(from_s(std::max(0.0, seconds)));
}

std::string observe_duration(const ObserveFigure& seconds) {
  if (!seconds.low) return observe_duration(seconds.value);
  const std::string low = observe_duration(*seconds.low), high = observe_duration(*seconds.high);
  if (low == high) return observe_duration(seconds.value);
  return fmt::format("{} (95 % CI {}–{})", observe_duration(seconds.value), low, high);
}

std::string observe_mean(double value) {
  constexpr double kWhole = 0.005;
  const double rounded = std::round(value);
  if (std::abs(value - rounded) < kWhole && (rounded != 0 || value == 0)) {
    return fmt::format("{:.0f}", rounded);
  }
  return significant(value, value < 1 ? 2 : 3);
}

std::string observe_mean(const ObserveFigure& figure) {
  const std::string mean = observe_mean(figure.value);
  if (!figure.low) return mean;
  const std::string low = observe_mean(*figure.low), high = observe_mean(*figure.high);
  return low == high ? mean : fmt::format("{} (95 % CI {}–{})", mean, low, high);
}

std::string observe_connections(std::int64_t count) {
  return counted(count, "connection");
}

std::string observe_size(const ObserveSize& size, std::int64_t processes) {
  std::string text = (size.lower_bound ? "at least " : "") + observe_connections(size.total);
  if (processes > 1) {
    text += fmt::format(" ({} in each of {} processes)", size.per_process, processes);
  }
  return text;
}

bool has_busiest_minute(const Observed& observed) {
  constexpr double kMinute_s = 60;
  return observed.seconds > kMinute_s;
}

std::string observe_size_reason(const ObservedGroup& group, const Observed& observed) {
  const SizeProfile& profile = profile_named(observed.question.profile);
  std::string text = observe_size(group.size, group.processes);
  text += fmt::format(
      ": with {} connections in use (one-sided 95 % upper bound of the {}{}), {} of requests would "
      "wait ({}); profile {} allows {}.",
      observe_mean(group.size.demand),
      has_busiest_minute(observed) ? "busiest minute" : "observed mean",
      profile.growth > 0 ? fmt::format(", plus {} growth", percent(profile.growth)) : "",
      percent(group.size.wait_probability), observe::waiting_formula(group, group.processes),
      profile.name, percent(profile.wait_goal));
  if (group.size_now && group.size_now->total < group.size.total) {
    text += fmt::format(" Without growth, {} would be enough.", group.size_now->total);
  }
  return text;
}

}  // namespace poolgauge
