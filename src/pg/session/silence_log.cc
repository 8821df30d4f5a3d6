// Gaps between answers, and what the witnesses make of them.
#include "pg/session/silence_log.h"

#include <algorithm>
#include <utility>

namespace poolgauge {

namespace {

// Between a question that was given up and the next one nobody waits.
constexpr Duration kBriefly = std::chrono::milliseconds(200);
// A look that took less was answered at once.
constexpr Duration kPrompt = std::chrono::milliseconds(500);
constexpr std::size_t kMostGaps = 1000;

enum class Testimony { silent, answered, none };

Testimony testimony(const std::vector<Look>& looks, TimePoint start, TimePoint end) {
  Testimony found = Testimony::none;
  for (const Look& look : looks) {
    const TimePoint from = std::max(look.asked, start);
    const TimePoint to = std::min(look.answered, end);
    if (to > from && to - from >= (end - start) / 2) return Testimony::silent;
    const bool inside = look.asked > start && look.answered < end;
    if (inside && look.answered - look.asked < kPrompt) found = Testimony::answered;
  }
  return found;
}

/// Whose silence it was; nothing: nobody's.
std::optional<Standstill> judged(TimePoint start, TimePoint end, const Witnesses& witnesses) {
  Standstill seen;
  if (testimony(witnesses.pooler, start, end) == Testimony::silent) {
    seen.whose = "pooler";
    return seen;
  }
  seen.whose = witnesses.server_name;
  switch (testimony(witnesses.server, start, end)) {
    case Testimony::silent: return seen;
    case Testimony::answered: return std::nullopt;
    case Testimony::none: break;
  }
  constexpr int kUnusual = 10;
  seen.confirmed = false;
  if (end - start < kUnusual * witnesses.usual_statement) return std::nullopt;
  return seen;
}

using Stretch = std::pair<TimePoint, TimePoint>;

/// What is left of it beside the client's own standstills; the longest piece.
Stretch without(Stretch whole, const std::vector<Standstill>& client, TimePoint begin,
                TimePoint window_end) {
  for (const Standstill& own : client) {
    if (own.whose != "client") continue;
    const TimePoint from = begin + own.start;
    const TimePoint to = own.end ? begin + *own.end : window_end;
    if (to <= whole.first || from >= whole.second) continue;
    if (from - whole.first > whole.second - to) {
      whole.second = from;
    } else {
      whole.first = std::min(to, whole.second);
    }
  }
  return whole;
}

}  // namespace

void SilenceLog::asked(TimePoint now) {
  const bool anew = under_way_ == 0 && idle_since_ != kNever && now - idle_since_ > kBriefly;
  if (since_ == kNever || anew) since_ = now;
  ++under_way_;
}

void SilenceLog::heard(TimePoint now) {
  if (now - answered_ >= kLeastSilence) note(ended_, now);
  answered_ = now;
  since_ = under_way_ > 0 ? now : kNever;
  idle_since_ = kNever;
}

void SilenceLog::answered(TimePoint now) {
  heard(now);
  if (under_way_ > 0) --under_way_;
  if (under_way_ == 0) since_ = kNever;
}

void SilenceLog::gave_up(TimePoint now) {
  if (under_way_ > 0) --under_way_;
  if (under_way_ == 0) idle_since_ = now;
}

void SilenceLog::note(std::vector<Gap>& gaps, TimePoint now) const {
  const bool waits = under_way_ > 0 || (idle_since_ != kNever && now - idle_since_ < kLeastSilence);
  if (gaps.size() < kMostGaps) gaps.push_back({answered_, now, waits ? since_ : kNever});
}

std::vector<Gap> SilenceLog::gaps(TimePoint now) const {
  std::vector<Gap> all = ended_;
  if (now - answered_ >= kLeastSilence) note(all, now);
  return all;
}

std::vector<Gap> common_gaps(const std::vector<Gap>& a, const std::vector<Gap>& b) {
  std::vector<Gap> common;
  for (const Gap& one : a) {
    for (const Gap& other : b) {
      const Gap both{std::max(one.start, other.start), std::min(one.end, other.end),
                     std::min(one.waiting, other.waiting)};
      if (both.end > both.start && both.end - both.start >= kLeastSilence) common.push_back(both);
    }
  }
  return common;
}

std::vector<Standstill> silences_of(const std::vector<Gap>& gaps, const Witnesses& witnesses,
                                    const std::vector<Standstill>& client, TimePoint begin,
                                    Duration window) {
  std::vector<Standstill> found;
  const TimePoint end = begin + window;
  for (const Gap& gap : gaps) {
    if (gap.waiting == kNever) continue;
    const Stretch whole{std::max({gap.start, gap.waiting, begin}), std::min(gap.end, end)};
    const Stretch left = without(whole, client, begin, end);
    if (left.second < left.first + kLeastSilence) continue;
    std::optional<Standstill> seen = judged(left.first, left.second, witnesses);
    if (!seen) continue;
    seen->start = left.first - begin;
    if (left.second < end) seen->end = left.second - begin;
    found.push_back(std::move(*seen));
  }
  return found;
}

}  // namespace poolgauge
