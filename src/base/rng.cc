// xoshiro256++ and the draws built on it. Everything rests on integer arithmetic and on log, exp
// and sqrt, so that compilers and standard libraries agree.
#include "base/rng.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace poolgauge {

namespace {

// Steele, Lea and Flood's splitmix64: advances `state` and returns a well mixed word.
std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t stream) {
  // The stream is mixed before it meets the seed: (1, 0) and (0, 1) must not be neighbours.
  std::uint64_t mixed_stream = stream;
  std::uint64_t state = seed;
  if (stream != 0) state ^= splitmix64(mixed_stream);
  for (std::uint64_t& word : state_) word = splitmix64(state);
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::int64_t Rng::uniform_int(std::int64_t low, std::int64_t high) {
  POOLGAUGE_CHECK(low <= high, "uniform_int needs low <= high");
  // Unsigned throughout: the width of the full range of int64 wraps to 0.
  const std::uint64_t width =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  std::uint64_t value = next();
  if (width != 0) {
    // Values below 2^64 mod width would make the first residues too likely.
    const std::uint64_t unfair = (0 - width) % width;
    while (value < unfair) value = next();
    value %= width;
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + value);
}

double Rng::exponential() {
  return -std::log(1.0 - uniform());  // 1 - u is in (0, 1]: the logarithm is finite
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0.0;
  double v = 0.0;
  double s = 0.0;
  do {
    u = 2.0 * uniform() - 1.0;
    v = 2.0 * uniform() - 1.0;
    s = u * u + v * v;
  } while (s >= 1.0 || s == 0.0);
  const double scale = std::sqrt(-2.0 * std::log(s) / s);
  spare_ = v * scale;
  has_spare_ = true;
  return u * scale;
}

namespace {

// (exp(x) - 1) / x and log(1 + x) / x, accurate near 0 (Kahan's quotients, in which the rounding
// errors of numerator and denominator cancel): exponents near 1 pass through here.
double expm1_over_x(double x) {
  const double e = std::exp(x);
  if (e == 1.0) return 1.0;
  return (e - 1.0) / (std::abs(x) > 1.0 ? x : std::log(e));
}
double log1p_over_x(double x) {
  const double u = 1.0 + x;
  return u == 1.0 ? 1.0 : std::log(u) / (u - 1.0);
}

}  // namespace

// h is the integral of x^-s with h(1) = 0: (x^(1-s) - 1) / (1 - s), and ln x for s = 1.
double Zipf::h(double x) const {
  const double log_x = std::log(x);
  return expm1_over_x((1.0 - s_) * log_x) * log_x;
}

double Zipf::h_inverse(double x) const {
  double t = x * (1.0 - s_);
  if (t < -1.0) t = -1.0;  // rounding may step over the edge of the range
  return std::exp(log1p_over_x(t) * x);
}

Zipf::Zipf(std::int64_t n, double s) : n_(n), s_(s), h_x1_(0), h_n_(0), threshold_(0) {
  POOLGAUGE_CHECK(n >= 1, "Zipf needs at least one rank");
  POOLGAUGE_CHECK(s > 0.0, "Zipf needs an exponent above 0");
  h_x1_ = h(1.5) - 1.0;  // the bar of rank 1 is moved left until its area is exactly 1
  h_n_ = h(static_cast<double>(n) + 0.5);
  threshold_ = 2.0 - h_inverse(h(2.5) - std::exp(-s * std::log(2.0)));
}

std::int64_t Zipf::draw(Rng& rng) const {
  for (;;) {
    const double u = h_n_ + rng.uniform() * (h_x1_ - h_n_);
    const double x = h_inverse(u);
    // Rounding may carry x out of the range, even to infinity where s is large.
    const bool inside = x + 0.5 < static_cast<double>(n_);
    const std::int64_t k =
        inside ? std::max(std::int64_t{1}, static_cast<std::int64_t>(x + 0.5)) : n_;
    const auto rank = static_cast<double>(k);
    if (rank - x <= threshold_) return k;  // under the bar for certain: no power needed
    if (u >= h(rank + 0.5) - std::exp(-s_ * std::log(rank))) return k;
  }
}

std::int64_t draw_gaussian(std::int64_t low, std::int64_t high, double parameter, Rng& rng) {
  double deviate = rng.normal();
  while (deviate < -parameter || deviate >= parameter) deviate = rng.normal();
  const double position = (deviate + parameter) / (parameter * 2.0);
  const double span = static_cast<double>(high) - static_cast<double>(low) + 1.0;
  return std::min(high, low + static_cast<std::int64_t>(span * position));
}

std::int64_t draw_exponential(std::int64_t low, std::int64_t high, double parameter, Rng& rng) {
  const double cut = std::exp(-parameter);
  const double uniform = 1.0 - rng.uniform();  // in (0, 1]
  const double position = -std::log(cut + (1.0 - cut) * uniform) / parameter;
  const double span = static_cast<double>(high) - static_cast<double>(low) + 1.0;
  return std::min(high, low + static_cast<std::int64_t>(span * position));
}

}  // namespace poolgauge
