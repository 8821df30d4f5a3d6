// Throughput with n active connections, as a function of n.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace poolgauge::math {

/// Completions per second with n active; defined and above zero for n > 0. Fractional n arise
/// where n is a mean.
using RateCurve = std::function<double(double n)>;

/// n servers that do not disturb each other.
RateCurve independent_servers(double service_s);

/// Gunther's universal scalability law: gamma n / (1 + sigma (n-1) + kappa n (n-1)).
struct Usl {
  double gamma = 1;  ///< rate of one
  double sigma = 0;  ///< contention, in [0, 1)
  double kappa = 0;  ///< coherency, not negative

  double rate(double n) const;
  /// The n with the highest rate; nothing when the curve never falls (kappa 0).
  std::optional<double> peak() const;
  RateCurve curve() const;
};

struct UslFit {
  Usl usl;
  double rms_log_residual = 0;  ///< root mean square of ln(measured / fitted)
  /// Nothing was measured beyond the peak: kappa is only an upper bound.
  bool peak_beyond_data = false;
};

/// Least squares on ln X (relative errors count), Levenberg-Marquardt from many starts. Needs at
/// least three different n, all n and x above zero; otherwise nothing.
std::optional<UslFit> fit_usl(std::span<const double> n, std::span<const double> x);

/// A connection that is checked out alternates between the database (rate curve `database`, one
/// unit of work per transaction) and time in which only the application works, `delay_s` in all.
/// Completions per second with m checked out, for m = 1..most (Norton's theorem; exact for any
/// distribution of work and delay). Computed in logarithms.
std::vector<double> hold_rates(const RateCurve& database, double delay_s, std::size_t most);
/// The same as a curve for whole m up to `most`; straight between them.
RateCurve hold_curve(const RateCurve& database, double delay_s, std::size_t most);

}  // namespace poolgauge::math
