// Seeded randomness with our own distributions, so that every compiler and library draws the same.
#pragma once

#include <cstdint>

#include "poolgauge/time.h"

namespace poolgauge {

/// xoshiro256++ (Blackman and Vigna), seeded through splitmix64.
class Rng {
 public:
  /// One generator per purpose: the same (seed, stream) gives the same draws forever.
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint64_t next();
  /// In [0, 1), 53 random bits.
  double uniform();
  /// In [low, high], both included, without modulo bias; low <= high.
  std::int64_t uniform_int(std::int64_t low, std::int64_t high);
  /// Mean 1.
  double exponential();
  /// Mean 0, standard deviation 1 (polar method, one value kept).
  double normal();

 private:
  std::uint64_t state_[4];
  double spare_ = 0.0;
  bool has_spare_ = false;
};

/// Zipf-distributed ranks 1..n with exponent s > 0 (rejection-inversion, Hörmann and Derflinger
/// 1996): constant time, no table.
class Zipf {
 public:
  Zipf(std::int64_t n, double s);
  std::int64_t draw(Rng& rng) const;

 private:
  double h(double x) const;
  double h_inverse(double x) const;
  std::int64_t n_;
  double s_;
  double h_x1_;
  double h_n_;
  double threshold_;
};

/// pgbench's random_gaussian: in [low, high], parameter >= 2.
std::int64_t draw_gaussian(std::int64_t low, std::int64_t high, double parameter, Rng& rng);
/// pgbench's random_exponential: in [low, high], parameter > 0, low values most frequent.
std::int64_t draw_exponential(std::int64_t low, std::int64_t high, double parameter, Rng& rng);

}  // namespace poolgauge
