// Joining gaps of several threads, and the tail of their lengths.
#include "stats/over_time.h"

#include <cmath>
#include <functional>

#include "math/samples.h"

namespace poolgauge {

namespace {

constexpr std::uint64_t kFewest = 20;    // completions
constexpr double kShare = 0.2;           // of them: the lower of the two quantiles
constexpr double kWithin = 0.1;          // of those: the higher
constexpr std::size_t kFewestAbove = 5;  // gaps longer than the higher quantile
constexpr double kSpread = 50;           // between the two: more are two kinds of gaps
constexpr double kLeastSlope = 0.3;
constexpr double kUnknownSlope = 0.6;
constexpr double kShortest_s = 1e-6;
constexpr double kByChance = 1e-3;  // times that chance may make one in the whole window

}  // namespace

void CompletionGaps::merge(const CompletionGaps& from) {
  CompletionGaps both;
  both.known = known && from.known;
  both.least = std::max(least, from.least);
  auto a = longest.cbegin();
  auto b = from.longest.cbegin();
  while (both.known && a != longest.cend() && b != from.longest.cend()) {
    const CompletionGap gap{std::max(a->start, b->start), std::min(a->end, b->end),
                            std::min(a->waiting, b->waiting), a->in_flight + b->in_flight};
    if (gap.end - gap.start > both.least) both.longest.push_back(gap);
    if (a->end < b->end) {
      ++a;
    } else {
      ++b;
    }
  }
  *this = std::move(both);
}

void CompletionGaps::keep_longest(std::size_t most) {
  if (longest.size() <= most) return;
  const auto whole = [](const CompletionGap& gap) { return gap.end - gap.start; };
  const auto first_out = longest.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(
      longest.begin(), first_out, longest.end(),
      [&whole](const CompletionGap& a, const CompletionGap& b) { return whole(a) > whole(b); });
  least = whole(*first_out);
  std::erase_if(longest, [&](const CompletionGap& gap) { return whole(gap) <= least; });
  std::sort(longest.begin(), longest.end(),
            [](const CompletionGap& a, const CompletionGap& b) { return a.start < b.start; });
}

UsualGaps::UsualGaps(const CompletionGaps& gaps, const Histogram& latency)
    : latency_(latency), least_s_(to_s(gaps.least)) {
  std::vector<std::uint32_t> levels;
  for (const CompletionGap& gap : gaps.longest) {
    if (gap.length() > Duration{0}) levels.push_back(gap.in_flight);
  }
  if (!levels.empty()) {
    const auto middle = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() / 2);
    std::nth_element(levels.begin(), middle, levels.end());
    usual_in_flight_ = *middle;
  }
  for (const CompletionGap& gap : gaps.longest) longest_s_.push_back(to_s(effective(gap)));
  std::sort(longest_s_.begin(), longest_s_.end(), std::greater<>());
}

Duration UsualGaps::effective(const CompletionGap& gap) const {
  const double share = usual_in_flight_ > 0 ? std::min(1.0, gap.in_flight / usual_in_flight_) : 1;
  return from_s(to_s(gap.length()) * share);
}

std::optional<double> UsualGaps::by_chance(const CompletionGap& gap) const {
  if (latency_.count() < kFewest) return std::nullopt;
  if (longest_s_.size() < 2 * kFewestAbove) {
    return least_s_ > 0 ? std::optional(by_threshold(gap)) : std::nullopt;
  }
  const double own_s = to_s(effective(gap));
  const auto own = static_cast<std::size_t>(
      std::lower_bound(longest_s_.begin(), longest_s_.end(), own_s, std::greater<>()) -
      longest_s_.begin());
  const auto at = [this, own](std::size_t rank) {  // among the others
    return std::max(longest_s_[rank < own ? rank : rank + 1], kShortest_s);
  };
  const std::size_t last = longest_s_.size() - 2;
  const auto all = static_cast<double>(latency_.count());
  std::size_t lower = std::min(static_cast<std::size_t>(all * kShare), last);
  const std::size_t upper =
      std::max(static_cast<std::size_t>(static_cast<double>(lower) * kWithin), kFewestAbove);
  lower = std::max(lower, std::min(2 * upper, last));
  while (lower > 2 * upper && at(lower) * kSpread < at(upper)) --lower;
  if (lower <= upper) return std::nullopt;
  const auto z_of = [all](std::size_t rank) {
    return math::normal_upper_quantile((static_cast<double>(rank) + 0.5) / all);
  };
  const double noise = 1 + 1 / std::sqrt(static_cast<double>(upper));
  const double slope =
      noise * std::max(kLeastSlope, std::log(at(upper) / at(lower)) / (z_of(upper) - z_of(lower)));
  const double z = z_of(upper) + std::log(std::max(own_s, kShortest_s) / at(upper)) / slope;
  return all * math::normal_upper_tail(z);
}

// The more threads there are, the fewer of their longest gaps coincide, and a stall may be the only
// one. But then all others are known to be shorter than what each thread kept.
double UsualGaps::by_threshold(const CompletionGap& gap) const {
  const auto all = static_cast<double>(latency_.count());
  const double rank = std::min((static_cast<double>(longest_s_.size()) + 0.5) / all, 0.5);
  const double own_s = std::max(to_s(effective(gap)), kShortest_s);
  const double z = math::normal_upper_quantile(rank) + std::log(own_s / least_s_) / kUnknownSlope;
  return all * math::normal_upper_tail(z);
}

// The logarithms of the latencies are taken for normal, too. Requests that take long are not slow
// together, unless there are few of them.
double UsualGaps::by_latencies(const CompletionGap& gap) const {
  constexpr std::uint32_t kMany = 5;
  constexpr double kHigh = 0.95;
  constexpr double kNoise = 1.2;
  const auto all = static_cast<double>(latency_.count());
  const double middle_s = std::max(to_s(latency_.quantile(0.5)), kShortest_s);
  const double high_s = std::max(to_s(latency_.quantile(kHigh)), kShortest_s);
  if (gap.in_flight < kMany) return all;
  const double z_high = math::normal_quantile(kHigh);
  const double slope = std::max(kLeastSlope, kNoise * std::log(high_s / middle_s) / z_high);
  const double length_s = std::max(to_s(effective(gap)), kShortest_s);
  return all * math::normal_upper_tail(z_high + std::log(length_s / high_s) / slope);
}

// Each of those under way lasts longer than the gap for a reason of its own: the share of time in
// which a request has that much before it, by the latencies of all but those that such gaps may
// have made slow: no longer than the longest gap and what a request takes otherwise.
double UsualGaps::by_slow_requests(const CompletionGap& gap) const {
  const double own_s = to_s(effective(gap));
  const auto as_long = static_cast<double>(
      std::upper_bound(longest_s_.begin(), longest_s_.end(), own_s, std::greater<>()) -
      longest_s_.begin());
  double delayed = as_long * gap.in_flight;
  const double length_s = to_s(gap.length());
  const double longest_s = longest_s_.empty() ? length_s : std::max(length_s, longest_s_.front());
  const double explained_s = longest_s + 2 * to_s(latency_.quantile(0.95));
  double beyond_s = 0;
  double sum_s = 0;
  const std::vector<Histogram::Bucket> buckets = latency_.buckets();
  for (auto bucket = buckets.rbegin(); bucket != buckets.rend(); ++bucket) {
    const double here = static_cast<double>(bucket->count);
    const double middle_s = (to_s(bucket->low) + to_s(bucket->high)) / 2;
    const double excused = middle_s <= explained_s ? std::min(here, delayed) : 0;
    const double counted = here - excused;
    delayed -= excused;
    sum_s += counted * middle_s;
    beyond_s += counted * std::max(0.0, middle_s - length_s);
  }
  if (sum_s <= 0) return 0;
  return static_cast<double>(latency_.count()) *
         std::pow(beyond_s / sum_s, std::max<double>(1, gap.in_flight));
}

bool UsualGaps::extraordinary(const CompletionGap& gap) const {
  constexpr int kTimesSlowest = 5;
  const std::optional<double> by_gaps = by_chance(gap);
  if (!by_gaps) return gap.length() > kTimesSlowest * latency_.max();
  if (by_slow_requests(gap) >= kByChance) return false;
  return *by_gaps < kByChance || by_latencies(gap) < kByChance;
}

}  // namespace poolgauge
