// Keeping the longest gaps of a stream of completions.
#include "engine/logs.h"

#include <algorithm>

namespace poolgauge {

namespace {

constexpr std::size_t kKept = 1000;
// From a failure to the next request nobody waits, but for the same thing.
constexpr Duration kBriefly = std::chrono::milliseconds(200);

}  // namespace

void GapLog::began(TimePoint now) {
  if (++under_way_ > 1) return;
  const bool anew = since_ == kNever || now - idle_since_ > kBriefly;
  if (anew) since_ = now;
  idle_since_ = kNever;
}

void GapLog::ended(TimePoint now) {
  if (under_way_ > 0 && --under_way_ == 0) idle_since_ = now;
}

void GapLog::completed(TimePoint now) {
  if (now > begin_) note(now);
  completed_ = now;
  if (under_way_ > 0) --under_way_;
  since_ = under_way_ > 0 ? now : kNever;
  idle_since_ = kNever;
}

// What came meanwhile may have been told before or after this.
void GapLog::stood_still(TimePoint now, Duration time) {
  if (own_pauses_.size() < kKept) own_pauses_.emplace_back(now - time, now);
}

void GapLog::leave_out(TimePoint from, TimePoint to) {
  for (CompletionGap& gap : gaps_.longest) {
    const Duration start = std::max(gap.start, gap.waiting);
    const Duration both = std::min(gap.end, to - begin_) - std::max(start, from - begin_);
    if (both > Duration{0}) gap.start = std::min(gap.end, start + both);
  }
}

TimePoint GapLog::waiting(TimePoint now) const {
  const bool idle = under_way_ == 0 && (idle_since_ == kNever || now - idle_since_ > kBriefly);
  return idle ? kNever : since_;
}

// Before the first completion nobody knows what is usual: that is no gap.
void GapLog::note(TimePoint now) {
  if (completed_ == kNever) return;
  const TimePoint start = std::max(completed_, begin_);
  if (now - start <= gaps_.least) return;
  const TimePoint since = waiting(now);
  const Duration never = now - begin_ + Duration{1};
  gaps_.longest.push_back(
      {start - begin_, now - begin_, since == kNever ? never : since - begin_, under_way_});
  if (gaps_.longest.size() >= 2 * kKept) gaps_.keep_longest(kKept);
}

CompletionGaps GapLog::take(TimePoint end) {
  if (end > begin_) note(end);
  gaps_.known = true;
  for (const auto& [from, to] : own_pauses_) leave_out(from, to);
  std::sort(gaps_.longest.begin(), gaps_.longest.end(),
            [](const CompletionGap& a, const CompletionGap& b) { return a.start < b.start; });
  return std::move(gaps_);
}

}  // namespace poolgauge
