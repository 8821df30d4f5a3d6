// The chain of (busy, open). Between an opening and a closing the number of open connections o
// stays; busy moves up and down within [o - pool_size, o], leaves upwards by opening (from busy =
// o) and downwards by closing (from busy = o - pool_size). In the long run as many openings lead
// from o to o + 1 as closings back; call that flow f(o). Within a level the net flow upwards is
// f(o) - f(o-1) across every cut, which gives f(o-1) from f(o), from the top level down; the top
// itself is Erlang's, because how many are busy does not depend on opening and closing.
#include "math/queues.h"

#include <algorithm>
#include <cmath>

namespace poolgauge::math {

namespace {

constexpr double kTinyLog = -400.0;  // ln of a probability too small to matter

/// ln P(exactly n in the system) of M/M/c for every n from 0 to c is a Poisson-like product; this
/// returns the highest level worth starting from, and its probability.
struct Top {
  std::uint64_t open = 0;
  double probability = 0;
};

Top top_level(const OverflowPool& pool, double erlangs) {
  const std::uint64_t total = pool.pool_size + pool.max_overflow;
  const double c = static_cast<double>(total);
  // P(0) by summing the weights a^n / n! and those of the waiting, scaled by the largest.
  const double at_mode = std::min(std::floor(erlangs), c);
  const auto log_weight = [erlangs, at_mode](double n) {
    return (n - at_mode) * std::log(erlangs) - std::lgamma(n + 1) + std::lgamma(at_mode + 1);
  };
  double sum = 0.0;
  for (std::uint64_t n = 0; n < total; ++n) sum += std::exp(log_weight(static_cast<double>(n)));
  sum += std::exp(log_weight(c)) * c / (c - erlangs);
  std::uint64_t open = total;
  while (open > pool.pool_size && log_weight(static_cast<double>(open)) < kTinyLog) --open;
  return {open, std::exp(log_weight(static_cast<double>(open))) / sum};
}

/// f(o - 1) from f(o), or from the probability of the top level's highest state.
double flow_below(std::uint64_t open, const OverflowPool& pool, double highest_state,
                  double flow_above) {
  double known = highest_state;  // the state's probability is known - unknown * f(o - 1)
  double unknown = 0.0;
  double scale = 1.0;
  const std::uint64_t lowest = open - pool.pool_size;
  for (std::uint64_t busy = open; busy > lowest; --busy) {
    const double leave = static_cast<double>(busy) / pool.hold_s;
    known = (leave * known + flow_above * scale) / pool.rate_per_s;
    unknown = (leave * unknown + scale) / pool.rate_per_s;
    if (known > 1e200 || unknown > 1e200) {
      known *= 1e-200;
      unknown *= 1e-200;
      scale *= 1e-200;
    }
  }
  const double leave = static_cast<double>(lowest) / pool.hold_s;
  return leave * known / (scale + leave * unknown);
}

}  // namespace

double opens_per_s(const OverflowPool& pool) {
  const double erlangs = pool.rate_per_s * pool.hold_s;
  const double total = static_cast<double>(pool.pool_size + pool.max_overflow);
  if (erlangs <= 0 || erlangs >= total || pool.max_overflow == 0) return 0.0;
  const Top top = top_level(pool, erlangs);
  double flow = 0.0;
  double sum = 0.0;
  double highest = top.probability;
  for (std::uint64_t open = top.open; open > pool.pool_size; --open) {
    flow = flow_below(open, pool, highest, flow);
    highest = flow / pool.rate_per_s;
    sum += flow;
  }
  return sum;
}

std::uint64_t pool_size_for_churn(double rate_per_s, double hold_s, std::uint64_t total,
                                  double share) {
  std::uint64_t low = 1;
  std::uint64_t high = std::max<std::uint64_t>(total, 1);
  while (low < high) {
    const std::uint64_t middle = (low + high) / 2;
    const double opens = opens_per_s({rate_per_s, hold_s, middle, total - middle});
    if (opens <= share * rate_per_s) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace poolgauge::math
