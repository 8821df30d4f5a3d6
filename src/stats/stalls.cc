// Finding stalls in the seconds of a window.
#include "stats/over_time.h"

#include <algorithm>
#include <optional>

namespace poolgauge {

namespace {

using std::chrono::seconds;

constexpr double kFewestExpected = 10;     // completions, of which none came: e^-10 by chance
constexpr std::size_t kFewestSeconds = 3;  // that show what is usual
constexpr Duration kShortestStall = std::chrono::milliseconds(100);

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

/// A stall that began in the warm-up: what ended there says what was due. Users in lockstep with
/// long requests look alike, but for their latencies.
bool expected_at_the_start(const Measurement& measured, Duration length) {
  constexpr int kTimesMedian = 10;
  const double warmup_s = to_s(measured.warmup);
  const auto ended = static_cast<double>(measured.ended_in_warmup);
  if (warmup_s <= 0 || ended < kFewestExpected) return false;
  if (ended / warmup_s * to_s(length) < kFewestExpected) return false;
  return measured.latency.empty() || length > kTimesMedian * measured.latency.quantile(0.5);
}

/// Without a completion, while requests had a connection or waited for one.
bool stands_still(const SecondSample& second) {
  return second.completed == 0 && second.checked_out + second.waiting > 0;
}

/// The gap that such a stall lies in; nullptr where gaps are not known.
const CompletionGap* gap_of(const Measurement& measured, const Stall& stall) {
  const Duration middle = stall.start + stall.length() / 2;
  for (const CompletionGap& gap : measured.gaps.longest) {
    if (gap.start <= middle && middle < gap.end) return &gap;
  }
  return nullptr;
}

/// In whole seconds.
std::vector<Stall> silent_seconds(const Measurement& measured, const UsualGaps& gaps) {
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
    const bool at_start = begin == 0 && expected_at_the_start(measured, stall.length());
    const bool surprising = at_start || usual.surprised_by(stall.length());
    const CompletionGap* const gap = gap_of(measured, stall);
    if (surprising && (gap == nullptr || gaps.extraordinary(*gap))) {
      stalls.push_back(stall);
    } else {
      for (std::size_t i = begin; i < end; ++i)
        usual.add(measured.series[i], measured.latency.max());
    }
    begin = end;
  }
  return stalls;
}

/// A window in which nothing was completed from its begin to its end, and nothing failed but by
/// waiting.
std::optional<Stall> all_of_it(const Measurement& measured) {
  const bool nothing = measured.requests.completed == 0 && measured.latency.empty();
  const bool waited = std::all_of(measured.failures.begin(), measured.failures.end(),
                                  [](const FailureCount& failure) {
                                    return failure.failure == FailureClass::deadline ||
                                           failure.failure == FailureClass::pool_timeout ||
                                           failure.failure == FailureClass::connect_timeout ||
                                           failure.failure == FailureClass::statement_timeout ||
                                           failure.failure == FailureClass::lock_timeout;
                                  });
  const bool still = std::all_of(measured.series.begin(), measured.series.end(), stands_still);
  if (!nothing || !waited || !still || measured.series.empty() || measured.window < seconds(1)) {
    return std::nullopt;
  }
  const SecondSample& last = measured.series.back();
  return Stall{Duration{0}, measured.window, last.checked_out + last.waiting, true};
}

/// Shorter ones, too, and those that lie across the seconds. Short ones count where together they
/// could decide a 95th percentile, and at the end, where nobody knows how long they would be.
std::vector<Stall> long_gaps(const Measurement& measured, const UsualGaps& usual) {
  constexpr int kTimesMedian = 2;
  constexpr double kShareOfWindow = 0.05;
  std::vector<Stall> stalls;
  Duration in_short_ones{0};
  const auto completed = static_cast<double>(measured.requests.completed);
  for (const CompletionGap& gap : measured.gaps.longest) {
    const Duration length = gap.length();
    if (length < kShortestStall || length < kTimesMedian * measured.latency.quantile(0.5)) continue;
    const double others_s = to_s(measured.window - length);
    const double expected = others_s > 0 ? completed / others_s * to_s(usual.effective(gap)) : 0;
    if (expected < kFewestExpected || !usual.extraordinary(gap)) continue;
    stalls.push_back({gap.end - length, gap.end, gap.in_flight, gap.end >= measured.window});
    if (length < seconds(1)) in_short_ones += length;
  }
  if (to_s(in_short_ones) < kShareOfWindow * to_s(measured.window)) {
    std::erase_if(stalls, [](const Stall& stall) {
      return stall.length() < seconds(1) && !stall.to_the_end;
    });
  }
  return stalls;
}

std::vector<Stall> joined(std::vector<Stall> times) {
  std::sort(times.begin(), times.end(),
            [](const Stall& a, const Stall& b) { return a.start < b.start; });
  std::vector<Stall> all;
  for (const Stall& time : times) {
    if (all.empty() || time.start > all.back().end) {
      all.push_back(time);
      continue;
    }
    Stall& last = all.back();
    last.end = std::max(last.end, time.end);
    last.in_flight = std::max(last.in_flight, time.in_flight);
    last.to_the_end = last.to_the_end || time.to_the_end;
  }
  return all;
}

}  // namespace

std::vector<Stall> stalls_of(const Measurement& measured) {
  const UsualGaps usual(measured.gaps, measured.latency);
  std::vector<Stall> stalls = silent_seconds(measured, usual);
  const std::vector<Stall> gaps = long_gaps(measured, usual);
  stalls.insert(stalls.end(), gaps.begin(), gaps.end());
  if (const std::optional<Stall> all = all_of_it(measured)) stalls.push_back(*all);
  return joined(std::move(stalls));
}

namespace {

/// Whether no whole second between them had a completion; true where that is not known.
bool without_completions(const std::vector<std::uint64_t>& completed, Duration start,
                         Duration end) {
  const auto first = static_cast<std::size_t>(
      std::max<std::int64_t>((start + seconds(1) - Duration(1)) / seconds(1), 0));
  const auto last = static_cast<std::size_t>(std::max<std::int64_t>(end / seconds(1), 0));
  for (std::size_t i = first; i < std::min(last, completed.size()); ++i) {
    if (completed[i] > 0) return false;
  }
  return true;
}

}  // namespace

std::vector<Stall> unserved(const std::vector<Stall>& stalls,
                            const std::vector<Standstill>& standstills,
                            const std::vector<Outage>& outages,
                            const std::vector<std::uint64_t>& completed, Duration window) {
  std::vector<Stall> times = stalls;
  for (const Standstill& one : standstills) {
    if (one.whose == "client" || one.whose == "replica") continue;
    times.push_back({one.start, one.end.value_or(window), 0, !one.end});
  }
  for (const Outage& one : outages) {
    const Duration end = one.end.value_or(window);
    if (one.target != "primary" || !without_completions(completed, one.start, end)) continue;
    times.push_back({one.start, end, 0, !one.end});
  }
  return joined(std::move(times));
}

std::vector<Stall> unserved(const Measurement& measured) {
  std::vector<std::uint64_t> completed;
  for (const SecondSample& second : measured.series) completed.push_back(second.completed);
  return unserved(stalls_of(measured), measured.standstills, measured.outages, completed,
                  measured.window);
}

Duration stalled(const std::vector<Stall>& stalls) {
  Duration sum{0};
  for (const Stall& stall : stalls) sum += stall.length();
  return sum;
}

std::vector<Stall> within(const std::vector<Stall>& stalls, Duration from, Duration to) {
  std::vector<Stall> inside;
  for (const Stall& stall : stalls) {
    if (stall.start < to && stall.end > from) inside.push_back(stall);
  }
  return inside;
}

double stalled_beyond(const std::vector<Stall>& stalls, Duration limit, Duration from,
                      Duration to) {
  Duration sum{0};
  for (const Stall& stall : stalls) {
    const Duration last = stall.to_the_end ? stall.end : stall.end - limit;
    sum += std::max(Duration{0}, std::min(last, to) - std::max(stall.start, from));
  }
  return to > from ? to_s(sum) / to_s(to - from) : 0;
}

bool ends_stalled(const std::vector<Stall>& stalls) {
  return std::any_of(stalls.begin(), stalls.end(),
                     [](const Stall& stall) { return stall.to_the_end; });
}

}  // namespace poolgauge
