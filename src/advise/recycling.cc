// A connection that is replaced is away for a connect, and one checkout waits for that.
#include "advise/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace poolgauge {
namespace {

constexpr double kUsual = 1800;       // what guides and libraries set
constexpr double kLongest = 86'400;   // a server's settings change more often than that
constexpr double kMeasurable = 1e-3;  // of the pool's capacity
constexpr double kNoise = 0.01;       // of the time that checkouts take: runs differ by more
constexpr double kSeen = 0.01;        // of the checkouts: a p99 would show it
constexpr double kIdleMargin = 0.9;

/// Rounded down to a figure people would type.
double tidy_down(double s) {
  if (s >= 2) return std::floor(s + 1e-9);
  return std::max(0.001, std::floor(s * 1000 + 1e-9) / 1000);
}

/// Rounded up to whole minutes, or to seconds below ten minutes.
double tidy_up(double s) {
  const double step = s > 600 ? 60 : 1;
  return std::ceil(s / step - 1e-9) * step;
}

/// The part of the checkouts that open a connection because the one they got is too old.
std::optional<double> share_of_checkouts(const RecycleEvidence& seen, double age_s) {
  if (!seen.rate_per_s || *seen.rate_per_s <= 0) return std::nullopt;
  return std::min(1.0, seen.connections / age_s / *seen.rate_per_s);
}

/// The shortest age without a cost that a measurement would show; `connect_s` is known.
double cheapest(const RecycleEvidence& seen) {
  const double connect = *seen.connect_s;
  double age = connect / kMeasurable;
  const auto at_one_second = share_of_checkouts(seen, 1);
  if (!at_one_second) return age;
  const double per_second = seen.connections / *seen.rate_per_s;
  // A request that waits for a connect as long as for everything else shows up in the tail.
  const double hold = seen.hold_s.value_or(0);
  if (hold > 0) age = std::max(age, per_second * connect / (kNoise * hold));
  if (hold > 0 && connect > hold) age = std::max(age, per_second / kSeen);
  return age;
}

/// "a connect takes 5 ms, which is 0.0003 % of a connection, and 1 of 18,000 checkouts waits for
/// it"
std::string cost(const RecycleEvidence& seen, double age_s) {
  std::string words = fmt::format("connecting took {} on average, {} of a connection's lifetime",
                                  human_duration(from_s(*seen.connect_s)),
                                  percent(std::min(1.0, *seen.connect_s / age_s)));
  const auto share = share_of_checkouts(seen, age_s);
  if (!share || *share <= 0) return words;
  return words + fmt::format(", and 1 in {} checkouts waits for it",
                             with_thousands(static_cast<std::uint64_t>(std::round(1 / *share))));
}

std::string keep_below(const RecycleEvidence& seen) {
  return seen.idle_limit_s
             ? fmt::format("10 % below the shortest idle timeout on the network path ({})",
                           seconds_text(*seen.idle_limit_s))
             : "keep it below the idle timeout of proxies and firewalls, which cannot be detected "
               "from here";
}

Recycling below_the_idle_limit(const RecycleEvidence& seen, double wanted) {
  const double limit = tidy_down(kIdleMargin * *seen.idle_limit_s);
  Recycling answer{std::min(wanted, limit), ""};
  const bool dear = seen.connect_s && cheapest(seen) > answer.age_s;
  answer.why = fmt::format("{} {}: ", seen.option, seconds_text(answer.age_s));
  answer.why += answer.age_s < limit
                    ? fmt::format("below the shortest idle timeout on the network path ({})",
                                  seconds_text(*seen.idle_limit_s))
                    : keep_below(seen);
  if (dear) answer.why += "; this has a measurable cost: " + cost(seen, answer.age_s);
  return answer;
}

}  // namespace

Recycling recycling(const RecycleEvidence& seen) {
  const double set = std::min(seen.own_s.value_or(kUsual), kLongest);
  const double wanted =
      seen.connect_s ? std::min(kLongest, std::max(set, tidy_up(cheapest(seen)))) : set;
  if (seen.idle_limit_s) return below_the_idle_limit(seen, wanted);
  Recycling answer{wanted, fmt::format("{} {}: ", seen.option, seconds_text(wanted))};
  if (!seen.connect_s) {
    answer.why += fmt::format("{}; its cost is unknown because no connect was measured; {}",
                              seen.own_s ? "as configured" : "a common value", keep_below(seen));
  } else if (wanted > set) {
    answer.why += fmt::format("{} would have a measurable cost: {}; {}", seconds_text(set),
                              cost(seen, set), keep_below(seen));
  } else {
    answer.why +=
        fmt::format("has no measurable cost ({}); {}", cost(seen, wanted), keep_below(seen));
  }
  return answer;
}

}  // namespace poolgauge
