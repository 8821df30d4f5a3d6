// Arithmetic of ramps.
#include "engine/stages.h"

#include <algorithm>
#include <cmath>

namespace poolgauge {

namespace {

/// 0.1/s for 10 s are one request, whatever the sum of the roundings says.
double snapped(double count) {
  constexpr double kSlack = 1e-9;
  const double whole = std::round(count);
  return std::abs(count - whole) <= kSlack * std::max(1.0, whole) ? whole : count;
}

/// The part of a stage, from its begin, in which the level is at least `wanted`.
struct Section {
  double from = 1, until = 0;  // fractions of the stage; none when from >= until
};

Section part_at_least(double wanted, double first, double last) {
  if (first >= wanted && last >= wanted) return {0, 1};
  if (first < wanted && last < wanted) return {};
  const double crossing = (wanted - first) / (last - first);
  return first < last ? Section{crossing, 1} : Section{0, crossing};
}

Duration fraction_of(Duration length, double fraction) {
  return from_s(to_s(length) * fraction);
}

}  // namespace

StagedRate::StagedRate(const std::vector<Stage>& stages, double share) {
  double level = 0;
  double begin_s = 0;
  double count = 0;
  const auto add = [&](double length_s, double from, double to) {
    const double after = snapped(count + (from + to) / 2 * length_s);
    pieces_.push_back({begin_s, length_s, from, to, count, after});
    begin_s += length_s;
    count = after;
  };
  Duration end{0};
  for (const Stage& stage : stages) {
    const double to = stage.level * share;
    end += stage.length;
    add(to_s(stage.length), stage.ramp ? level : to, to);
    begin_s = to_s(end);  // sums of fractions would drift
    level = to;
  }
  add(to_s(kNotInThisLife - end), level, level);
}

Duration StagedRate::time_of(double count) {
  while (at_ < pieces_.size() && pieces_[at_].count_after <= count) ++at_;
  if (at_ == pieces_.size()) return kNotInThisLife;
  const Piece& piece = pieces_[at_];
  return from_s(piece.begin_s + within(piece, count));
}

// from t + (to - from) t^2 / (2 length) = count - count_before, for t; in the form that also holds
// where the ramp is flat.
double StagedRate::within(const Piece& piece, double count) {
  const double missing = count - piece.count_before;
  if (missing <= 0) return 0;
  const double slope = (piece.to_per_s - piece.from_per_s) / piece.length_s;
  const double rate =
      std::sqrt(std::max(0.0, piece.from_per_s * piece.from_per_s + 2 * slope * missing));
  return std::min(piece.length_s, 2 * missing / (piece.from_per_s + rate));
}

std::optional<Presence> next_presence(const std::vector<Stage>& stages, std::uint32_t user,
                                      Duration after) {
  const double wanted = static_cast<double>(user) + 1;
  std::optional<Presence> stay;
  Duration begin{0};
  double level = 0;
  for (const Stage& stage : stages) {
    const double first = stage.ramp ? level : stage.level;
    const Section part = part_at_least(wanted, first, stage.level);
    const bool present = part.from < part.until;
    const bool from_the_begin = present && part.from <= 0;
    if (stay && !from_the_begin) {
      stay->until = begin;
      if (stay->until > after) break;
      stay.reset();
    }
    const Duration end = begin + stage.length;
    if (present && !stay) stay = Presence{begin + fraction_of(stage.length, part.from), end};
    if (present && part.until < 1) {
      stay->until = begin + fraction_of(stage.length, part.until);
      if (stay->until > after) break;
      stay.reset();
    }
    begin = end;
    level = stage.level;
  }
  const bool stays = begin >= total_length(stages) && level >= wanted;
  if (stays && !stay) stay = Presence{begin, begin};
  if (stays) stay->until = kNotInThisLife;
  if (stay && stay->until <= after) stay.reset();
  if (stay) stay->from = std::max(stay->from, after);
  return stay;
}

}  // namespace poolgauge
