// Finding stalls in the seconds of a window.
#include "stats/stalls.h"

#include <algorithm>

namespace poolgauge {

namespace {

using std::chrono::seconds;

constexpr double kFewestExpected = 10;     // completions, of which none came: e^-10 by chance
constexpr std::size_t kFewestSeconds = 3;  // that show what is usual

/// What was seen before, stalls apart.
struct Usual {
  std::vector<double> counts;
  Duration longest{0};
  bool any_without = false;

  /// `at_most`: of any latency, for a second whose own are not kept (a merged report's).
  void add(const SecondSample& second, Duration at_most) {
    counts.push_back(static_cast<double>(second.completed));
    any_without = any_without || second.completed == 0;
    const bool kept = second.completed == second.latency.count();
    longest = std::max(longest, kept ? second.latency.max() : at_most);
  }
  double mean() const {
    double sum = 0;
    for (const double count : counts) sum += count;
    return counts.empty() ? 0 : sum / static_cast<double>(counts.size());
  }
  /// Variance over mean, 1 at least: more where completions come in bunches.
  double bunching() const {
    const double average = mean();
    double squares = 0;
    for (const double count : counts) squares += (count - average) * (count - average);
    const bool known = counts.size() >= 2 && average > 0;
    return known ? std::max(1.0, squares / static_cast<double>(counts.size() - 1) / average) : 1;
  }
  bool surprised_by(Duration length) const {
    const double expected = mean() * to_s(length);
    const bool steady =
        counts.size() >= kFewestSeconds && !any_without && expected >= kFewestExpected * bunching();
    return steady || (expected >= kFewestExpected && length > longest);
  }
};

/// Without a completion, while requests had a connection or waited for one.
bool stands_still(const SecondSample& second) {
  return second.completed == 0 && second.checked_out + second.waiting > 0;
}

}  // namespace

std::vector<Stall> stalls_of(const Measurement& measured) {
  std::vector<Stall> stalls;
  const auto whole =
      static_cast<std::size_t>(std::max<std::int64_t>(measured.window / seconds(1), 0));
  const std::size_t count = std::min(whole, measured.series.size());
  Usual usual;
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin;
    while (end < count && stands_still(measured.series[end])) ++end;
    if (end == begin) {
      usual.add(measured.series[begin++], measured.latency.max());
      continue;
    }
    const bool later = end < measured.series.size() && measured.series[end].completed > 0;
    Stall stall{seconds(begin), seconds(end), 0, end == count && !later};
    const SecondSample& last = measured.series[end - 1];
    stall.in_flight = last.checked_out + last.waiting;
    if (usual.surprised_by(stall.length())) {
      stalls.push_back(stall);
    } else {
      for (std::size_t i = begin; i < end; ++i)
        usual.add(measured.series[i], measured.latency.max());
    }
    begin = end;
  }
  return stalls;
}

Duration stalled(const std::vector<Stall>& stalls) {
  Duration sum{0};
  for (const Stall& stall : stalls) sum += stall.length();
  return sum;
}

double stalled_beyond(const std::vector<Stall>& stalls, Duration limit, Duration window) {
  Duration sum{0};
  for (const Stall& stall : stalls) sum += std::max(stall.length() - limit, Duration{0});
  return window > Duration{0} ? to_s(sum) / to_s(window) : 0;
}

}  // namespace poolgauge
